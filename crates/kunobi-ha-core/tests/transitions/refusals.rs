//! What an administrator must change, and what only seems to be that for a moment.

use kunobi_ha_core::{Failure, Input, Leadership, Notice, Outcome, Refusal, Request, Verb};

use crate::transitions::{
    phases::{creating, following},
    probe::{Probe, foreign, found},
};

// rule 12: final for a verb that never worked; else asked again after R, 2 R … 30 s
#[test]
fn a_refusal_is_final_only_for_a_verb_that_never_worked() {
    let refused = || Outcome::Refused(Refusal::NamespaceMissing);
    // A 404 to the PUT does not show that the verb ever worked.
    for by_post in [false, true] {
        let mut probe = creating();
        if by_post {
            probe.answer(1015, Outcome::Absent);
        }
        probe.answer(1020, refused());
        let failure = Failure::Refused { verb: Verb::Create, refusal: Refusal::NamespaceMissing };
        assert_eq!(probe.last.publish, Some(Leadership::Failed(failure)));
    }
    let mut probe = Probe::new(|_| ());
    probe.at(1000, Input::Acquire);
    let mut record = foreign(0);
    record.duration_seconds = Some(3600);
    probe.answer(1010, found(5, record.clone()));
    // An answer shows that it was for a moment only.
    let mut before: Option<(u64, u64)> = None;
    for longest in [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 0, 2_000] {
        probe.wake_to_send();
        let asked = probe.now;
        if let Some((then, longest)) = before.take() {
            let waited = asked - then;
            assert!((longest * 4 / 5..=longest + 1).contains(&waited), "{waited}");
        }
        if longest == 0 {
            probe.answer(asked, found(5, record.clone()));
            continue;
        }
        probe.answer(asked, refused());
        let (verb, refusal) = (Verb::Get, Refusal::NamespaceMissing);
        let says = [Notice::Refused { verb, refusal }];
        // The first of a series says so.
        if longest == 2_000 {
            assert_eq!(probe.last.notices, says);
        }
        before = Some((asked, longest));
    }
}

// rule 12: a refused first write after a silence is asked again after a read
#[test]
fn a_refused_write_after_a_silence_is_final_only_if_refused_again_after_a_read() {
    let refused = || Outcome::Refused(Refusal::Forbidden);
    let mut probe = following();
    // No read is answered until the record may be taken.
    while !matches!(probe.newest().request, Request::Update { .. }) {
        probe.wake();
    }
    probe.answer(probe.now, refused());
    assert_eq!(probe.last.publish, None);
    while !(probe.last.send.is_some() && probe.newest().request == Request::Read) {
        probe.wake();
    }
    probe.answer(probe.now, found(5, foreign(0)));
    while !matches!(probe.newest().request, Request::Update { .. }) {
        probe.wake();
    }
    probe.answer(probe.now, refused());
    let failure = Failure::Refused { verb: Verb::Update, refusal: Refusal::Forbidden };
    assert_eq!(probe.last.publish, Some(Leadership::Failed(failure)));
}

// rule 12: a refused read is followed by a read
#[test]
fn after_a_refused_read_nothing_is_written_before_one_that_is_answered() {
    let mut probe = Probe::new(|_| ());
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    // The record could be taken long before the refusals end.
    for _ in 0..6 {
        probe.wake_to_send();
        assert_eq!(probe.newest().request, Request::Read);
        let asked = probe.now;
        probe.answer(asked, Outcome::Refused(Refusal::Forbidden));
    }
}

// rule 12: a 404 is a usable answer to a read, and to no other verb
#[test]
fn a_404_makes_later_refusals_of_reads_a_matter_of_time_and_those_of_creates_final() {
    let refused = || Outcome::Refused(Refusal::Forbidden);
    let mut probe = creating();
    probe.answer(1020, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(1030, refused());
    assert_eq!(probe.last.publish, None);
    probe.wake_to_send();
    assert_eq!(probe.newest().request, Request::Read);
    let mut probe = creating();
    probe.answer(1020, refused());
    let failure = Failure::Refused { verb: Verb::Create, refusal: Refusal::Forbidden };
    assert_eq!(probe.last.publish, Some(Leadership::Failed(failure)));
}
