//! What is searched.

use kunobi_ha_core::TimingConfig;

use crate::{
    marks::Mark::{
        Aged, Altered, ClockBack, Conflict, CreateRace, CreatedAgain, Died, DiedItself, Hedged,
        HolderChanged, Lapsed, LateAnswer, Namesake, OldAnswer, Overwrote, Polled, Posted,
        Probation, Proved, RefusedForGood, RefusedForNow, Released, Replaced, Retaken, Retried,
        Rewound, SuccessorAbsent, TakenFree, TakeoverRace, ToldDead,
    },
    setup::{Faults, Rumours, Settings, Setup, TICK, ticks},
};

/// Two replicas. Each of these searches visits every state, within seconds.
pub(crate) fn short() -> Vec<Setup> {
    let lossy = || Faults { orphans: 1, ..Faults::default() };
    let none = Faults::default;
    vec![
        Setup::new("lossy network", pair(), lossy())
            .seeing(&[CreateRace, Lapsed, Aged, Polled, Conflict, Hedged, Replaced, Proved]),
        // Only with D above R + 1 an answer to a renewal may come a tick late, and still count.
        Setup::new("late renewals", late(), none()),
        Setup::new("connections break", small(), Faults { resets: true, doubles: true, ..lossy() })
            .seeing(&[Retried]),
        Setup::new("crash and restart", small(), Faults { crashes: true, ..lossy() })
            .seeing(&[Namesake]),
        Setup::new("one identity twice", twins(), Faults { crashes: true, ..lossy() })
            .seeing(&[Namesake]),
        Setup::new("step down", small(), Faults { step_downs: true, stops: true, ..lossy() })
            .seeing(&[TakenFree, TakeoverRace, Conflict, Released]),
        Setup::new("watch events", small(), Faults { events: true, ..lossy() }),
        Setup::new("labels", small(), Faults { labels: true, ..lossy() }),
        Setup::new("stale reads", small(), Faults { stale: true, ..none() })
            .seeing(&[OldAnswer, Rewound]),
        Setup::new("altered writes", small(), Faults { alters: true, ..none() }).seeing(&[Altered]),
        Setup::new("edited holder", small(), Faults { edits: true, events: true, ..none() })
            .seeing(&[HolderChanged]),
        Setup::new("deletion, create grace", graced(), Faults { deletions: 1, ..none() })
            .seeing(&[CreatedAgain, Probation]),
        Setup::new("refusals", small(), Faults { refusals: 1, ..none() })
            .seeing(&[RefusedForGood, RefusedForNow]),
        Setup::new("creates by POST", small(), Faults { posts: true, ..lossy() }).seeing(&[Posted]),
        Setup::new("creates that overwrite", small(), Faults { overwrites: true, ..none() })
            .seeing(&[Overwrote]),
        Setup::new("pauses", small(), Faults { pauses: true, ..none() })
            .seeing(&[LateAnswer, Aged, Conflict]),
        Setup::new("clock back", small(), Faults { clocks_back: 1, ..none() }).seeing(&[ClockBack]),
        Setup::new("mixed timings", mixed(), lossy()),
        Setup::new("clocks at 1 : 2", drifting(), none()),
        Setup::new("latency counts", small(), Faults { latency: true, ..lossy() }),
        Setup::new("retakes", small(), Faults { retakes: 2, ..lossy() }).seeing(&[Retaken]),
        Setup::new("retakes, stale reads", small(), Faults { retakes: 2, stale: true, ..none() })
            .seeing(&[Retaken, OldAnswer, Rewound]),
        Setup::new("retakes, deletion", alone(), Faults { retakes: 1, deletions: 1, ..lossy() })
            .seeing(&[Retaken, CreatedAgain]),
        // A leader whose D is one tick never renews, so that its record is as old as its term.
        Setup::new("deaths", quick(), Faults { deaths: 1, ..none() }).seeing(&[Died]),
        Setup::new("restarts", brisk(), Faults { deaths: 2, restarts: true, ..none() })
            .seeing(&[DiedItself]),
        Setup::new("restarts, lossy", brisk(), Faults { deaths: 1, restarts: true, ..lossy() })
            .seeing(&[DiedItself]),
        Setup::new("told of itself", small(), Faults { rumours: Rumours::ToHolder, ..none() })
            .seeing(&[ToldDead]),
        Setup::new("absent successor", small(), absent()).seeing(&[SuccessorAbsent, TakenFree]),
    ]
}

