//! What the electors of thousands of runs do, call by call, beside what they did when it was
//! recorded: a change of the core that shall change nothing changes nothing here.
//!
//! `tests/traces/hashes.txt` has a hash for each run, `tests/traces/corpus.txt` the whole record of
//! the most varied ones. The record names nothing of the source: see `tests/traces/legend.rs`.
//!
//! | command, after `cargo test -p kunobi-ha-core --test traces` | what it does |
//! | --- | --- |
//! | | compares the corpus and the first quarter of the runs |
//! | with `ALL=1` before it | compares every run |
//! | with `BLESS=1` before it | records them all: what they do now is right |
//! | with `TRACE=n` before it, and `-- --nocapture` after it | prints the record of run n |

#[cfg(test)]
#[path = "spec/spec.rs"]
mod spec;

#[cfg(test)]
#[path = "simulation"]
mod simulation {
    #[expect(dead_code, reason = "no bug is planted in a run that is recorded")]
    mod bugs;
    mod clock;
    mod handovers;
    mod incidents;
    mod ledger;
    pub(crate) mod listener;
    mod network;
    mod news;
    mod oracle;
    pub(crate) mod profile;
    mod publications;
    mod replica;
    pub(crate) mod rng;
    pub(crate) mod run;
    mod server;
    mod turn;
    mod vandal;
    mod world;
}

#[cfg(test)]
mod traces {
    mod compare;
    mod corpus;
    mod inputs;
    mod legend;
    mod nonsense;
    mod objects;
    mod runs;
    mod steps;
    mod tape;
}
