//! The programs of `docs/guide.md`, one for each step. This runs the program of the fourth step, in the
//! cluster of the current context:
//!
//! ```text
//! cargo run --example guide -- 4
//! ```
//!
//! `several` and `without_the_runner` are the programs of its last sections.

// A program that is a crate of its own depends on k8s-openapi under this name.
extern crate k8s_openapi_0_29 as k8s_openapi;

mod several;
mod without_the_runner;

use std::process::{ExitCode, Termination};

/// Includes a program. Each is a whole file with a `main`, so it needs a module around it.
macro_rules! program {
    ($name:ident, $file:literal) => {
        #[expect(clippy::needless_pass_by_value, reason = "controllers call functions so")]
        mod $name {
            include!($file);

            pub(super) fn run() -> std::process::ExitCode {
                std::process::Termination::report(main())
            }
        }
    };
}

program!(single_replica, "1_single_replica.rs");
program!(shutdown, "2_shutdown.rs");
program!(election, "3_election.rs");
program!(probes, "4_probes.rs");
program!(fence, "5_fence.rs");
program!(test, "6_test.rs");

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("1") => single_replica::run(),
        Some("2") => shutdown::run(),
        Some("3") => election::run(),
        Some("4") => probes::run(),
        Some("5") => fence::run(),
        Some("6") => test::run(),
        Some("several") => several::main().report(),
        Some("without_the_runner") => without_the_runner::main().report(),
        _ => Result::<(), _>::Err("which step? 1 to 6, several or without_the_runner").report(),
    }
}
