//! One program with webhooks, registered at kube-apiserver and at the server of `kunobi-ha-test`: the same requests are
//! answered alike, and the program is shown the same.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod behaviour;
mod configurations;
mod program;
mod rows;
mod side;
mod table;

use control_plane::{Plane, PlaneOptions};
use http::Method;
use kube::Client;
use kunobi_ha_test::TestServer;
use serde_json::json;

use crate::{
    program::Program,
    rows::Stage,
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

/// kube-apiserver asks the DNS of the cluster for this, which there is none of here.
#[tokio::test]
async fn a_service_is_called_at_its_address() {
    let program = Program::start().await;
    let address = ([127, 0, 0, 1], program.port).into();
    let server = TestServer::builder().with_webhook_address("hooks", "hook", address).build();
    let client = Client::new(server.service("admin"), "default");
    let service = json!({ "namespace": "hooks", "name": "hook", "path": "/row-00/deny" });
    for (name, answers) in [("hook", true), ("other", false)] {
        let mut service = service.clone();
        service["name"] = name.into();
        let hook = json!({
            "name": format!("{name}.hooks.example.com"),
            "clientConfig": { "service": service, "caBundle": program.ca_bundle },
            "rules": rows::rules(&["CREATE"], "", &["configmaps"]),
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        });
        let side = Side::new("kunobi-ha-test", client.clone(), &program);
        side.configure(Stage::Validating, "hooks", &[hook]).await;
        let create = rows::step(Method::POST, "/api/v1/namespaces/default/configmaps", rows::map());
        let (_, body, _) = side.send(0, &create).await;
        let message = body["message"].as_str().unwrap();
        let expected =
            if answers { "denied the request: not today" } else { "`with_webhook_address`" };
        assert!(message.ends_with(expected), "{message}");
        server
            .delete("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/hooks");
    }
}
