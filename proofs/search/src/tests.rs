//! That the canonical form hides nothing, and what single searches show.

use crate::{
    liveness::liveness,
    search::{Extent, Limits, search},
    setup::{Faults, Rumours, Settings, Setup, TICK, ticks},
    setups,
    world::World,
};

/// Random schedules, on a world as it is and on its canonical form side by side.
fn same_behaviour(setup: &Setup, schedules: u64) {
    for seed in 0..schedules {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut raw = World::new(setup);
        raw.prune(setup);
        let mut canonical = raw.clone();
        canonical.canonical(setup);
        let mut way = Vec::new();
        for _ in 0..80 {
            let actions = canonical.actions(setup);
            if actions.is_empty() {
                break;
            }
            let action = actions[rng.usize(..actions.len())].clone();
            for world in [&mut raw, &mut canonical] {
                world.perform(&action, setup);
                world.prune(setup);
            }
            way.push(action);
            canonical.canonical(setup);
            let mut expected = raw.clone();
            expected.canonical(setup);
            assert!(
                expected == canonical,
                "{}, seed {seed}: {way:?} leads to\n{expected:#?}\nbut, canonically, to\n{canonical:#?}",
                setup.name
            );
        }
    }
}

fn pair() -> Vec<Settings> {
    vec![Settings::new("a", [3, 2, 1]), Settings::new("b", [3, 2, 1])]
}

#[test]
fn a_canonical_state_behaves_like_the_state_on_a_lossy_network() {
    let faults = Faults { orphans: 1, resets: true, doubles: true, ..Faults::default() };
    same_behaviour(&Setup::new("lossy", pair(), faults), 3_000);
}

#[test]
fn a_canonical_state_behaves_like_the_state_with_all_faults() {
    same_behaviour(&Setup::new("all", pair(), all()), 3_000);
    // A clock that steps back while nobody looks at it is a slow clock.
    let faults = Faults { clocks_back: 0, pauses: true, ..all() };
    same_behaviour(&Setup::new("pauses", pair(), faults), 3_000);
}

#[test]
fn a_canonical_state_behaves_like_the_state_with_mixed_timings_and_a_create_grace() {
    let mixed = || {
        let config = ticks([3, 2, 1]).create_grace(TICK * 3).observe_timeout(TICK * 7);
        let first = Settings::with("same", config.clone());
        vec![first, Settings::with("same", config), Settings::new("c", [4, 3, 2]).at_rate(1, 2)]
    };
    same_behaviour(&Setup::new("mixed", mixed(), all()), 1_500);
    let faults = Faults { refusals: 0, alters: false, stops: false, ..all() };
    same_behaviour(&Setup::new("mixed", mixed(), faults), 1_500);
}

#[test]
fn a_canonical_state_behaves_like_the_state_with_deaths_and_retakes() {
    let faults =
        || Faults { deaths: 4, restarts: true, retakes: 1, latency: true, ..Faults::default() };
    // A release that takes longer is replaced, and in ticks of which of two the time is up first is lost.
    let brief = |name| Settings::with(name, ticks([3, 2, 1]).release_timeout(TICK));
    let given = Faults { orphans: 1, step_downs: true, successor: Some("b"), ..faults() };
    same_behaviour(&Setup::new("successors", vec![brief("a"), brief("b")], given.clone()), 2_000);
    let everything = Faults { rumours: Rumours::ToAll, step_downs: false, crashes: true, ..all() };
    let everything = Faults { deaths: 9, restarts: true, retakes: 2, ..everything };
    same_behaviour(
        &Setup::new("all", pair(), Faults { stale: false, ..everything.clone() }),
        2_000,
    );
    // News that are doubted after a rewind are so until the clock comes to that instant again.
    same_behaviour(&Setup::new("all", pair(), Faults { clocks_back: 0, ..everything }), 2_000);
    let quick = || ticks([3, 2, 1]).retry_period(TICK / 2).create_grace(TICK * 3);
    let quick = || vec![Settings::with("a", quick()), Settings::with("b", quick())];
    same_behaviour(
        &Setup::new(
            "deaths",
            quick(),
            Faults { orphans: 1, stale: true, deletions: 1, ..faults() },
        ),
        2_000,
    );
    let deletion = Faults { orphans: 1, deletions: 2, rumours: Rumours::ToAll, ..faults() };
    same_behaviour(&Setup::new("deletion", quick(), deletion), 2_000);
    let own = Faults { deaths: 0, restarts: false, rumours: Rumours::ToHolder, ..faults() };
    same_behaviour(&Setup::new("own", quick(), own), 2_000);
}

