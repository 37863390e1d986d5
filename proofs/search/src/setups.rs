//! What is searched.

use crate::{
    marks::Mark::{
        Aged, Altered, ClockBack, Conflict, CreateRace, CreatedAgain, Hedged, HolderChanged,
        Lapsed, LateAnswer, Namesake, OldAnswer, Overwrote, Polled, Posted, Probation, Proved,
        RefusedForGood, RefusedForNow, Released, Replaced, Retried, Rewound, TakenFree,
        TakeoverRace,
    },
    setup::{Faults, Settings, Setup, TICK, ticks},
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
    vec![
        Setup::new("D + 2 ticks", small(), faults()).believing_longer(2),
        Setup::new("clocks at 1 : 3", fast, faults()),
        Setup::new("deletion, no grace", pair(), Faults { deletions: 1, ..faults() }),
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

fn mixed() -> Vec<Settings> {
    vec![Settings::new("a", [2, 1, 1]), Settings::new("b", [4, 3, 2])]
}

fn drifting() -> Vec<Settings> {
    let settings = |name| Settings::new(name, [3, 1, 1]).at_rate(1, 2);
    vec![settings("a"), settings("b")]
}

fn graced() -> Vec<Settings> {
    let settings = |name| Settings::with(name, ticks([2, 1, 1]).create_grace(TICK * 2));
    vec![settings("a"), settings("b")]
}
