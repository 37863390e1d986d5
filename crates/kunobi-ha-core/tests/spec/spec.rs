//! The abstract protocol as a table, and a monitor that finds the rows which an elector takes.
//!
//! Other test targets share these files: the monitor needs nothing but what goes into an elector
//! and what comes out of it.

mod answers;
mod attempts;
mod book;
mod early;
mod monitor;
mod publications;
mod releases;
mod rows;
mod sends;
mod shows;
mod sight;
mod state;
mod table;
mod turn;
mod violation;

pub(crate) use self::monitor::Monitor;
