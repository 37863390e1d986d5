//! Elections of client-go and of ours on one Lease of a real server, and what both libraries write.
//!
//! `E2E_SCOPE=part` is what the gate runs.

mod bodies;
mod contest;
mod events;
mod handovers;
mod member;
mod plugin;
mod table;
mod world;

use std::error::Error;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;
