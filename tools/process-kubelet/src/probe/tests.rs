use super::{Kind::*, Outcome::*, *};

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn rhythm(delay: u64, failures: u32, successes: u32) -> Rhythm {
    Rhythm { delay: s(delay), period: s(10), failures, successes }
}

fn probes<const N: usize>(rhythms: [(Kind, Rhythm); N]) -> Probes {
    Probes::new(rhythms, s(0), s(0))
}

#[test]
fn without_probes_a_container_is_started_and_ready_at_once() {
    let probes = probes([]);
    assert!(probes.started() && probes.ready() && probes.next().is_none());
}

#[test]
fn readiness_needs_its_thresholds_both_ways() {
    let mut probes = probes([(Readiness, rhythm(0, 2, 2))]);
    assert!(probes.started() && !probes.ready());
    let verdicts: Vec<_> = [Success, Failure, Success, Success, Failure, Success, Failure, Failure]
        .into_iter()
        .map(|outcome| (probes.report(Readiness, outcome, s(3)), probes.ready()))
        .collect();
    let (same, turn) = (ProbeEffect::Unchanged, ProbeEffect::Changed);
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
fn probes_are_made_at_ticks_and_readiness_at_once_too() {
    let first = |kind, delay, age| Probes::new([(kind, rhythm(delay, 1, 1))], s(age), s(0)).next();
    assert_eq!(first(Liveness, 0, 0), Some(s(10)));
    assert_eq!(first(Liveness, 0, 3), Some(s(7)), "the ticker began with the pod");
    assert_eq!(first(Liveness, 7, 3), Some(s(7)));
    assert_eq!(first(Liveness, 8, 3), Some(s(17)), "the tick after the delay");
    assert_eq!(first(Startup, 0, 40), Some(s(0)), "a container that was restarted at a tick");
    assert_eq!(first(Readiness, 0, 3), Some(s(0)));
    assert_eq!(first(Readiness, 5, 3), Some(s(7)));
}

#[test]
fn liveness_restarts_after_failures_in_a_row_only_and_then_is_silent() {
    let mut probes = probes([(Liveness, rhythm(0, 3, 1))]);
    let all = [Failure, Failure, Success, Failure, Failure, Failure];
    for (beat, outcome) in (1..).zip(all) {
        assert_eq!(probes.next(), Some(s(10 * beat)));
        assert_eq!(probes.take_due(s(10 * beat)), [Liveness]);
        let verdict = if beat == 6 { ProbeEffect::Restart } else { ProbeEffect::Unchanged };
        assert_eq!(probes.report(Liveness, outcome, s(10 * beat)), verdict, "{beat}");
    }
    assert_eq!(probes.next(), None);
}

#[test]
fn the_startup_probe_holds_the_others_back_and_is_made_no_more_once_it_succeeded() {
    let all =
        [(Startup, rhythm(1, 3, 1)), (Liveness, rhythm(0, 1, 1)), (Readiness, rhythm(0, 1, 1))];
    let mut probes = probes(all);
    assert!(!probes.started() && !probes.ready());
    assert_eq!(probes.take_due(s(10)), [Startup]);
    assert_eq!((probes.take_due(s(10)), probes.next()), (Vec::new(), None), "it is in flight");
    assert_eq!(probes.report(Startup, Failure, s(11)), ProbeEffect::Unchanged);
    assert_eq!(probes.next(), Some(s(20)));
    assert_eq!(probes.take_due(s(20)), [Startup]);
    assert_eq!(probes.report(Startup, Success, s(21)), ProbeEffect::Changed);
    assert!(probes.started() && !probes.ready());
    assert_eq!(probes.take_due(s(21)), [Readiness], "at once");
    assert_eq!(probes.take_due(s(30)), [Liveness], "at its tick");
    assert_eq!(probes.report(Readiness, Success, s(30)), ProbeEffect::Changed);
    assert!(probes.ready());
}

#[test]
fn a_startup_probe_that_fails_too_often_restarts() {
    let mut probes = probes([(Startup, rhythm(0, 2, 1))]);
    assert_eq!(probes.report(Startup, Failure, s(0)), ProbeEffect::Unchanged);
    assert_eq!(probes.report(Startup, Failure, s(10)), ProbeEffect::Restart);
}

#[test]
fn a_slow_result_costs_a_beat_and_not_the_rhythm() {
    let mut probes = probes([(Readiness, rhythm(0, 1, 1))]);
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
    let mut probes = probes([(Liveness, rhythm(0, 1, 1)), (Readiness, rhythm(0, 1, 1))]);
    assert_eq!(probes.take_due(s(10)), [Liveness, Readiness]);
    probes.delete();
    assert_eq!(probes.report(Liveness, Failure, s(11)), ProbeEffect::Unchanged);
    assert_eq!(probes.report(Readiness, Success, s(11)), ProbeEffect::Changed);
    assert_eq!(probes.take_due(s(20)), [Readiness]);
    assert_eq!(probes.report(Readiness, Failure, s(21)), ProbeEffect::Changed);
}
