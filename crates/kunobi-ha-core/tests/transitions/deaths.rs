//! News of deaths: when they let a candidate take over, and when not.

use kunobi_ha_core::{
    Input, Lease, LeaseRecord, LeaseTime, Notice, Observed, Outcome, Takeover, Timestamp,
    TimingConfig,
};

use crate::transitions::{
    phases::{following, renewing},
    probe::{Probe, at_version, event, foreign, found, seconds, version_of},
};

// rule C7: by its age a record that was read at 20 s would be taken at 35 s
#[test]
fn a_takeover_after_news_waits_for_the_news_and_for_a_record_that_stays_as_it_is() {
    for (news, at) in [(20_100, 23_000), (22_900, 23_000), (24_000, 24_000)] {
        let mut probe = renewed(20_000);
        probe.at(news, died());
        assert_eq!(takes_over(&mut probe, 20, &foreign(20)), (at, Takeover::Died), "{news}");
    }
    // rule C7: never later than without news
    let mut probe = renewed(20_000);
    probe.at(40_000, Input::Wake);
    probe.at(40_001, died());
    assert_eq!(takes_over(&mut probe, 20, &foreign(20)).1, Takeover::Expired);
}

// rule C7 (b): the first sight of the term was at 1.01 s
#[test]
fn a_term_that_is_younger_than_the_lease_is_not_cut_short() {
    let mut probe = renewed(5_000);
    probe.at(5_100, died());
    assert_eq!(takes_over(&mut probe, 20, &foreign(20)), (16_010, Takeover::Died));
    // The age counts from each Lease: under another uid the term is seen for the first time.
    let mut probe = renewed(20_000);
    let again = Lease::new(version_of("again", 21), foreign(21));
    probe.at(20_100, Input::Observed(Observed::Found(again.clone())));
    probe.at(20_200, died());
    let read = Outcome::Found(again);
    assert_eq!(probe.writes_at(&read), 35_100);
}

// rule C7 (a): a leader that goes on renewing is not overthrown by news that are false
#[test]
fn a_leader_that_renews_is_never_overthrown() {
    let mut probe = renewed(20_000);
    probe.at(20_100, died());
    for nth in 11..40 {
        let at = u64::try_from(nth).unwrap() * 2_000;
        probe.at(at + 990, event(u64::try_from(nth).unwrap() + 20, foreign(nth)));
        let writes = probe.sent.iter().filter(|sent| super::probe::record_of(sent).is_some());
        assert_eq!(writes.count(), 0, "{at}");
    }
}

// rule C4: a late renewal of the dead process changes nothing but the wait of rule C7 (a)
#[test]
fn news_apply_to_a_late_renewal_until_another_term_is_read() {
    let mut probe = renewed(20_000);
    probe.at(20_100, died());
    probe.at(21_000, event(21, foreign(21)));
    assert_eq!(takes_over(&mut probe, 21, &foreign(21)), (24_000, Takeover::Died));

    let mut probe = renewed(20_000);
    probe.at(20_100, died());
    let next = LeaseRecord { acquire_time: time(7), ..foreign(22) };
    probe.at(20_200, event(22, next));
    // The old record again, as after somebody's edit: the news are gone.
    probe.at(20_300, event(23, foreign(23)));
    assert_eq!(takes_over(&mut probe, 23, &foreign(23)), (35_300, Takeover::Expired));
}

// rule C4: the news may come before the record is read
#[test]
fn news_that_come_first_are_remembered() {
    let mut probe = Probe::new(|_| {});
    probe.at(500, died());
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    probe.at(16_000, event(6, foreign(1)));
    assert_eq!(takes_over(&mut probe, 6, &foreign(1)), (19_000, Takeover::Died));
}

// rule C4: news say nothing of another holder, and nothing of another term of the same holder
#[test]
fn news_of_another_term_say_nothing() {
    let others = [
        Input::HolderDied { holder: "another".into(), acquire_time: stamp(&foreign(0)) },
        Input::HolderDied { holder: "other".into(), acquire_time: Timestamp::from_unix_micros(7) },
    ];
    for news in others {
        let mut probe = renewed(20_000);
        probe.at(20_100, news);
        assert_eq!(takes_over(&mut probe, 20, &foreign(20)), (35_000, Takeover::Expired));
    }
}

// rule C4: an absent Lease is waited for all the same
#[test]
fn news_shorten_no_absence() {
    let mut probe = renewed(20_000);
    probe.at(20_100, died());
    probe.wake_until_sent();
    let gone = probe.now;
    probe.answer(gone + 10, Outcome::Absent);
    let at = probe.writes_at(&Outcome::Absent);
    assert!((15_000..15_002).contains(&(at - gone - 10)), "{gone} {at}");
}

