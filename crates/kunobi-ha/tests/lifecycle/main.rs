//! What happens around the election, with real processes, real signals and real HTTP: the
//! acceptance scenarios of shutdown, probes and the runner.
//!
//! The API server runs in the test. The programs are this very binary, which runs one of
//! [`programs`] when it is told to by an environment variable.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::unchecked_time_subtraction, reason = "so has one whose times are out of order")]

mod blocked;
mod checks;
mod crashes;
mod draining;
mod half_open;
mod handover;
mod http;
mod install;
#[path = "../common/limits.rs"]
mod limits;
mod log;
mod losses;
mod order;
mod pauses;
mod program;
mod programs;
mod releases;
mod scrapes;
mod signals;
mod standby;
mod user_code;
mod world;

use std::env;

/// Not a test: it runs the programs that the tests start.
#[test]
fn program() {
    if let Ok(name) = env::var(program::NAME) {
        programs::run(&name);
    }
}
