//! A controller with more than one replica: work on `ConfigMap`s, election, probes, shutdown.
//!
//! ```text
//! cargo run --example operator -- --demo
//! ```
//!
//! needs nothing, and ends by itself. Without `--demo` it runs against a cluster: start
//! `cargo run -p kunobi-ha-test` in one shell, and this in two others, each with another of the
//! kubeconfigs that it prints and with a `PROBES` of its own. SIGTERM the one that leads.
//!
//! | variable | what it sets; what holds without it |
//! | --- | --- |
//! | `HA_LEASE` | the Lease's name; required |
//! | `POD_NAMESPACE` | the Lease's and the objects' namespace; that of the service account |
//! | `POD_NAME` | the identity; `HOSTNAME`, or a UUID |
//! | `POD_IP` | where probes are served, on port 8081; `[::]` |
//! | `PROBES` | where probes are served, port and all |
//! | `HA_GRACE_PERIOD_SECONDS`, `HA_UNREADY_DELAY_SECONDS` | the shutdown's budgets; 30 and 0 |
//! | `TICK_HZ` | how often the leader counts in the `ConfigMap` `ticks`; never |
//!
//! Beside the Lease it may get, list, watch and patch configmaps; to count, create and update them.

// A program of its own depends on k8s-openapi under its own name.
extern crate k8s_openapi_0_29 as k8s_openapi;

mod demo;
mod greeter;
mod place;
mod ticker;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kunobi_ha::{
    BoxError,
    operator::{Context, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Report, Shutdown},
};

use place::Place;

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?; // First: a signal counts from here on.
    tracing_subscriber::fmt().with_target(false).init();
    let Place { client, namespace, election, probes } = Place::find(&stop.handle()).await?;
    let objects = Api::<ConfigMap>::namespaced(client, &namespace);
    let election = election.build();
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    let operator = Operator::new(election)
        .shutdown(stop)
        .probes(probes, health)
        .always("observer", observe)
        .lead("greeter", greeter::on(objects.clone()))
        .lead("ticker", ticker::on(objects));
    Ok(operator.run().await)
}

/// What every replica does: this one says who leads.
async fn observe(context: Context) -> Result<(), BoxError> {
    let stop = context.cancel_token();
    let mut state = context.leader_state().clone();
    let mut known = None;
    loop {
        let leader = state.leader_identity();
        if leader != known {
            tracing::info!(leader = leader.as_deref().unwrap_or("nobody"), "seen from here");
            known = leader;
        }
        if stop.run_until_cancelled(state.changed()).await.is_none() {
            return Ok(());
        }
    }
}
