//! The comparison: which programs, which faults, and what they come to. `COMPARISON.md` says what is measured.
//!
//! Pure: [`belief`], [`history`], [`sample`], [`page`]. The rest starts processes, and disturbs them.

#![allow(clippy::exhaustive_enums, reason = "it is not published")]
#![allow(clippy::format_push_string, reason = "a table is text that grows, a row at a time")]

pub mod belief;
pub mod cell;
pub mod fault;
pub mod history;
pub mod machine;
pub mod migrate;
pub mod page;
pub mod peer;
pub mod process;
pub mod quiet;
pub mod results;
pub mod sample;
pub mod server;
