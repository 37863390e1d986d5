//! Leases with odd fields in their spec, apart from times.

use serde_json::{Value, json};

use super::{
    Candidate, ENDS, Fact, Leader, NOT_TRIED, Row, TAKES, TYPED, WAITS, bytes, raw, remove, set,
};

const CHECKED: Fact = Fact::Refused("numbers_are_checked");
const LARGEST: Fact = Fact::Stored("numbers_are_checked");
const ODD: Fact = Fact::Stored("odd_specs_are_accepted");
const HOLDS: Fact = Fact::Stored("any_text_can_hold_a_lease");

/// Durations and transitions.
pub(super) fn numbers() -> Vec<Row> {
    let lasts = |name, fact, after, body| {
        let candidate = Candidate::Leads { after, transitions: 8 };
        Row { name, fact, body, candidate, leader: Leader::Keeps }
    };
    // A leader knows its term by its transitions. Those of a first term are 0, as what can't be read is.
    let zero = |name, fact, body| {
        let candidate = Candidate::Leads { after: 20, transitions: 1 };
        Row { name, fact, body, candidate, leader: Leader::Keeps }
    };
    let max = |name, fact, body| {
        let candidate = Candidate::Leads { after: 20, transitions: i64::from(i32::MAX) };
        Row { name, fact, body, candidate, leader: ENDS }
    };
    vec![
        lasts("no duration", ODD, OURS, |lease| remove(lease, "spec", DURATION)),
        lasts("duration null", NOT_TRIED, OURS, |lease| set(lease, "spec", DURATION, Value::Null)),
        lasts("duration 0", CHECKED, OURS, |lease| duration(lease, "0")),
        lasts("duration −1", CHECKED, OURS, |lease| duration(lease, "-1")),
        lasts("the smallest duration", TYPED, OURS, |lease| duration(lease, "-2147483648")),
        lasts("the smallest number", NOT_TRIED, OURS, |lease| {
            duration(lease, "-9223372036854775808")
        }),
        lasts("a duration shorter than ours", NOT_TRIED, OURS, |lease| duration(lease, "1")),
        lasts("a duration of an hour", NOT_TRIED, HOUR, |lease| duration(lease, "3600")),
        lasts("the largest duration", LARGEST, HOUR, |lease| duration(lease, "2147483647")),
        lasts("a duration of 2^31", CHECKED, HOUR, |lease| duration(lease, "2147483648")),
        lasts("a duration of 2^63 − 1", NOT_TRIED, HOUR, |lease| {
            duration(lease, "9223372036854775807")
        }),
        lasts("a duration of 2^63", NOT_TRIED, OURS, |lease| {
            duration(lease, "9223372036854775808")
        }),
        lasts("a duration as a text", TYPED, OURS, |lease| duration(lease, "\"3600\"")),
        lasts("a duration with a fraction", TYPED, OURS, |lease| duration(lease, "3600.0")),
        lasts("a duration with an exponent", TYPED, OURS, |lease| duration(lease, "1e3")),
        lasts("a duration that is true", TYPED, OURS, |lease| duration(lease, "true")),
        zero("no transitions", ODD, |lease| remove(lease, "spec", TRANSITIONS)),
        zero("transitions −5", TYPED, |lease| transitions(lease, "-5")),
        max("the most transitions", LARGEST, |lease| transitions(lease, "2147483647")),
        max("too many transitions", TYPED, |lease| transitions(lease, "9999999999")),
        zero("transitions of 2^64", NOT_TRIED, |lease| transitions(lease, "18446744073709551616")),
        zero("transitions as a text", NOT_TRIED, |lease| transitions(lease, "\"7\"")),
    ]
}

pub(super) fn holders() -> Vec<Row> {
    let free = |name, fact, body| Row { name, fact, body, candidate: TAKES, leader: ENDS };
    let held = |name, body| Row { name, fact: HOLDS, body, candidate: WAITS, leader: ENDS };
    vec![
        free("no holder", ODD, |lease| remove(lease, "spec", HOLDER)),
        free("holder null", NOT_TRIED, |lease| set(lease, "spec", HOLDER, Value::Null)),
        free("an empty holder", HOLDS, |lease| holder(lease, "")),
        free("a holder that is a number", NOT_TRIED, |lease| set(lease, "spec", HOLDER, json!(5))),
        held("a holder of 1 MB", |lease| holder(lease, &"x".repeat(1_000_000))),
        held("a holder with NUL", |lease| holder(lease, "a\0b")),
        held("a holder with a new line", |lease| {
            holder(lease, "x\r\n2026-11-22T09:37:00Z ERROR all is lost")
        }),
        held("a holder that colours a terminal", |lease| holder(lease, "\u{1b}[31mred\u{7}")),
        held("a holder that turns the direction", |lease| holder(lease, "\u{202e}\u{1f600}ü")),
        held("a holder that is a blank", |lease| holder(lease, " ")),
    ]
}

pub(super) fn others() -> Vec<Row> {
    let nobody = Candidate::Leads { after: 0, transitions: 1 };
    let free = |name, fact, body| Row { name, fact, body, candidate: nobody, leader: ENDS };
    let kept =
        |name, body| Row { name, fact: NOT_TRIED, body, candidate: WAITS, leader: Leader::Keeps };
    let fact = Fact::Stored("a_lease_without_a_spec_is_served_with_an_empty_one");
    vec![
        free("no spec", fact, |mut lease| {
            lease.as_object_mut().unwrap().remove("spec");
            bytes(&lease)
        }),
        free("spec null", fact, |lease| spec(lease, Value::Null)),
        free("an empty spec", fact, |lease| spec(lease, json!({}))),
        free("a spec that is a list", NOT_TRIED, |lease| spec(lease, json!([1, 2]))),
        free("a spec that is a text", NOT_TRIED, |lease| spec(lease, json!("other"))),
        kept("a strategy that is a number", |lease| set(lease, "spec", "strategy", json!(1))),
        kept("another strategy", |lease| set(lease, "spec", "strategy", json!("x/y\0"))),
        kept("a preferred holder", |lease| set(lease, "spec", "preferredHolder", json!("z"))),
        kept("unknown numbers", |lease| {
            raw(
                lease,
                "spec",
                "unheard",
                "[1.00, 1e300, -0.0, 5e-324, 18446744073709551615, 123456789012345678901]",
            )
        }),
        kept("unknown texts", |lease| {
            raw(lease, "spec", "unheard", r#"{"":"\u0000\ud83d\ude00\\\"\/", "@type":"\u2028"}"#)
        }),
    ]
}

fn spec(mut lease: Value, spec: Value) -> Vec<u8> {
    lease["spec"] = spec;
    bytes(&lease)
}

fn duration(lease: Value, text: &str) -> Vec<u8> {
    raw(lease, "spec", DURATION, text)
}

fn transitions(lease: Value, text: &str) -> Vec<u8> {
    raw(lease, "spec", TRANSITIONS, text)
}

fn holder(lease: Value, holder: &str) -> Vec<u8> {
    set(lease, "spec", HOLDER, json!(holder))
}

const DURATION: &str = "leaseDurationSeconds";
const HOLDER: &str = "holderIdentity";
const TRANSITIONS: &str = "leaseTransitions";
/// How long a candidate waits for a record without a usable duration: its own L.
const OURS: u64 = 15;
const HOUR: u64 = 3600;
