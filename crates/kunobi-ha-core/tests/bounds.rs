//! Every bound that [`Timing`](kunobi_ha_core::Timing) promises, against electors in virtual time:
//! nothing takes longer, and something takes nearly as long.
//!
//! `SEED=n cargo test --test bounds -- --nocapture` runs one case and prints every step; `SEEDS=n`
//! runs that many.

#[cfg(test)]
mod bounds {
    mod case;
    mod dead_pool;
    mod latencies;
    mod load;
    mod network;
    mod promises;
    mod rng;
    mod server;
    mod suites;
    mod takeovers;
    mod text;
    mod world;
}
