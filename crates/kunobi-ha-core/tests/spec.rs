//! The protocol as a table of predicates: it makes sense in itself, and it is written out as pairs.
//!
//! `PAIRS=10000 SEED=1 PAIRS_OUT=file cargo test -p kunobi-ha-core --test spec` writes random states
//! and steps with what the table makes of them, a line of JSON each, for another implementation of
//! the same table to compare.

#[cfg(test)]
mod spec {
    mod json;
    mod pairs;
    mod rows;
    mod state;
    mod table;
}
