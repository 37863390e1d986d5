//! What belongs to a term of ours, and what only seems to.

use kunobi_ha_core::{Input, Lease, LeaseRecord, Notice, Observed, Outcome, Request};

use crate::transitions::{
    phases::{
        OURS, creating, following, leading, reading_after_a_conflict, recreating, releasing,
        renewing, taking_over,
    },
    probe::{Probe, at_version, event, foreign, found, record_of, version_of},
};

type Edit = fn(&mut LeaseRecord);

/// Each changes one part of what a term is known by.
const EDITS: [(&str, Edit); 4] = [
    ("the holder is removed", |record| record.holder = None),
    ("the holder is another", |record| record.holder = Some("other".into())),
    ("the transitions are others", |record| record.transitions = Some(9)),
    ("the acquireTime is another", |record| record.acquire_time = foreign(0).acquire_time),
];

// rule 14: what is not our term ends it at once
#[test]
fn a_leader_stops_at_the_event_of_an_edit_of_any_part_of_its_term() {
    for (edit, change) in EDITS {
        let mut probe = leading();
        let mut record = probe.record();
        change(&mut record);
        probe.at(2000, event(8, record));
        assert_eq!(probe.brief(), "ended 7: HolderChanged", "{edit}");
    }
}

// rule 14: what is not our term ends it at once
#[test]
fn a_leader_stops_at_a_read_of_an_edit_of_any_part_of_its_term() {
    for (edit, change) in EDITS {
        let mut probe = reading_after_a_conflict();
        let mut record = last_written(&probe);
        change(&mut record);
        probe.answer(3030, found(8, record));
        assert_eq!(probe.brief(), "ended 7: HolderChanged", "{edit}");
    }
}

// rule 14: another uid is another term
#[test]
fn a_leader_stops_when_its_record_is_served_under_another_uid() {
    let mut probe = reading_after_a_conflict();
    let record = probe.created();
    probe.answer(3030, Outcome::Found(Lease::new(version_of("another", 8), record)));
    assert_eq!(probe.brief(), "ended 7: HolderChanged");
}

#[test]
fn a_release_leaves_a_record_alone_that_differs_in_any_part_of_the_term() {
    for (edit, change) in EDITS {
        let mut probe = releasing();
        let mut record = probe.created();
        change(&mut record);
        probe.answer(3010, Outcome::Conflict);
        probe.answer(3020, found(8, record));
        assert_eq!(probe.brief(), "release: NotOurs", "{edit}");
    }
    let mut probe = releasing();
    let record = probe.created();
    probe.answer(3010, Outcome::Conflict);
    probe.answer(3020, Outcome::Found(Lease::new(version_of("another", 8), record)));
    assert_eq!(probe.brief(), "release: NotOurs", "another uid");
}

// rule 8: the same version wins nothing
#[test]
fn a_takeover_whose_answer_shows_no_new_version_of_the_lease_wins_nothing() {
    for version in [at_version(5), at_version(4), version_of("another", 9)] {
        let mut probe = taking_over();
        let record = probe.record();
        probe.answer(
            probe.now + 1,
            Outcome::Written { lease: Lease::new(version, record), created: false },
        );
        assert_eq!(probe.last.publish, None);
        assert_eq!(probe.last.notices, [Notice::NothingWritten]);
    }
}

// rule 8: the same version renewed nothing
#[test]
fn a_renewal_whose_answer_shows_no_new_version_of_the_lease_renews_nothing() {
    for version in [at_version(OURS), at_version(6), version_of("another", 9)] {
        let mut probe = renewing();
        let record = probe.record();
        probe.answer(3020, Outcome::Written { lease: Lease::new(version, record), created: false });
        assert_eq!(probe.last.publish, None);
        assert_eq!(probe.last.notices, [Notice::NothingWritten]);
        until_it_ends(&mut probe);
        assert!(probe.now <= 11_010, "believed until {}", probe.now);
    }
}

#[test]
fn an_answer_that_shows_another_record_than_was_sent_wins_and_renews_nothing() {
    for (edit, change) in EDITS {
        for mut probe in [taking_over(), creating(), renewing()] {
            let mut record = probe.record();
            change(&mut record);
            let created = matches!(probe.newest().request, Request::Create { .. });
            let version = at_version(90);
            probe.answer(
                probe.now + 1,
                Outcome::Written { lease: Lease::new(version, record), created },
            );
            assert!(!probe.leads(), "{edit}: {}", probe.brief());
        }
    }
}

// rule 7: a create counts only with 201; a 200 is reported
#[test]
fn a_create_that_overwrote_a_lease_and_a_re_creation_that_did_are_not_believed() {
    for mut probe in [creating(), recreating()] {
        let overwrote = probe.written(90, false);
        probe.answer(probe.now + 10, overwrote);
        assert_eq!(probe.last.notices, [Notice::CreateOverwrote]);
        assert!(!probe.leads());
    }
}