/// Two replicas, with larger timings or more faults: minutes each.
pub(crate) fn long() -> Vec<Setup> {
    let lossy = || Faults { orphans: 1, ..Faults::default() };
    let none = Faults::default;
    vec![
        Setup::new("crash, D of 2", pair(), Faults { crashes: true, ..lossy() })
            .seeing(&[Namesake, Aged]),
        Setup::new(
            "watch events, labels",
            small(),
            Faults { events: true, labels: true, ..lossy() },
        ),
        Setup::new("labels, D of 2", pair(), Faults { events: true, labels: true, ..none() }),
        Setup::new("edited holder, D of 2", pair(), Faults { edits: true, ..none() })
            .seeing(&[HolderChanged]),
        Setup::new("POST, D of 2", pair(), Faults { posts: true, ..none() }).seeing(&[Posted]),
        Setup::new("overwriting, D of 2", pair(), Faults { overwrites: true, ..none() })
            .seeing(&[Overwrote]),
        Setup::new("refusals to both", small(), Faults { refusals: 2, ..none() })
            .seeing(&[RefusedForGood, RefusedForNow]),
        Setup::new("both clocks back", small(), Faults { clocks_back: 2, ..lossy() })
            .seeing(&[ClockBack]),
        Setup::new("retakes, D of 2", pair(), Faults { retakes: 2, ..lossy() }).seeing(&[Retaken]),
        Setup::new("deaths, lossy", quick(), Faults { deaths: 1, ..lossy() }).seeing(&[Died]),
        Setup::new("deaths, stale reads", quick(), Faults { deaths: 1, stale: true, ..none() })
            .seeing(&[Died, Rewound]),
        Setup::new("restarts, D of 2", quick(), Faults { deaths: 1, restarts: true, ..none() })
            .seeing(&[Died, DiedItself]),
        Setup::new("restarts, deletion", quick_graced(), restarts_and_deletion()).led().seeing(&[
            Died,
            DiedItself,
            CreatedAgain,
            Probation,
        ]),
    ]
}

/// Three replicas, as far as time allows.
pub(crate) fn three() -> Vec<Setup> {
    let mut replicas = pair();
    replicas.push(Settings::new("c", [3, 2, 1]));
    let faults = Faults { orphans: 1, crashes: true, step_downs: true, ..Faults::default() };
    vec![Setup::new("three replicas", replicas, faults)]
}

/// Controls that are outside the theorem: each must be found out.
pub(crate) fn controls() -> Vec<Setup> {
    let faults = || Faults { orphans: 1, ..Faults::default() };
    let fast = vec![
        Settings::new("a", [3, 2, 1]).at_rate(1, 1),
        Settings::new("b", [3, 2, 1]).at_rate(3, 3),
    ];
    let hasty = ticks([1, 1, 1])
        .renew_deadline(TICK / 2)
        .retry_period(TICK / 2)
        .renew_request_timeout(TICK / 2);
    let hasty = vec![Settings::new("a", [3, 2, 1]), Settings::with("b", hasty)];
    vec![
        Setup::new("D + 2 ticks", small(), faults()).believing_longer(2),
        Setup::new("clocks at 1 : 3", fast, faults()),
        Setup::new("deletion, no grace", pair(), Faults { deletions: 1, ..faults() }),
        Setup::new(
            "news are false",
            hasty,
            Faults { rumours: Rumours::ToAll, ..Faults::default() },
        ),
    ]
}

fn pair() -> Vec<Settings> {
    vec![Settings::new("a", [3, 2, 1]), Settings::new("b", [3, 2, 1])]
}

fn late() -> Vec<Settings> {
    vec![Settings::new("a", [4, 3, 1]), Settings::new("b", [4, 3, 1])]
}

fn small() -> Vec<Settings> {
    vec![Settings::new("a", [2, 1, 1]), Settings::new("b", [2, 1, 1])]
}

fn twins() -> Vec<Settings> {
    vec![Settings::new("a", [2, 1, 1]), Settings::new("a", [2, 1, 1])]
}

fn alone() -> Vec<Settings> {
    vec![Settings::new("a", [3, 2, 1])]
}

fn mixed() -> Vec<Settings> {
    vec![Settings::new("a", [2, 1, 1]), Settings::new("b", [4, 3, 2])]
}

fn drifting() -> Vec<Settings> {
    let settings = |name| Settings::new(name, [3, 1, 1]).at_rate(1, 2);
    vec![settings("a"), settings("b")]
}

fn graced() -> Vec<Settings> {
    both(ticks([2, 1, 1]).create_grace(TICK * 2))
}

/// With R of half a tick, rule C7 (a) asks for one tick only.
fn brisk() -> Vec<Settings> {
    both(ticks([2, 1, 1]).retry_period(TICK / 2))
}

fn quick() -> Vec<Settings> {
    both(ticks([3, 2, 1]).retry_period(TICK / 2))
}

fn quick_graced() -> Vec<Settings> {
    both(ticks([3, 2, 1]).retry_period(TICK / 2).create_grace(TICK * 3))
}

fn both(config: TimingConfig) -> Vec<Settings> {
    vec![Settings::with("a", config.clone()), Settings::with("b", config)]
}

/// The one that each release names never comes.
fn absent() -> Faults {
    Faults { step_downs: true, successor: Some("nobody"), ..Faults::default() }
}

fn restarts_and_deletion() -> Faults {
    Faults { deaths: 1, restarts: true, deletions: 1, ..Faults::default() }
}
