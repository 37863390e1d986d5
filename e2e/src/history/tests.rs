use std::time::Duration;

use serde_json::json;

use super::{Belief, History, ReleaseClaim, Report, Version, Witness};
use crate::candidate::{Line, Maker};

/// 3 s leases: `a` (ours) renews once and releases, `go` takes over and is killed, `b` (ours) waits
/// it out.
fn sound() -> History {
    History {
        versions: vec![
            version(10, "a", 0, "a0", 0),
            version(11, "a", 0, "a0", 500),
            version(12, "", 0, "released", 900),
            version(20, "go", 1, "go1", 1_400),
            version(21, "go", 1, "go1", 1_900),
            version(30, "b", 2, "b2", 5_000),
        ],
        beliefs: vec![
            belief("a", Maker::Kunobi, [5, 890], 0, Some(10)),
            belief("go", Maker::ClientGo, [1_410, 2_300], 1, None),
            belief("b", Maker::Kunobi, [5_010, 6_900], 2, Some(30)),
        ],
        releases: vec![claim("a", Maker::Kunobi, None, 903)],
        deaths: Vec::new(),
        deadline: Duration::from_secs(2),
    }
}

#[test]
fn a_sound_history_has_no_fault() {
    let report = sound().check();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert!(report.client_go.is_empty(), "{:?}", report.client_go);
    assert_eq!(report.gaps[&(Maker::Kunobi, Maker::ClientGo)], ms(520));
    assert_eq!(report.gaps[&(Maker::ClientGo, Maker::Kunobi)], ms(2_710));
    assert_eq!(report.waits[&Maker::Kunobi], ms(3_100));
    assert_eq!((report.versions, report.terms), (6, 3));
}

#[test]
fn a_broken_chain_is_found() {
    found("does not come after", |history| history.versions[1].number = 10);
    found("with other transitions", |history| history.versions[1].transitions = 1);
    found("release of nothing", |history| history.versions[2].transitions = 1);
    found("count on by one", |history| history.versions[3].transitions = 2);
    found("goes back in time", |history| history.versions[1].renewed = 0);
    found("of a lease that runs", |history| history.versions[5].renewed = ms(4_870));
}

#[test]
fn client_go_may_be_a_second_early_and_no_more() {
    let mut history = sound();
    history.versions.truncate(2);
    history.versions.push(version(20, "go", 1, "go1", 2_500));
    history.beliefs.truncate(2);
    history.beliefs[1].from = ms(2_510);
    assert!(history.check().faults.is_empty());

    history.versions[2].renewed = ms(2_470);
    assert!(history.check().faults[0].contains("of a lease that runs"));
}

#[test]
fn what_the_dead_or_oneself_held_may_be_taken_early() {
    let mut history = sound();
    history.versions[5].renewed = ms(2_600);
    history.beliefs[2].from = ms(2_610);
    history.beliefs[2].until = ms(4_500);
    assert!(history.check().faults[0].contains("of a lease that runs"));
    history.deaths = vec![("go".into(), ms(2_300))];
    assert!(history.check().faults.is_empty(), "{:?}", history.check().faults);
    for other in [("a".into(), ms(2_300)), ("go".into(), ms(1_800)), ("go".into(), ms(2_700))] {
        history.deaths = vec![other];
        assert!(history.check().faults[0].contains("of a lease that runs"));
    }

    let mut history = sound();
    history.versions.push(version(31, "b", 3, "b3", 7_050));
    history.beliefs.push(belief("b", Maker::Kunobi, [7_060, 9_000], 3, Some(31)));
    assert!(history.check().faults.is_empty(), "{:?}", history.check().faults);
}

#[test]
fn two_leaders_are_found_and_whose_fault_it_is() {
    let report = found("two leaders", |history| history.beliefs[0].until = ms(1_450));
    assert_eq!(overlaps(&report), [(Maker::Kunobi, ms(40))]);

    let mut history = sound();
    history.beliefs[1].until = ms(5_100);
    let report = history.check();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert_eq!(overlaps(&report), [(Maker::ClientGo, ms(90))]);
    assert!(report.client_go[0].contains("two leaders"));

    // Two beliefs that are not neighbours overlap, too.
    let report = found("two leaders", |history| history.beliefs[0].until = ms(5_020));
    assert_eq!(report.overlaps.len(), 2);
}

