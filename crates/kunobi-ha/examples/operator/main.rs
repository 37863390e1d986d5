//! A controller with several replicas: work on `ConfigMap`s, election, probes and shutdown.
//!
//! ```text
//! cargo run --example operator -- --demo
//! ```
//!
//! needs nothing else, and ends by itself. Without `--demo` it runs against a cluster: start `cargo
//! run -p kunobi-ha-test` in one shell and this example in two others. Give each of the two another
//! one of the kubeconfigs that the first prints, and another `PROBES`. Then send SIGTERM to the one
//! that leads.
//!
//! | variable | what it sets | default |
//! | --- | --- | --- |
//! | `HA_LEASE` | the name of the Lease | none: it is required |
//! | `POD_NAMESPACE` | the namespace of the Lease and of the objects | that of the service account |
//! | `POD_NAME` | the identity | `HOSTNAME`, or a UUID |
//! | `POD_IP` | the address of the probes, on port 8081 | `[::]` |
//! | `PROBES` | the address and port of the probes | port 8081 of `POD_IP` |
//! | `HA_GRACE_PERIOD_SECONDS`, `HA_UNREADY_DELAY_SECONDS` | the budgets of the shutdown | 30 and 0 |
//! | `TICK_HZ` | how often the leader counts in the `ConfigMap` `ticks` | never |
//!
//! `/metrics` on the port of the probes is what deploy/README.md shows on a dashboard.
//!
//! Beside the rights on the Lease, it needs those to get, list, watch and patch configmaps. To
//! count, it needs those to create and update them.

// A program of your own depends on k8s-openapi under its own name.
extern crate k8s_openapi_0_29 as k8s_openapi;

mod demo;
mod greeter;
mod metrics;
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
    let Place { client, namespace, election, probes } = Place::choose(&stop.handle()).await?;
    let objects = Api::<ConfigMap>::namespaced(client, &namespace);
    let health =
        Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy).build()?;
    let metrics = metrics::text(&election.state(), &health, stop.handle());
    let operator = Operator::new(election)
        .shutdown(stop)
        .probes(probes, health)
        .metrics(metrics)
        .always("observer", observe)
        .lead("greeter", greeter::on(objects.clone()))
        .lead("ticker", ticker::on(objects));
    Ok(operator.run().await)
}

/// The work of every replica: it logs who leads.
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
