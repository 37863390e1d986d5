//! Tests that the verdict counts each kind of error.

use super::*;
use crate::history::Write;

/// Three writes of `a` in term 10, and two of `b` in term 20.
fn sound() -> (History, Vec<Tick>) {
    let terms = vec![term("a", 10, 0..3), term("b", 20, 3..5)];
    let tick =
        |pod: &str, fence, count| Tick { count, fence, pod: pod.into(), version: "v1".into() };
    let ticks = (1..=3).map(|n| tick("a", 10, n)).chain((4..=5).map(|n| tick("b", 20, n)));
    (History { terms, ..History::default() }, ticks.collect())
}

fn term(pod: &str, fence: u64, writes: std::ops::Range<u64>) -> PodTerm {
    let wrote: Vec<_> = writes
        .map(|n| Write { count: n + 1, fence, sent: 100 * n + 10, at: 100 * n + 20 })
        .collect();
    let (first, last) = (wrote[0].sent, wrote[wrote.len() - 1].at);
    let (since, until) = (first - 5, Some(last + 5));
    PodTerm { pod: pod.into(), version: "v1".into(), since, until, wrote }
}

/// Returns how many writes are lost, unclaimed and doubled.
fn counted(spoil: impl FnOnce(&mut History, &mut Vec<Tick>)) -> (usize, usize, usize) {
    let (mut history, mut ticks) = sound();
    spoil(&mut history, &mut ticks);
    let Verdict { lost, unclaimed, doubled, .. } = Verdict::of(history, ticks);
    (lost, unclaimed, doubled)
}

#[test]
fn a_sound_history_is_sound_and_its_gap_is_measured() {
    assert_eq!(counted(|_, _| {}), (0, 0, 0));
    let (history, ticks) = sound();
    let verdict = Verdict::of(history, ticks);
    verdict.assert_sound();
    let gaps: Vec<_> = verdict.handovers(0, 1_000).iter().map(|it| it.gap.as_nanos()).collect();
    assert_eq!(gaps, [80]);
    assert!(verdict.handovers(0, 305).is_empty(), "it is over before that");
}

#[test]
fn a_write_that_was_answered_and_never_stored_is_lost() {
    // The counter goes on without it, or another takes its number.
    assert_eq!(counted(|_, ticks| drop(ticks.pop())), (1, 0, 0));
    assert_eq!(counted(|_, ticks| ticks[3].pod = "c".into()), (1, 1, 1));
}

#[test]
fn a_stored_write_that_nobody_made_is_unclaimed() {
    assert_eq!(counted(|history, _| history.terms[1].wrote.truncate(1)), (0, 1, 0));
}

#[test]
fn a_second_writer_is_seen_wherever_he_shows() {
    let refused = Write { count: 4, fence: 10, sent: 330, at: 340 };
    assert_eq!(counted(|history, _| history.refused.push(refused)), (0, 0, 1));
    // The old leader ends after the new one began.
    assert_eq!(counted(|history, _| history.terms[0].until = Some(306)), (0, 0, 1));
    // A number that was given twice, and a term that writes after the next.
    assert_eq!(counted(|_, ticks| ticks.insert(1, ticks[0].clone())), (0, 0, 1));
    assert_eq!(counted(|_, ticks| ticks.swap(2, 3)).2, 3);
}
