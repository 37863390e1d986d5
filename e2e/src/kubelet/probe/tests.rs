use super::{Kind::*, Outcome::*, *};

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn rhythm(delay: u64, failures: u32, successes: u32) -> Rhythm {
    Rhythm { delay: s(delay), period: s(10), failures, successes }
}

#[test]
fn without_probes_a_container_is_started_and_ready_at_once() {
    let probes = Probes::new([]);
    assert!(probes.started() && probes.ready() && probes.next().is_none());
}

#[test]
fn readiness_needs_its_thresholds_both_ways() {
    let mut probes = Probes::new([(Readiness, rhythm(3, 2, 2))]);
    assert!(probes.started() && !probes.ready());
    assert_eq!(probes.next(), Some(s(3)));
    let verdicts: Vec<_> = [Success, Failure, Success, Success, Failure, Success, Failure, Failure]
        .into_iter()
        .map(|outcome| (probes.report(Readiness, outcome, s(3)), probes.ready()))
        .collect();
    let (same, turn) = (Verdict::Unchanged, Verdict::Changed);
    assert_eq!(
        verdicts,
        [
            (same, false),
            (same, false),
            (same, false),
            (turn, true),
            (same, true),
            (same, true),
            (same, true),
            (turn, false),
        ]
    );
}

#[test]
fn liveness_restarts_after_failures_in_a_row_only_and_then_is_silent() {
    let mut probes = Probes::new([(Liveness, rhythm(0, 3, 1))]);
    for outcome in [Failure, Failure, Success, Failure, Failure] {
        assert_eq!(probes.take_due(probes.next().unwrap()), [Liveness]);
        assert_eq!(probes.report(Liveness, outcome, s(0)), Verdict::Unchanged);
    }
    assert_eq!(probes.take_due(probes.next().unwrap()), [Liveness]);
    assert_eq!(probes.report(Liveness, Failure, s(0)), Verdict::Restart);
    assert_eq!(probes.next(), None);
}

#[test]
fn the_startup_probe_holds_the_others_back_and_is_made_no_more_once_it_succeeded() {
    let all =
        [(Startup, rhythm(1, 3, 1)), (Liveness, rhythm(0, 1, 1)), (Readiness, rhythm(40, 1, 1))];
    let mut probes = Probes::new(all);
    assert!(!probes.started());
    assert_eq!(probes.take_due(s(1)), [Startup]);
    assert_eq!((probes.take_due(s(2)), probes.next()), (Vec::new(), None), "it is in flight");
    assert_eq!(probes.report(Startup, Failure, s(2)), Verdict::Unchanged);
    assert_eq!(probes.next(), Some(s(11)));
    assert_eq!(probes.take_due(s(11)), [Startup]);
    assert_eq!(probes.report(Startup, Success, s(12)), Verdict::Changed);
    assert!(probes.started() && !probes.ready());
    assert_eq!(probes.take_due(s(12)), [Liveness]);
    assert_eq!(probes.next(), Some(s(40)), "readiness still has its delay");
}

#[test]
fn a_startup_probe_that_fails_too_often_restarts() {
    let mut probes = Probes::new([(Startup, rhythm(0, 2, 1))]);
    assert_eq!(probes.report(Startup, Failure, s(0)), Verdict::Unchanged);
    assert_eq!(probes.report(Startup, Failure, s(10)), Verdict::Restart);
}

#[test]
fn a_slow_result_costs_a_beat_and_not_the_rhythm() {
    let mut probes = Probes::new([(Readiness, rhythm(0, 1, 1))]);
    assert_eq!(probes.take_due(s(25)), [Readiness], "it came late");
    probes.report(Readiness, Success, s(26));
    assert_eq!(probes.next(), Some(s(30)));
    assert_eq!(probes.take_due(s(30)), [Readiness]);
    probes.report(Readiness, Success, s(47));
    assert_eq!(probes.next(), Some(s(40)), "a beat went by: it is made at once");
    probes.take_due(s(47));
    probes.report(Readiness, Success, s(48));
    assert_eq!(probes.next(), Some(s(50)));
}

#[test]
fn nothing_restarts_a_deleted_pod_and_readiness_goes_on() {
    let mut probes = Probes::new([(Liveness, rhythm(0, 1, 1)), (Readiness, rhythm(0, 1, 1))]);
    assert_eq!(probes.take_due(s(0)), [Liveness, Readiness]);
    probes.delete();
    assert_eq!(probes.report(Liveness, Failure, s(1)), Verdict::Unchanged);
    assert_eq!(probes.report(Readiness, Success, s(1)), Verdict::Changed);
    assert_eq!(probes.take_due(s(10)), [Readiness]);
    assert_eq!(probes.report(Readiness, Failure, s(11)), Verdict::Changed);
}
