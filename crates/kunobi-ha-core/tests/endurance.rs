//! Every outcome that the core knows, for ever, in every phase: it asks rarely, it tells, it ends.

#[cfg(test)]
mod endurance {
    mod rates;
    mod trouble;
    mod world;
}
