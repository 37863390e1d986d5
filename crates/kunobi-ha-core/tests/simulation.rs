//! Electors in virtual time over one Lease in memory, under every fault that the theorem allows.
//!
//! `SEED=n cargo test --test simulation -- --nocapture` runs one seed and prints every step;
//! `SEEDS=n` runs that many. With `WATCH=spec` the trace validation alone is watched (`spec/`).

#[cfg(test)]
#[path = "spec/spec.rs"]
mod spec;

#[cfg(test)]
mod simulation {
    mod bugs;
    mod clock;
    mod handovers;
    mod incidents;
    mod ledger;
    mod listener;
    mod network;
    mod news;
    mod oracle;
    mod printer;
    mod profile;
    mod publications;
    mod replica;
    mod rng;
    mod run;
    mod server;
    mod suites;
    mod turn;
    mod vandal;
    mod world;
}
