//! What a list says of that which is not as it should be.

use kubectl_ha::Exit;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::shop;
use crate::{
    election::{during, ms},
    support::{Ground, lease},
};

#[tokio::test(start_paused = true)]
async fn a_list_without_rows_says_why_and_where_to_look() {
    let ground = shop();
    ground.put(&lease("kube-system", "apiserver-abc"));
    for (words, told) in [
        ("", "No Leases found in the namespace empty; -A looks in all."),
        ("-l a=b", "No Leases found with the labels a=b in the namespace empty; -A looks in all."),
        ("-A -l a=b", "No Leases found with the labels a=b in all namespaces."),
        ("-n nope", "There is no namespace nope; `kubectl get namespaces` lists all."),
        (
            "-n kube-system",
            "No elections found in the namespace kube-system: 1 Lease that elects nobody is left out; --all shows it.",
        ),
        (
            "-n kube-node-lease",
            "No elections found in the namespace kube-node-lease: 2 Leases that elect nobody are left out; --all shows them.",
        ),
    ] {
        let namespace = if words.contains("-n") { "" } else { "-n empty" };
        let done = ground.run(&format!("list {words} {namespace}")).await;
        assert_eq!((done.errors, done.exit), (format!("{told}\n"), Exit::Fine), "{words}");
        let words = format!("watch {words} {namespace}");
        let done = during(&ground, &words, sleep(ms(1))).await;
        assert_eq!(done.errors, format!("{told} Those that are created will be told.\n"));
    }
    let done = ground.run("get orders -n nope").await;
    assert!(done.errors.contains("that namespace does not exist"), "{}", done.errors);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_has_run_out_by_clocks_has_no_slack_in_json() {
    let ground = shop();
    let list: Value = serde_json::from_str(&ground.run("list -o json").await.output).unwrap();
    for lease in list["items"].as_array().unwrap() {
        let (stale, free) = (lease["name"] == "stale", lease["name"] == "released");
        assert_eq!(lease["slackSeconds"].is_null(), stale || free, "{lease}");
        assert_eq!(lease["slackIs"].is_null(), stale || free, "{lease}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_in_the_order_of_the_alphabet_in_each_command() {
    let ground = shop();
    for words in ["list -o json", "get orders -o json", "explain orders --observe 0 -o json"] {
        let output = ground.run(words).await.output;
        let keys: Vec<_> = output.lines().filter(|line| line.starts_with("  \"")).collect();
        assert!(keys.len() > 2 && keys.is_sorted(), "{words}: {keys:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_crashes_is_not_running() {
    let ground = shop();
    ground
        .server
        .edit("pods default/orders-7d9f8b6c5-x2x4z", |pod| {
            let crashed = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
            pod["status"]["containerStatuses"][0]["state"] = crashed;
            pod["status"]["conditions"][0]["status"] = "False".into();
        })
        .unwrap();
    let done = ground.run("list").await;
    assert!(done.output.contains("CrashLoopBackOff"), "{}", done.output);
    let done = ground.run("get orders").await;
    assert!(done.output.contains("(CrashLoopBackOff, not ready, 2 restarts)"), "{}", done.output);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_yet_to_come_is_odd() {
    let ground = Ground::new();
    let mut ahead = lease("default", "orders");
    ahead["spec"]["renewTime"] = "2036-11-27T10:00:00.000000Z".into();
    ahead["spec"]["acquireTime"] = "2036-11-27T09:00:00.000000Z".into();
    ground.put(&ahead);
    ground.run("list -o wide").await.is("list/ahead");
    ground.run("get orders").await.is("get/ahead");
    ground.run("explain orders --observe 1s").await.is("explain/ahead");
}