#[test]
fn a_canonical_state_behaves_like_the_state_where_leaders_retake_and_nobody_dies() {
    let faults = Faults { orphans: 1, resets: true, retakes: 2, ..Faults::default() };
    same_behaviour(&Setup::new("retakes", pair(), faults.clone()), 6_000);
    let one = Faults { retakes: 1, stale: true, events: true, clocks_back: 1, ..faults };
    same_behaviour(&Setup::new("retakes", pair(), one), 6_000);
}

/// A search that visits every state, and sees what it is there for.
fn visits_every_state(name: &str) {
    let setup = setups::short().into_iter().find(|setup| setup.name == name).expect("it is there");
    let found = search(setup, Limits::new(600, 1));
    assert_eq!(found.violation, None);
    assert_eq!(found.unseen, []);
    assert_eq!(found.extent, Extent::Complete);
}

#[test]
fn replicas_that_all_start_without_a_lease_never_lead_together() {
    visits_every_state("lossy network");
}

#[test]
fn replicas_that_both_bid_for_a_free_lease_never_lead_together() {
    visits_every_state("step down");
}

#[test]
fn a_pause_at_any_time_makes_no_two_leaders() {
    visits_every_state("pauses");
}

#[test]
fn the_readme_lists_every_search_with_its_timings() {
    let page = include_str!("../README.md");
    let table = page.lines().skip_while(|line| !line.starts_with("| search | replicas |"));
    let rows = table.skip(2).map_while(|line| line.strip_prefix("| "));
    let listed: Vec<_> =
        rows.map(|row| row.split(" | ").take(2).collect::<Vec<_>>().join(" | ")).collect();
    let searches = [setups::short(), setups::long(), setups::three(), setups::controls()];
    let expected: Vec<_> = searches.iter().flatten().map(row).collect();
    assert_eq!(listed, expected);
}

/// Its name, and L, D and R of each replica.
fn row(setup: &Setup) -> String {
    let replicas = setup.replicas.iter().map(|replica| {
        let config = replica.timing.config();
        let durations = [config.lease_duration, config.renew_deadline, config.retry_period];
        let [lease, deadline, retry] = durations.map(|it| it.as_secs_f64());
        format!("{} {lease}/{deadline}/{retry}", replica.identity)
    });
    format!("{} | {}", setup.name, replicas.collect::<Vec<_>>().join(", "))
}

#[test]
fn a_small_search_visits_every_state_and_finds_no_state_without_a_way_to_a_leader() {
    let chosen = || setups::short().into_iter().find(|setup| setup.name == "altered writes");
    let found = search(chosen().expect("it is there"), Limits::new(60, 1));
    assert_eq!(found.violation, None);
    assert_eq!(found.unseen, []);
    assert!(found.extent == Extent::Complete && found.states > 10_000, "{found:?}");
    let live = liveness(&chosen().expect("it is there"));
    assert_eq!((live.states, live.stuck), (found.states, 0));
}

#[test]
fn clocks_that_differ_more_than_the_theorem_allows_are_found_out() {
    is_found_out("clocks at 1 : 3");
}

#[test]
fn news_of_a_leader_that_lives_are_found_out() {
    is_found_out("news are false");
}

fn is_found_out(name: &str) {
    let control = setups::controls().into_iter().find(|it| it.name == name).expect("it is there");
    let found = search(control, Limits::new(60, 1));
    assert!(found.violation.is_some(), "{found:?}");
}

#[test]
fn a_successor_that_never_comes_keeps_nobody_from_leading() {
    visits_every_state("absent successor");
}

fn all() -> Faults {
    Faults {
        orphans: 1,
        resets: true,
        doubles: true,
        crashes: true,
        step_downs: true,
        stops: true,
        events: true,
        stale: true,
        labels: true,
        edits: true,
        alters: true,
        deletions: 2,
        refusals: 3,
        posts: true,
        overwrites: true,
        pauses: false,
        clocks_back: 3,
        latency: true,
        ..Faults::default()
    }
}
