//! What is news of the Lease, and what is not.

use kunobi_ha_core::{
    Input, Leadership, Lease, LeaseTime, Notice, Observed, Outcome, Request, Timestamp,
};

use crate::transitions::{
    phases::{
        OURS, contending_without_a_view, creating, following, leading, reading_after_a_conflict,
        renewing, taking_over, waiting_after_a_deletion,
    },
    probe::{
        LOST, Probe, at_version, event, foreign, found, instant, record_of, seconds, version_of,
    },
};

// rule 13: an event with no larger version says nothing
#[test]
fn a_late_event_of_a_deleted_lease_does_not_bring_it_back() {
    let mut probe = following();
    probe.wake();
    probe.answer(probe.now + 1, Outcome::Absent);
    let gone = probe.now;
    probe.at(gone + 1, event(5, foreign(0)));
    assert_eq!(probe.writes_at(&Outcome::Absent), gone + 15_000);
    assert!(matches!(probe.newest().request, Request::Create { .. }), "{}", probe.brief());
}

// rule 13: an answer to a read from before the newest version says nothing
#[test]
fn a_404_that_was_overtaken_by_an_event_says_nothing() {
    let mut probe = following();
    probe.wake();
    let overtaken = probe.newest().clone();
    probe.at(probe.now + 1, event(6, foreign(1)));
    let seen = probe.now;
    probe.answer_to(&overtaken, seen + 1, Outcome::Absent);
    assert_eq!(probe.last.publish, None, "{}", probe.brief());
    assert_eq!(probe.writes_at(&found(6, foreign(1))), seen + 15_000);
    assert!(matches!(probe.newest().request, Request::Update { .. }), "{}", probe.brief());
}

// rule 13: an answer to a read from before the newest version says nothing
#[test]
fn a_404_that_was_overtaken_by_an_event_makes_no_leader_create() {
    let mut probe = reading_after_a_conflict();
    let ours = probe.created();
    let overtaken = probe.newest().clone();
    probe.at(3030, event(8, ours));
    probe.answer_to(&overtaken, 3040, Outcome::Absent);
    probe.wake_until_sent();
    assert!(matches!(probe.newest().request, Request::Update { .. }), "{}", probe.brief());
}

#[test]
fn a_read_that_was_overtaken_by_an_event_keeps_a_leader_from_renewing_no_longer() {
    let mut probe = reading_after_a_conflict();
    let ours = probe.created();
    let overtaken = probe.newest().clone();
    probe.at(3030, event(9, ours.clone()));
    probe.answer_to(&overtaken, 3040, found(8, ours));
    assert!(probe.brief().contains("onto 9"), "{}", probe.brief());
}

// rule 10: an attempt ends when its version is superseded
// rule 9: another takeover draws another acquireTime
#[test]
fn a_404_drops_the_writes_onto_the_lease_that_is_gone() {
    let mut leader = renewing();
    let renewal = leader.newest().id;
    leader.at(3020, Input::Observed(Observed::Deleted));
    leader.answer(3030, Outcome::Absent);
    assert_eq!(leader.last.drop, [renewal]);
    let mut candidate = taking_over();
    let bid = candidate.newest().id;
    let drawn = candidate.record().acquire_time;
    candidate.at(candidate.now + 10, Input::Observed(Observed::Deleted));
    candidate.answer(candidate.now + 10, Outcome::Absent);
    assert_eq!(candidate.last.drop, [bid]);
    assert_eq!(candidate.last.publish, Some(Leadership::Following { holder: None }));
    candidate.digits = 43;
    candidate.writes_at(&Outcome::Absent);
    assert_ne!(candidate.record().acquire_time, drawn, "another takeover, another time");
}

// rule 13: a smaller version in a later read is a rewind
#[test]
fn the_very_next_read_after_the_newest_version_shows_that_the_server_went_back() {
    let mut probe = following();
    probe.wake();
    probe.answer(probe.now + 1, found(4, foreign(0)));
    assert_eq!(probe.last.notices, [Notice::Rewound { from: 5, to: 4 }]);
    let mut probe = leading();
    probe.at(2000, Input::Observed(Observed::Deleted));
    probe.answer(2010, found(4, foreign(0)));
    assert_eq!(probe.last.notices, [Notice::Rewound { from: OURS, to: 4 }]);
}

