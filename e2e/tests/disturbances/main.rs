//! What happens to an election when people and outages disturb the cluster.
//!
//! A judge samples all the time who leads. Each test prints what happened, as a row of one table.

mod cluster;
mod edits;
mod field;
mod histories;
mod judge;
mod logs;
mod meddling;
mod outages;
mod overload;
mod report;
mod tokens;

use std::{env, time::Duration};

/// Returns how often or how long: `all`, or `part` where the gate runs it.
fn scaled<T>(all: T, part: T) -> T {
    if is_part() { part } else { all }
}

fn is_part() -> bool {
    env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part")
}

const LEASE: Duration = Duration::from_secs(3);
const DEADLINE: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(500);
/// What is added to each bound, twice, because the machine does other things, too.
const SLACK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(90);