// rule C4: after a rewind the server may show what is older than the news
#[test]
fn news_do_not_count_for_a_lease_duration_after_a_rewind() {
    let mut probe = restarted(|_| {});
    probe.wake_until_sent();
    probe.answer(probe.now + 10, found(4, mine()));
    assert!(probe.last.notices.contains(&Notice::Rewound { from: 5, to: 4 }), "{}", probe.brief());
    let rewound = probe.now;
    probe.at(rewound + 10, Input::HolderDied { holder: "me".into(), acquire_time: stamp(&mine()) });
    probe.at(rewound + 10_000, event(5, LeaseRecord { renew_time: time(8), ..mine() }));
    let renewed = LeaseRecord { renew_time: time(8), ..mine() };
    assert_eq!(takes_over(&mut probe, 5, &renewed), (rewound + 15_000, Takeover::Died));
}

// rule C4: Retry-After is obeyed
#[test]
fn news_hurry_nothing_that_the_server_asked_to_wait_for() {
    let mut probe = renewed(20_000);
    probe.wake_until_sent();
    let retry_after = Some(seconds(9));
    let told = probe.now + 10;
    probe.answer(told, Outcome::Rejected { retry_after });
    probe.at(told + 10, died());
    assert_eq!(takes_over(&mut probe, 20, &foreign(20)), (told + 9_000, Takeover::Died));
}

// rule C4: this process lives
#[test]
fn news_of_a_term_of_ours_are_told_and_not_believed() {
    let mut probe = renewing();
    let ours = probe.record();
    let news = Input::HolderDied { holder: "me".into(), acquire_time: stamp(&ours) };
    probe.at(3_020, news.clone());
    assert!(probe.last.notices.contains(&Notice::ToldDead), "{}", probe.brief());
    probe.at(11_010, Input::Wake);
    assert!(probe.brief().starts_with("ended 7"), "{}", probe.brief());
    probe.at(11_020, Input::Acquire);
    probe.at(11_030, news);
    assert!(probe.last.notices.contains(&Notice::ToldDead), "{}", probe.brief());
    let at = probe.writes_at(&found(7, ours));
    assert!(at > 16_000, "{at}");
}

// rule C5: a process that starts again need not wait for its own former run
#[test]
fn a_restarted_process_takes_its_own_former_term_without_rule_c7_b() {
    for (grace, at) in [(0, 4_010), (1, 16_010), (15, 16_010)] {
        let mut probe = restarted(|config| config.create_grace = seconds(grace));
        probe.at(1_100, Input::HolderDied { holder: "me".into(), acquire_time: stamp(&mine()) });
        let how = if grace == 0 { Takeover::Died } else { Takeover::Expired };
        assert_eq!(takes_over(&mut probe, 5, &mine()), (at, how), "{grace}");
    }
}

// rule C6: of two that have the news, one wins, and the other follows
#[test]
fn whoever_is_second_follows_the_first() {
    let mut probe = renewed(20_000);
    probe.at(20_100, died());
    probe.writes_at(&found(20, foreign(20)));
    probe.answer(probe.now + 10, Outcome::Conflict);
    let winner = LeaseRecord { holder: Some("third".into()), acquire_time: time(9), ..foreign(30) };
    probe.wake_until_sent();
    probe.answer(probe.now + 10, found(21, winner.clone()));
    let seen = probe.now;
    assert_eq!(probe.brief().split(';').next(), Some("following third"));
    assert_eq!(takes_over(&mut probe, 21, &winner), (seen + 15_000, Takeover::Expired));
}

/// Has followed `other` since 1.01 s, and read its last renewal then, as version 20.
fn renewed(at: u64) -> Probe {
    let mut probe = following();
    probe.at(at, event(20, foreign(20)));
    probe
}

/// Has found, at 1.01 s, a term of its identity that it did not begin.
fn restarted(change: impl FnOnce(&mut TimingConfig)) -> Probe {
    let mut probe = Probe::new(change);
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, mine()));
    probe
}

fn mine() -> LeaseRecord {
    LeaseRecord { holder: Some("me".into()), ..foreign(0) }
}

fn died() -> Input {
    Input::HolderDied { holder: "other".into(), acquire_time: stamp(&foreign(0)) }
}

fn stamp(record: &LeaseRecord) -> Timestamp {
    match record.acquire_time {
        LeaseTime::At(time) => time,
        LeaseTime::Absent | LeaseTime::Text(_) => panic!("{record:?}"),
    }
}

fn time(micros: i64) -> LeaseTime {
    LeaseTime::At(Timestamp::from_unix_micros(micros))
}

/// Answers every read with this record; returns when it takes over, and on what grounds.
pub(crate) fn takes_over(probe: &mut Probe, version: u64, record: &LeaseRecord) -> (u64, Takeover) {
    let at = probe.writes_at(&found(version, record.clone()));
    let ours = Lease::new(at_version(version + 100), probe.record());
    probe.answer(at + 1, Outcome::Written { lease: ours, created: false });
    let how = probe.last.notices.iter().find_map(|notice| match notice {
        Notice::TermBegan { how } => Some(*how),
        _ => None,
    });
    (at, how.expect("it leads"))
}
