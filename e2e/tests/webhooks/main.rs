//! One program with webhooks, registered at kube-apiserver and at the server of `kunobi-ha-test`: the same requests are
//! answered alike, and the program is shown the same.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod behaviour;
mod configurations;
mod program;
mod rows;
mod side;
mod table;

use e2e::plane::{Plane, PlaneOptions};
use kube::Client;
use kunobi_ha_test::TestServer;

use crate::{
    program::Program,
    side::{Outcome, Side},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_servers_call_webhooks_alike() {
    let plane = Plane::start(&PlaneOptions::default()).expect("a control plane");
    let mut config = plane.config("admin").await.expect("a configuration");
    // An answer is what is tested, be it a failure that may pass.
    config.default_retry = false;
    let real = Client::try_from(config).expect("a client");
    let ours = Client::new(TestServer::new().service("admin"), "default");
    let program = Program::start().await;
    let rows = table::rows();
    let real = Side::new("kube-apiserver", real, &program);
    let ours = Side::new("kunobi-ha-test", ours, &program);

    let mut differences = Vec::new();
    let mut compare = |name: &str, (there, here): (&Outcome, &Outcome)| {
        if there != here {
            differences.push(format!("{name}\n  there: {there}\n  here:  {here}"));
        }
    };
    let (there, here) = (real.run(&rows).await, ours.run(&rows).await);
    for (row, outcomes) in rows.iter().zip(there.iter().zip(&here)) {
        compare(&row.name, outcomes);
    }
    let wrong = configurations::wrong();
    let there = real.try_configurations(&wrong).await;
    let here = ours.try_configurations(&wrong).await;
    for ((name, _, _), outcomes) in wrong.iter().zip(there.iter().zip(&here)) {
        compare(name, outcomes);
    }
    let (count, differing) = (rows.len() + wrong.len(), differences.len());
    println!("webhooks: {count} rows, {differing} differ");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