// rule 4: the same record has the same uid
#[test]
fn the_same_record_under_a_new_uid_is_waited_out_again() {
    let mut probe = following();
    let second = || Outcome::Found(Lease::new(version_of("second", 9), foreign(0)));
    while probe.now < 14_000 {
        if probe.last.send.is_some() {
            probe.answer(probe.now + 1, found(5, foreign(0)));
        } else {
            probe.wake();
        }
    }
    probe.answer(probe.now + 1, second());
    let first_seen = probe.now;
    assert_eq!(probe.writes_at(&second()), first_seen + 15_000);
}

// rule 9: acquireTime is drawn once per takeover
#[test]
fn all_attempts_of_one_takeover_share_an_acquire_time_and_the_next_takeover_draws_its_own() {
    let mut probe = taking_over();
    let first = probe.record();
    probe.digits = 43;
    probe.wake();
    let joined = probe.record();
    assert_eq!(joined.acquire_time, first.acquire_time);
    assert!(joined.renew_time != first.renew_time, "a read must tell them apart");
    probe.at(probe.now + 1, event(6, foreign(1)));
    probe.writes_at(&found(6, foreign(1)));
    assert_ne!(probe.record().acquire_time, first.acquire_time);
}

#[test]
fn our_own_renewal_that_lands_after_the_term_is_not_reported_as_somebody_elses() {
    let mut probe = renewing();
    let late = probe.record();
    let before = probe.created();
    probe.at(11_010, Input::Wake);
    probe.at(11_020, Input::Acquire);
    probe.answer(11_030, found(OURS, before));
    probe.at(11_040, event(8, late));
    assert!(probe.last.notices.is_empty(), "{}", probe.brief());
}

#[test]
fn our_own_renewal_of_a_re_created_lease_that_lands_late_is_not_reported_as_somebody_elses() {
    let mut probe = recreating();
    let before = probe.record();
    let second = |version| version_of("second", version);
    let written = Outcome::Written { lease: Lease::new(second(20), before.clone()), created: true };
    probe.answer(3040, written);
    assert!(probe.leads());
    probe.wake_until_sent();
    let late = probe.record();
    let ends = probe.now + 10_000;
    probe.at(ends, Input::Wake);
    probe.at(ends + 10, Input::Acquire);
    probe.answer(ends + 20, Outcome::Found(Lease::new(second(20), before)));
    let stored = Observed::Found(Lease::new(second(21), late));
    probe.at(ends + 30, Input::Observed(stored));
    assert!(probe.last.notices.is_empty(), "{}", probe.brief());
}

// rule 9: a record with our name that we did not write is not ours
// rule 14: what is not our term ends it at once
#[test]
fn a_namesake_that_takes_over_a_lease_that_we_held_is_reported() {
    let mut probe = leading();
    let mut twin = probe.created();
    twin.acquire_time = foreign(0).acquire_time;
    probe.at(2000, event(8, twin.clone()));
    assert!(probe.brief().starts_with("ended 7: HolderChanged"), "{}", probe.brief());
    probe.at(2010, Input::Acquire);
    twin.renew_time = foreign(5).renew_time;
    probe.at(2020, event(9, twin));
    assert_eq!(probe.last.notices, [Notice::IdentityCollision]);
}

#[test]
fn each_term_of_a_namesake_is_reported_once_and_a_mere_label_is_not() {
    let mut probe = following();
    let namesake = |term: i64, nth: i64| LeaseRecord {
        holder: Some("me".into()),
        acquire_time: foreign(term).renew_time,
        renew_time: foreign(nth).renew_time,
        ..foreign(0)
    };
    let steps = [
        (namesake(77, 1), false),
        (namesake(77, 1), false),
        (namesake(77, 2), true),
        (namesake(77, 3), false),
        (namesake(78, 4), false),
        (namesake(78, 5), true),
        (namesake(78, 6), false),
    ];
    for (version, (record, reported)) in (10..).zip(steps) {
        probe.at(1000 + version * 10, event(version, record));
        let notices = if reported { &[Notice::IdentityCollision][..] } else { &[] };
        assert_eq!(probe.last.notices, notices, "version {version}");
    }
}

fn last_written(probe: &Probe) -> LeaseRecord {
    probe.sent.iter().rev().find_map(record_of).unwrap().clone()
}

/// Leaves everything unanswered until the term is over.
fn until_it_ends(probe: &mut Probe) {
    while !probe.brief().starts_with("ended") {
        assert!(!probe.leads());
        probe.wake();
    }
}
