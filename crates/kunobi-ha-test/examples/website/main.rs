//! An operator of the usual size, and its tests, which need no cluster: `cargo test -p kunobi-ha-test --example website`.
//!
//! It serves a `Website`: it applies a Deployment, enters the site in a list that all sites share, says in the status and
//! by an event when all replicas are ready, and takes the site off the list when it is deleted.
//!
//! Against a cluster, or `cargo run -p kunobi-ha-test`, whose first kubeconfig `KUBECONFIG` names then:
//!
//! ```text
//! cargo run -p kunobi-ha-test --example website -- --install
//! kubectl apply -f crates/kunobi-ha-test/examples/website/home.yaml
//! kubectl get websites,deployments,events
//! ```
//!
//! It works in the namespace of the kubeconfig, with the rights of `rights.yaml`; `--install` applies the definition first, which
//! needs those of an administrator, and `--crd` prints it. For several replicas of an operator, of which
//! one works, see the crate `kunobi-ha`.

mod controller;
mod definition;
mod types;

#[cfg(test)]
mod tests;

use std::{env, error::Error};

use kube::{Client, CustomResourceExt};

use types::Website;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let is_asked = |option| env::args().skip(1).any(|argument| argument == option);
    if is_asked("--crd") {
        println!("{}", serde_json::to_string_pretty(&Website::crd())?);
        return Ok(());
    }
    let client = Client::try_default().await?;
    if is_asked("--install") {
        definition::install(&client, &Website::crd()).await?;
    }
    let namespace = client.default_namespace().to_owned();
    println!("working in the namespace {namespace}");
    tokio::select! {
        () = controller::run(client, &namespace) => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(())
}
