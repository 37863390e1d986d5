//! What an operator hears of requests that lead nowhere, and of the holder of the Lease.

use kunobi_ha_core::{
    Failure, Input, Leadership, Notice, Outcome, Refusal, Request, Setback, StepDownReason, Verb,
};

use crate::transitions::{
    phases::{following, leading, renewing},
    probe::{LOST, Probe, event, foreign, found},
};

const UNAUTHORIZED: Outcome = Outcome::Refused(Refusal::Unauthorized);

/// Returns what is told until that millisecond, and when; each read and write ends like this, if it
/// ends.
fn told(probe: &mut Probe, outcome: Option<&Outcome>, until: u64) -> Vec<(u64, Notice)> {
    let mut told = Vec::new();
    loop {
        if let (Some(attempt), Some(outcome)) = (probe.last.send.clone(), outcome) {
            probe.answer_to(&attempt, probe.now + 1, outcome.clone());
        } else {
            match probe.last.wake_at {
                Some(at) if at.as_nanos() <= until * 1_000_000 => probe.wake(),
                Some(_) | None => return told,
            };
        }
        let news = probe.last.notices.iter().filter(|n| !matches!(n, Notice::Following { .. }));
        told.extend(news.map(|notice| (probe.now, notice.clone())));
    }
}

fn failing(verb: Verb, setback: Setback) -> Notice {
    Notice::Failing { verb, setback }
}

#[test]
fn the_first_failure_is_told_at_once_and_then_one_in_a_lease_duration() {
    let mut probe = following();
    let told = told(&mut probe, Some(&LOST), 60_000);
    let (times, what): (Vec<_>, Vec<_>) = told.into_iter().unzip();
    let lost = |n: &Notice| matches!(n, Notice::Failing { setback: Setback::Unknown, .. });
    assert!(what.iter().all(lost), "{what:?}");
    assert_eq!(what.len(), 4, "{times:?}");
    assert!(times[0] <= 3_100, "{times:?}");
    for pair in times.windows(2) {
        assert!((15_000..17_100).contains(&(pair[1] - pair[0])), "{times:?}");
    }
}

#[test]
fn a_series_ends_with_a_success() {
    let mut probe = following();
    assert_eq!(told(&mut probe, Some(&LOST), 5_000).len(), 1);
    let seen = found(6, foreign(6));
    assert_eq!(told(&mut probe, Some(&seen), 10_000), []);
    assert_eq!(told(&mut probe, Some(&LOST), 14_000).len(), 1);
}

#[test]
fn a_black_hole_is_told_after_three_retry_periods() {
    for mut probe in [following(), leading()] {
        let mut asked = None;
        while asked.is_none() {
            probe.wake();
            asked = probe.last.send.as_ref().map(|_| probe.now);
        }
        let verb = probe.newest().request.verb();
        let by = asked.unwrap() + 6_000;
        assert_eq!(told(&mut probe, None, by), [(by, failing(verb, Setback::Unanswered))]);
        assert!(probe.elector.is_failing());
    }
}

#[test]
fn a_black_hole_is_told_again_once_in_a_lease_duration() {
    let mut probe = following();
    let told = told(&mut probe, None, 60_000);
    assert_eq!(told.len(), 4, "{told:?}");
}

#[test]
fn a_lost_race_is_no_failure() {
    let mut probe = following();
    let at = probe.writes_at(&found(5, foreign(0)));
    probe.answer(at + 5, Outcome::Conflict);
    probe.answer(at + 10, found(9, foreign(9)));
    assert_eq!(told(&mut probe, Some(&found(10, foreign(10))), at + 5_000), []);
}

#[test]
fn a_refusal_is_told_at_once_after_other_failures() {
    let mut probe = following();
    assert_eq!(told(&mut probe, Some(&LOST), 5_000).len(), 1);
    let forbidden = Outcome::Refused(Refusal::Forbidden);
    let told = told(&mut probe, Some(&forbidden), 8_000);
    let refused = Notice::Refused { verb: Verb::Get, refusal: Refusal::Forbidden };
    assert_eq!(told.into_iter().map(|(_, what)| what).collect::<Vec<_>>(), [refused]);
}

