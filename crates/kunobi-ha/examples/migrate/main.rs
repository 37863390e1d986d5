//! The programs of `docs/migrate/`, after the migration. This runs one of them, in the cluster of the current
//! context:
//!
//! ```text
//! POD_NAMESPACE=default cargo run --example migrate -- client-go
//! ```
//!
//! The programs before it are compiled in `compare/`.

use std::process::{ExitCode, Termination};

/// Includes a program. Each is a whole file with a `main`, so it needs a module around it.
macro_rules! program {
    ($name:ident, $file:literal) => {
        mod $name {
            include!($file);

            pub(super) fn run() -> std::process::ExitCode {
                std::process::Termination::report(main())
            }
        }
    };
}

program!(client_go, "from_client_go.rs");
program!(kube_leader_election, "from_kube_leader_election.rs");
program!(kube_lease_manager, "from_kube_lease_manager.rs");
program!(kubert, "from_kubert.rs");
program!(kunobi_ha_0_6, "from_kunobi_ha_0_6.rs");

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("client-go") => client_go::run(),
        Some("kube-leader-election") => kube_leader_election::run(),
        Some("kube-lease-manager") => kube_lease_manager::run(),
        Some("kubert") => kubert::run(),
        Some("kunobi-ha-0.6") => kunobi_ha_0_6::run(),
        _ => {
            Result::<(), _>::Err("from which library? The name of a page in docs/migrate/").report()
        }
    }
}
