//! `kubectl ha list`, whole, against a server in process.

use crate::support::{Ground, lease};
use kubectl_ha::Exit;
use kunobi_ha_test::Matcher;

#[tokio::test(start_paused = true)]
async fn a_row_tells_who_holds_a_lease_and_when_it_was_renewed() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    ground.put(&lease("default", "apiserver-odd"));
    ground.put(&lease("kube-node-lease", "node-1"));
    ground.run("list").await.is("list/default");
    ground.run("list -A").await.is("list/all-namespaces");
    ground.run("list -A --all -o name").await.is("list/names");
    ground.run("list -o json").await.is("list/json");
    ground.run("list -o yaml").await.is("list/yaml");
}

#[tokio::test(start_paused = true)]
async fn one_odd_lease_spoils_no_other() {
    let ground = Ground::new();
    let mut odd = lease("default", "odd");
    odd["spec"] =
        serde_json::json!({ "holderIdentity": 7, "renewTime": "soon", "leaseDurationSeconds": -1 });
    ground.put(&odd);
    ground.put(&lease("default", "orders"));
    ground.run("list -o wide").await.is("list/odd");
}

#[tokio::test(start_paused = true)]
async fn two_thousand_leases_are_asked_for_in_pages() {
    let ground = Ground::new();
    for number in 0..2_000 {
        ground.put(&lease("default", &format!("lease-{number:04}")));
    }
    let done = ground.run("list -o name").await;
    assert_eq!(done.exit, Exit::Fine);
    assert_eq!(done.output.lines().count(), 2_000);
    ground.server.assert_requested_times(4, Matcher::any());
}

#[tokio::test(start_paused = true)]
async fn nothing_in_a_lease_reaches_the_terminal_raw() {
    let ground = Ground::new();
    let mut hostile = lease("default", "orders");
    hostile["spec"]["holderIdentity"] =
        format!("a\u{1b}[2J\nfake  row\r\u{202e}\u{9b}{}", "x".repeat(10_000)).into();
    hostile["spec"]["renewTime"] = "\u{1b}]0;title\u{7}".into();
    ground.put(&hostile);
    for arguments in ["list", "list -o wide", "list -o json", "list -o yaml", "list -o name"] {
        let done = ground.run(arguments).await;
        let raw = done.output.chars().find(|char| *char != '\n' && char.escape_debug().len() > 2);
        assert_eq!((raw, done.exit), (None, Exit::Fine), "{arguments}: {}", done.output);
    }
    ground.run("list").await.is("list/hostile");
}