// rule 13: a smaller version in a later read is a rewind
#[test]
fn a_server_that_went_back_is_told_once_and_followed_on() {
    let mut probe = following();
    probe.wake();
    probe.answer(probe.now + 1, found(3, foreign(0)));
    let seen = probe.now;
    for version in 4..7 {
        probe.wake_until_sent();
        probe.answer(probe.now + 1, found(version, foreign(0)));
        assert!(probe.last.notices.is_empty(), "{}", probe.brief());
    }
    assert_eq!(probe.writes_at(&found(6, foreign(0))), seen + 15_000);
}

// rule 13: after a rewind nothing is ours
#[test]
fn after_a_server_went_back_a_renewal_of_a_term_of_ours_is_somebody_elses() {
    let mut probe = reading_after_a_conflict();
    let lost = probe.created();
    probe.answer(3030, found(4, lost.clone()));
    assert!(probe.brief().starts_with("ended 7: Rewound"), "{}", probe.brief());
    probe.at(3040, Input::Acquire);
    let mut renewed = lost;
    renewed.renew_time = foreign(0).renew_time;
    probe.at(3050, event(5, renewed));
    assert_eq!(probe.last.notices, [Notice::IdentityCollision]);
}

#[test]
fn a_takeover_is_void_after_a_server_went_back() {
    let mut probe = taking_over();
    let bid = probe.record();
    probe.answer(probe.now + 1, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(4, bid));
    assert!(!probe.leads(), "{}", probe.brief());
}

// rule 5: the longer of both durations is waited for
#[test]
fn a_deleted_lease_is_created_after_the_longer_of_its_duration_and_ours() {
    for (duration, waited) in [(Some(40), 40), (Some(3), 15), (None, 15), (Some(86_400), 3600)] {
        let mut probe = Probe::new(|config| config.retry_period = seconds(10));
        probe.at(1000, Input::Acquire);
        let mut record = foreign(0);
        record.duration_seconds = duration;
        probe.answer(1010, found(5, record));
        probe.wake_until_sent();
        probe.answer(probe.now + 1, Outcome::Absent);
        let gone = probe.now;
        while !matches!(probe.newest().request, Request::Create { .. }) {
            probe.wake();
            if probe.last.send.is_some() && probe.newest().request == Request::Read {
                probe.answer(probe.now + 1, Outcome::Absent);
            }
        }
        assert_eq!(probe.now - gone, waited * 1000, "{duration:?}");
    }
}

// rule 4: more than an hour counts as an hour, or as our L
#[test]
fn a_duration_of_more_than_an_hour_counts_as_an_hour_or_as_ours_if_that_is_longer() {
    for (ours, theirs, waited) in [(3600, 3601, 3600), (7200, 9000, 7200), (1800, 9000, 3600)] {
        let mut probe = Probe::new(|config| {
            config.lease_duration = seconds(ours);
            config.renew_deadline = seconds(ours - 1);
            config.retry_period = seconds(ours - 1);
            config.observe_timeout = seconds(100_000);
        });
        let mut record = foreign(0);
        record.duration_seconds = Some(theirs);
        probe.at(1000, Input::Acquire);
        probe.answer(1010, found(5, record.clone()));
        assert_eq!(probe.writes_at(&found(5, record)), 1010 + waited * 1000, "{ours} {theirs}");
    }
}

