//! `kubectl ha explain`, whole, against a server in process.

use kunobi_ha_test::{Faults, TestServer};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    election::{Played, beside, ms, s},
    support::{Ground, lease},
};

#[tokio::test(start_paused = true)]
async fn a_lease_of_ours_is_explained_by_the_bounds_of_the_library() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let done = beside(&ground, "explain orders", played.renew(9, s(2))).await;
    done.is("explain/ours");
    let done = beside(&ground, "explain orders -o json", played.renew(9, s(2))).await;
    done.is("explain/json");
}

#[tokio::test(start_paused = true)]
async fn other_libraries_are_told_by_their_records() {
    let ground = Ground::new();
    let played = Played(&ground);
    for (name, holder, manager) in [
        ("client-go", "orders-1_06c639a5-efae-4674-b556-d08f3dc1ac4d", "manager"),
        ("kubert", "orders-1", "kubert"),
        ("unknown", "orders-1", "unknown"),
    ] {
        played.begin(holder, 3);
        played.edit(|lease| lease["metadata"]["managedFields"][0]["manager"] = manager.into());
        let script = played.renew_as(manager, 9, s(2));
        beside(&ground, "explain orders", script).await.is(&format!("explain/{name}"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_odd_is_told() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let script = async {
        played.edit(|lease| {
            lease["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": "orders-9" });
            lease["spec"]["preferredHolder"] = "orders-7".into();
            lease["spec"]["strategy"] = "OldestEmulationVersion".into();
        });
        played
            .renew_at(3, s(9), |time| format!("{:.6}", time - jiff::SignedDuration::from_secs(300)))
            .await;
    };
    beside(&ground, "explain orders --observe 28s", script).await.is("explain/odd");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_gone_and_a_lease_that_nobody_holds_promise_nothing() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    beside(&ground, "explain orders", sleep(s(1))).await.is("explain/dead");
    let played = Played(&ground);
    played.begin("", 3);
    beside(&ground, "explain lease/orders", sleep(s(1))).await.is("explain/free");
    ground.put(&lease("kube-node-lease", "node-1"));
    let words = "explain node-1 -n kube-node-lease --observe 1s";
    beside(&ground, words, sleep(ms(1))).await.is("explain/heartbeat");
    ground.run("explain nope").await.is("explain/not-found");
}

// As of kube-lease-manager: both writes of the first renewal come at once.
#[tokio::test(start_paused = true)]
async fn two_writes_of_one_renewal_are_one_and_a_record_that_people_wrote_is_odd() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let script = async {
        for _ in 0..3 {
            played.renew(1, s(2)).await;
            played.renew(1, ms(5)).await;
        }
    };
    let done = beside(&ground, "explain orders", script).await;
    assert!(done.output.contains("renewed 2 times, 2.00s apart"), "{}", done.output);
    let script = played.renew_as("kubectl-edit", 1, ms(1));
    script.await;
    let done = beside(&ground, "explain orders --observe 1s", sleep(ms(1))).await;
    let odd = "  its record was written by hand, with kubectl-edit: two may lead until the next renewal\n";
    assert!(done.output.ends_with(odd), "{}", done.output);
}

#[tokio::test(start_paused = true)]
async fn no_time_looks_once() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    let began = Instant::now();
    for words in ["--observe 0", "--observe=0s"] {
        ground.run(&format!("explain orders {words}")).await.is("explain/once");
    }
    assert!(began.elapsed().is_zero(), "{:?}", began.elapsed());
    let mut dead = lease("default", "orders");
    dead["spec"]["renewTime"] = "2026-11-27T07:00:00.000000Z".into();
    ground.put(&dead);
    let done = ground.run("explain orders --observe 0").await;
    let odd =
        "Odd\n  renewTime is 3h ago, and the duration is 15s: it has run out, unless the clock of ";
    assert!(done.output.contains(odd), "{}", done.output);
    let title = "\nIf the leader is alive, and dies now\n";
    assert!(done.output.contains(title), "{}", done.output);
}

// The time is a real one: what is done takes some, and no look does.
#[tokio::test]
async fn one_look_finds_nothing_odd_about_a_leader_and_assumes_the_defaults() {
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 3);
    let done = ground.run("explain orders --observe 0").await;
    let output = done.output;
    assert!(output.starts_with("default/orders, looked at once\n"), "{output}");
    assert!(output.ends_with("Odd: nothing\n"), "{output}");
    let taken = "how often they poll is taken to be the default retry_period of 2s\n";
    assert!(output.contains(taken), "{output}");
}

#[tokio::test(start_paused = true)]
async fn that_it_looks_is_told_before_the_server_is_asked() {
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 3);
    ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    let done = ground.run("explain orders").await;
    let told = "Looking at default/orders for two renewals, at most 5s longer than the Lease lasts …\n\
                error: no answer of the API server within 30s";
    assert!(done.errors.starts_with(told), "{}", done.errors);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_called_dead_while_the_server_is_away() {
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 3);
    let script = async {
        sleep(s(1)).await;
        ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    };
    let output = beside(&ground, "explain orders", script).await.output;
    assert!(output.contains("the API server was away meanwhile: "), "{output}");
    assert!(!output.contains("nobody has taken over"), "{output}");
}

#[tokio::test(start_paused = true)]
async fn a_takeover_meanwhile_is_told() {
    let ground = Ground::on(TestServer::new());
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let script = async {
        sleep(s(1)).await;
        played.take("orders-2");
        played.renew(5, s(2)).await;
    };
    beside(&ground, "explain orders", script).await.is("explain/takeover");
}
