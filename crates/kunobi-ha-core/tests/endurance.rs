//! Every outcome that the core knows, for ever, in every phase: it asks rarely, it tells, it ends. And
//! several electors for a long time: who leads, and how soon.

#[cfg(test)]
mod endurance {
    mod deaths;
    mod fleet;
    mod handovers;
    mod outages;
    mod rates;
    mod starvation;
    mod trouble;
    mod world;
}
