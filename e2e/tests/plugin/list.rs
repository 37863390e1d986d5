//! `kubectl ha list` and `get`.

use control_plane::{Plane, PlaneOptions};
use e2e::{objects::create, plugin::kubectl_ha};
use kubectl_ha::Exit;
use serde_json::{Value, json};

#[tokio::test]
async fn leases_are_listed_with_their_holders_pods() {
    let options = PlaneOptions { identities: vec!["stranger".into()], ..PlaneOptions::default() };
    let plane = Plane::start(&options).unwrap();
    let admin = plane.client("admin").await.unwrap();
    create(&admin, "/api/v1/namespaces", &named("shop")).await.unwrap();
    create(&admin, "/api/v1/namespaces/shop/serviceaccounts", &named("default")).await.unwrap();
    create(&admin, "/api/v1/namespaces/shop/pods", &pod("orders-0")).await.unwrap();
    for name in ["orders", "batch"] {
        create(&admin, "/apis/coordination.k8s.io/v1/namespaces/shop/leases", &lease(name))
            .await
            .unwrap();
    }
    let kubeconfig = plane.kubeconfig("admin").unwrap();

    let done = kubectl_ha(kubeconfig, "list -n shop --no-headers").await;
    assert_eq!((done.exit, done.errors.as_str()), (Exit::Fine, ""));
    let rows: Vec<Vec<_>> =
        done.output.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((rows[0][0], rows[0][1], rows[0][5]), ("batch", "batch-0", "-"));
    assert_eq!(
        (rows[1][0], rows[1][1], rows[1][5], rows[1][6]),
        ("orders", "orders-0", "Pending", "0")
    );
    // The Leases of the API server itself elect nobody.
    let all = kubectl_ha(kubeconfig, "list -A -o name").await;
    assert_eq!(all.output.lines().count(), 2, "{}", all.output);
    assert!(kubectl_ha(kubeconfig, "list -A --all -o name").await.output.lines().count() > 2);

    // By the server's clock it was renewed just now.
    let document = kubectl_ha(kubeconfig, "get -n shop orders -o json").await;
    let document: Value = serde_json::from_str(&document.output).unwrap();
    let age = document["renewedSecondsAgo"].as_f64().unwrap();
    assert!((-2.0..60.0).contains(&age), "{age}");
    assert_eq!(document["pod"]["phase"], "Pending");

    // What a server says that refuses.
    let refused = kubectl_ha(plane.kubeconfig("stranger").unwrap(), "list -n shop").await;
    assert_eq!(refused.exit, Exit::Failed);
    assert!(
        refused.errors.starts_with("error: you may not list leases in the namespace shop"),
        "{}",
        refused.errors
    );
    let missing = kubectl_ha(kubeconfig, "get -n shop order").await;
    assert!(missing.errors.ends_with("there are: batch, orders\n"), "{}", missing.errors);
    let impersonated = kubectl_ha(kubeconfig, "list -n shop --as nobody").await;
    assert!(impersonated.errors.contains("User \"nobody\""), "{}", impersonated.errors);
}

fn lease(name: &str) -> Value {
    let now = jiff::Timestamp::now();
    json!({
        "metadata": { "name": name },
        "spec": {
            "holderIdentity": format!("{name}-0"), "leaseDurationSeconds": 15, "leaseTransitions": 1,
            "acquireTime": format!("{now:.6}"), "renewTime": format!("{now:.6}"),
        },
    })
}

fn pod(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "containers": [{ "name": "c", "image": "none" }] } })
}

fn named(name: &str) -> Value {
    json!({ "metadata": { "name": name } })
}
