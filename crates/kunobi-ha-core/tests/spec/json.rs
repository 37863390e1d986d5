//! A judged step as a line of JSON.

use std::fmt::Write;

use super::{
    rows::Row,
    state::{Slot, State},
    table::{Shown, Take},
};

pub(crate) fn line(before: &State, take: Take, row: &Row) -> String {
    let guard = row.broken().is_none();
    let after = if guard { state(&row.after) } else { "null".into() };
    format!(
        r#"{{"row": "{}", "params": {{{}}}, "before": {}, "guard": {guard}, "after": {after}}}"#,
        row.name,
        params(take),
        state(before),
    )
}

fn state(s: &State) -> String {
    let fields = [
        ("L", s.lease),
        ("D", s.deadline),
        ("R", s.retry),
        ("G", s.grace_length),
        ("now", s.now),
        ("mode", s.mode),
        ("until", s.until),
        ("term", s.term),
        ("grace", s.grace),
        ("known", s.known),
        ("ver", s.ver),
        ("rec", s.rec),
        ("owner", s.owner),
        ("since", s.since),
        ("wait", s.wait),
        ("seen", s.seen),
        ("uid", s.uid),
        ("term_since", s.term_since),
        ("dead", s.dead),
        ("doubt", s.doubt),
        ("lost", s.lost),
        ("lost_in", s.lost_in),
    ];
    let slots: Vec<_> = s.slots.iter().map(slot).collect();
    format!(r#"{{{}, "slots": [{}]}}"#, numbers(&fields), slots.join(", "))
}

fn slot(slot: &Slot) -> String {
    let fields = [
        ("state", slot.state),
        ("kind", slot.kind),
        ("base", slot.base),
        ("sent", slot.sent),
        ("term", slot.term),
        ("rec", slot.rec),
    ];
    format!("{{{}}}", numbers(&fields))
}

fn params(take: Take) -> String {
    match take {
        Take::Pass { t } | Take::ClockBack { t } => numbers(&[("t", t)]),
        Take::Show(Shown { v, r, owner, seen, uid, w, after }) => {
            let term = [("owner", owner), ("seen", seen), ("uid", uid)];
            let shown = numbers(&[&[("v", v), ("rec", r), ("wait", w)], &term[..]].concat());
            format!(r#"{shown}, "after": {after}"#)
        }
        Take::ShowAbsent { w, after } => format!(r#""wait": {w}, "after": {after}"#),
        Take::ToldDead { t } => numbers(&[("term", t)]),
        Take::Takeover { k, t, r } | Take::Retake { k, t, r } | Take::Create { k, t, r } => {
            numbers(&[("k", place(k)), ("term", t), ("rec", r)])
        }
        Take::Outlive { k, t, r, own_name } => {
            let bid = numbers(&[("k", place(k)), ("term", t), ("rec", r)]);
            format!(r#"{bid}, "own_name": {own_name}"#)
        }
        Take::Renew { k, r } | Take::ReCreate { k, r } | Take::Release { k, r } => {
            numbers(&[("k", place(k)), ("rec", r)])
        }
        Take::Won { k, v, uid, graced } => {
            let answer = numbers(&[("k", place(k)), ("v", v), ("uid", uid)]);
            format!(r#"{answer}, "graced": {graced}"#)
        }
        Take::Renewed { k, v, uid } | Take::WonToBeReleased { k, v, uid } => {
            numbers(&[("k", place(k)), ("v", v), ("uid", uid)])
        }
        Take::End { to } => numbers(&[("to", to)]),
        Take::GiveUp { k, to } => numbers(&[("k", place(k)), ("to", to)]),
        Take::Acquire
        | Take::Lapse
        | Take::StepDown
        | Take::Withdraw
        | Take::Finish
        | Take::Fail
        | Take::Forget
        | Take::GraceBegins => String::new(),
    }
}

fn numbers(fields: &[(&str, i64)]) -> String {
    let mut text = String::new();
    for (place, (name, value)) in fields.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        write!(text, r#"{comma}"{name}": {value}"#).unwrap();
    }
    text
}

fn place(k: usize) -> i64 {
    i64::try_from(k).unwrap()
}