#[test]
fn a_client_go_candidate_that_stood_still_did_nothing() {
    let mut history = sound();
    history.beliefs[1].until = ms(6_000);
    history.beliefs[1].pauses = vec![(ms(2_000), ms(5_950))];
    assert_eq!(overlaps(&history.check()), [(Maker::ClientGo, ms(50))]);

    // A candidate of ours is held to the clock, even if its process was stopped.
    history.beliefs[1].maker = Maker::Kunobi;
    assert_eq!(overlaps(&history.check()), [(Maker::Kunobi, ms(990))]);
}

#[test]
fn wrong_tokens_are_found() {
    found("transitions do not grow", |history| history.beliefs[2].transitions = 1);
    found("never written", |history| history.beliefs[2].transitions = 7);
    found("fences do not grow", |history| history.beliefs[2].fence = Some(9));
    found("not a version of its term", |history| history.beliefs[2].fence = Some(31));
}

#[test]
fn a_belief_beyond_its_deadline_is_found() {
    found("after its renew deadline", |history| history.beliefs[2].until = ms(7_030));
}

#[test]
fn a_release_before_the_stop_is_found() {
    found("before it had stopped", |history| history.beliefs[0].until = ms(905));
    found("never led", |history| drop(history.beliefs.remove(0)));
}

#[test]
fn a_lease_that_client_go_erased_is_its_own() {
    let mut history = sound();
    history.versions.push(version(31, "", 2, "released", 5_500));
    history.versions.push(version(32, "a", 3, "a3", 5_600));
    history.beliefs.push(belief("a", Maker::Kunobi, [5_610, 7_500], 3, Some(32)));
    history.releases.push(claim("go", Maker::ClientGo, Some(2), 5_503));
    let report = history.check();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert!(report.client_go[0].contains("go erased"));
    assert_eq!(overlaps(&report), [(Maker::ClientGo, ms(1_290))]);

    history.releases.pop();
    assert!(!history.check().faults.is_empty(), "nobody says that it was client-go");
}

#[test]
fn a_witness_believes_until_its_last_word() {
    let line = |event: &str, at, fields| Line { event: event.into(), at, fields };
    let mut witness = Witness {
        replica: "a".into(),
        maker: Maker::Kunobi,
        lines: vec![
            line("started-leading", 5, json!({ "valid_until_ns": 100, "fence": 3 })),
            line("believes", 50, json!({ "valid_until_ns": 170 })),
            line("believes", 51, json!({ "valid_until_ns": 110 })),
            line("stopped-leading", 120, json!({})),
            line("leading-context-done", 121, json!({})),
            line("released", 130, json!({})),
            line("started-leading", 300, json!({ "valid_until_ns": 400 })),
        ],
        pauses: Vec::new(),
        died: None,
        end: 1_000,
    };
    let span = |belief: &Belief| (belief.from, belief.until);
    let spans: Vec<_> = witness.beliefs().iter().map(span).collect();
    assert_eq!(spans, [(5, 110), (300, 400)], "by its last word");
    assert_eq!(witness.releases().len(), 1);
    assert_eq!(witness.beliefs()[0].fence, Some(3));

    witness.end = 350;
    assert_eq!(span(&witness.beliefs()[1]), (300, 350), "the dead believe nothing");
}

/// Plants an error, and returns the report, which must name it.
fn found(what: &str, plant: impl FnOnce(&mut History)) -> Report {
    let mut history = sound();
    plant(&mut history);
    let report = history.check();
    assert!(report.faults.iter().any(|fault| fault.contains(what)), "{what}: {report:?}");
    report
}

fn overlaps(report: &Report) -> Vec<(Maker, u64)> {
    report.overlaps.iter().map(|overlap| (overlap.fault, overlap.length)).collect()
}

fn version(number: u64, holder: &str, transitions: u64, acquired: &str, renewed: u64) -> Version {
    Version {
        number,
        holder: holder.into(),
        seconds: if holder.is_empty() { 1 } else { 3 },
        transitions,
        acquired: acquired.into(),
        renewed: ms(renewed),
        seen: ms(renewed + 2),
    }
}

fn belief(
    replica: &str,
    maker: Maker,
    [from, until]: [u64; 2],
    transitions: u64,
    fence: Option<u64>,
) -> Belief {
    let (from, until) = (ms(from), ms(until));
    let replica = replica.into();
    Belief { replica, maker, from, until, pauses: Vec::new(), transitions, fence }
}

fn claim(replica: &str, maker: Maker, transitions: Option<u64>, answered: u64) -> ReleaseClaim {
    ReleaseClaim { replica: replica.into(), maker, transitions, answered: ms(answered) }
}

fn ms(milliseconds: u64) -> u64 {
    milliseconds * 1_000_000
}