#[test]
fn a_lost_deadline_says_what_led_to_it() {
    let cases = [
        (Some(&LOST), Setback::Unknown),
        (None, Setback::Unanswered),
        (Some(&UNAUTHORIZED), Setback::Refused(Refusal::Unauthorized)),
    ];
    for (outcome, setback) in cases {
        let mut probe = leading();
        let told = told(&mut probe, outcome, 20_000);
        let lapsed = Notice::Lapsed { verb: Verb::Update, setback };
        assert_eq!(told.last(), Some(&(11_010, lapsed)));
        let Some(Leadership::Ended { reason, .. }) = probe.last.publish else { panic!("leads") };
        assert_eq!(reason, StepDownReason::RenewDeadlineExceeded);
    }
}

#[test]
fn a_silence_before_the_deadline_is_what_led_to_the_loss() {
    let mut probe = renewing();
    probe.answer(3020, LOST);
    let told = told(&mut probe, None, 20_000);
    let lapsed = Notice::Lapsed { verb: Verb::Update, setback: Setback::Unanswered };
    assert_eq!(told.last(), Some(&(11_010, lapsed)));
}

#[test]
fn a_401_is_final_at_first_contact_only() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, UNAUTHORIZED);
    let failure = Failure::Refused { verb: Verb::Get, refusal: Refusal::Unauthorized };
    assert_eq!(probe.last.publish, Some(Leadership::Failed(failure)));

    // The first write of a candidate that has only read so far.
    let mut probe = following();
    let at = probe.writes_at(&found(5, foreign(0)));
    probe.answer(at + 5, UNAUTHORIZED);
    assert_eq!(probe.last.publish, None);
    assert!(probe.last.wake_at.is_some());
}

#[test]
fn a_leader_outlives_401s_that_end_before_its_deadline() {
    let mut probe = renewing();
    let mut next = probe.newest().clone();
    while probe.now < 10_000 {
        probe.answer_to(&next, probe.now + 10, UNAUTHORIZED);
        probe.wake_until_sent();
        next = probe.newest().clone();
    }
    let renewed = probe.written(8, false);
    probe.answer(probe.now + 10, renewed);
    assert!(probe.leads());
}

/// Returns the holder that it says it follows.
fn holders(probe: &Probe) -> Vec<String> {
    let holder = |notice: &Notice| match notice {
        Notice::Following { holder } => Some(holder.as_deref().unwrap_or("nobody").to_owned()),
        _ => None,
    };
    probe.last.notices.iter().filter_map(holder).collect()
}

#[test]
fn nobody_is_followed_before_the_first_read() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    assert_eq!(holders(&probe), [""; 0]);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(1010, Outcome::Absent);
    assert_eq!(holders(&probe), ["nobody"]);
}

#[test]
fn the_holder_is_told_at_the_first_read_and_when_it_changes() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    assert_eq!(holders(&probe), ["other"]);
    probe.wake();
    let mut next = foreign(1);
    next.holder = Some("third".into());
    probe.answer(probe.now + 1_000, found(6, next));
    assert_eq!(holders(&probe), ["third"]);
}

#[test]
fn five_thousand_edits_are_a_few_lines_and_the_last_of_them_is_told() {
    let mut probe = following();
    let mut lines = Vec::new();
    for edit in 0..5_000_u64 {
        let mut record = foreign(i64::try_from(edit).unwrap());
        record.holder = Some(format!("holder-{edit}").into());
        probe.at(2_000 + edit, event(6 + edit, record));
        lines.extend(holders(&probe).into_iter().map(|holder| (probe.now, holder)));
    }
    let until = probe.now + 2_000;
    while probe.last.wake_at.is_some_and(|at| at.as_nanos() <= until * 1_000_000) {
        probe.wake();
        lines.extend(holders(&probe).into_iter().map(|holder| (probe.now, holder)));
    }
    assert!(lines.len() <= 4, "{lines:?}");
    assert_eq!(lines.last().unwrap().1, "holder-4999");
}