// rule 13: an older renewTime takes the deadline neither forward nor back
// rule 14: the renewal goes out again with the version that was read
#[test]
fn a_renew_time_of_our_term_that_was_moved_back_is_renewed_over_and_prolongs_nothing() {
    let mut probe = reading_after_a_conflict();
    let mut ours = probe.created();
    ours.renew_time = LeaseTime::At(Timestamp::from_unix_micros(5));
    probe.answer(3030, found(8, ours));
    assert_eq!(probe.last.publish, None, "{}", probe.brief());
    probe.writes_at(&Outcome::Conflict);
    assert!(probe.now < 3300, "renewed at {}", probe.now);
    let newest = &probe.newest().request;
    let Request::Update { version, record } = newest else { panic!("{newest:?}") };
    assert_eq!(version.resource_version.get(), 8);
    let (LeaseTime::At(renewed), Some(LeaseTime::At(before))) =
        (&record.renew_time, record_of(&probe.sent[2]).map(|before| &before.renew_time))
    else {
        panic!("two times")
    };
    assert!(renewed > before);
    probe.at(11_010, Input::Wake);
    assert!(probe.brief().starts_with("ended 7: RenewDeadlineExceeded"), "{}", probe.brief());
}

// rule 13: an event with a smaller version says nothing
#[test]
fn a_late_event_of_an_older_version_neither_ends_nor_renews_a_term() {
    let mut probe = leading();
    for (version, record) in [(5, foreign(0)), (OURS, foreign(0))] {
        probe.at(2000 + version, event(version, record));
        assert_eq!(probe.last.publish, None);
        assert_eq!(probe.elector.version().unwrap().resource_version.get(), OURS);
    }
}

// rule 4: a label does not refresh a record
#[test]
fn the_last_sign_of_life_is_when_the_record_of_a_holder_was_first_seen() {
    let mut probe = contending_without_a_view();
    assert_eq!(probe.elector.holder_seen_at(), None);
    probe.answer(1010, found(5, foreign(0)));
    probe.at(2000, event(6, foreign(0)));
    assert_eq!(probe.elector.holder_seen_at(), Some(instant(1010)));
    probe.at(2010, event(7, foreign(1)));
    assert_eq!(probe.elector.holder_seen_at(), Some(instant(2010)));
    let mut free = foreign(1);
    free.holder = None;
    probe.at(2020, event(8, free));
    assert_eq!(probe.elector.holder_seen_at(), None);
}

#[test]
fn a_read_of_a_lease_that_is_as_it_was_does_not_bring_the_renewal_forward() {
    let mut probe = leading();
    let ours = probe.created();
    probe.at(1500, Input::Observed(Observed::Deleted));
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(1510, found(OURS, ours));
    probe.wake_until_sent();
    assert_eq!(probe.now, 3010);
}

#[test]
fn a_201_that_a_new_label_overtook_leaves_the_version_that_is_known() {
    let mut probe = creating();
    let created = probe.written(OURS, true);
    let record = probe.record();
    probe.at(1020, event(9, record));
    probe.answer(1030, created);
    assert!(probe.leads(), "{}", probe.brief());
    assert_eq!(probe.elector.version(), Some(&at_version(9)));
    probe.wake_until_sent();
    assert!(probe.brief().contains("onto 9"), "{}", probe.brief());
}

// rule 7: a create counts only if no other record was read since
#[test]
fn a_201_of_a_lease_that_was_deleted_and_created_by_a_second_copy_makes_no_leader() {
    let mut probe = creating();
    let created = probe.written(OURS, true);
    let record = probe.record();
    let version = version_of("another", 9);
    probe.at(1020, Input::Observed(Observed::Found(Lease::new(version, record))));
    probe.answer(1030, created);
    assert!(!probe.leads(), "{}", probe.brief());
}

// rule 13: an event of a version that is not larger says nothing
#[test]
fn an_old_event_does_not_keep_a_create_from_leading() {
    let mut probe = waiting_after_a_deletion();
    while !matches!(probe.newest().request, Request::Create { .. }) {
        probe.wake();
        if matches!(probe.newest().request, Request::Read) && probe.last.send.is_some() {
            probe.answer(probe.now + 1, Outcome::Absent);
        }
    }
    let create = probe.newest().clone();
    let created = probe.written(20, true);
    probe.at(probe.now + 5, event(5, foreign(0)));
    probe.answer_to(&create, probe.now + 5, created);
    assert!(probe.leads(), "{}", probe.brief());
}
