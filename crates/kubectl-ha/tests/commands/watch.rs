//! `kubectl ha watch`, whole, against a server in process.

use kunobi_ha_test::{Fault, Faults, WatchFault};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    election::{ORDERS, Played, during, ms, s},
    support::{Ground, lease},
};

#[tokio::test(start_paused = true)]
async fn a_line_tells_each_event_and_the_time_since_the_last_one() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    during(&ground, "watch orders", story(&played)).await.is("watch/story");
    let played = Played(&ground);
    played.begin("orders-1", 3);
    during(&ground, "watch lease/orders --transitions", story(&played))
        .await
        .is("watch/transitions");
}

#[tokio::test(start_paused = true)]
async fn each_event_is_a_line_of_json() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let done = during(&ground, "watch orders -o json", story(&played)).await;
    done.is("watch/json");
    for line in done.output.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["apiVersion"], "kubectl-ha.kunobi.ninja/v1");
    }
}

#[tokio::test(start_paused = true)]
async fn all_leases_are_told_with_their_names_and_heartbeats_are_not() {
    let ground = Ground::new();
    ground.put(&lease("shop", "carts"));
    ground.put(&lease("kube-node-lease", "node-1"));
    let played = Played(&ground);
    let done = during(&ground, "watch -A --transitions", async {
        sleep(ms(500)).await;
        played.begin("orders-1", 0);
        sleep(s(1)).await;
        ground.put(&lease("kube-node-lease", "node-2"));
        ground.server.delete("leases shop/carts");
        sleep(s(1)).await;
    });
    done.await.is("watch/all");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_does_not_exist_is_waited_for() {
    let ground = Ground::new();
    let played = Played(&ground);
    let script = async {
        sleep(s(3)).await;
        played.begin("orders-1", 0);
        sleep(ms(10)).await;
    };
    during(&ground, "watch orders", script).await.is("watch/absent");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_found_long_after_its_duration_is_said_to_be() {
    let ground = Ground::new();
    let mut dead = lease("default", "orders");
    dead["spec"]["renewTime"] = "2026-11-27T09:42:10.000000Z".into();
    ground.put(&dead);
    let output = during(&ground, "watch orders", sleep(ms(1))).await.output;
    let words = "held by orders-7d9f8b6c5-x2x4z; duration 15s; last renewed 18m ago (run out?); 3 transitions\n";
    assert!(output.ends_with(words), "{output}");
    let output = during(&ground, "watch orders -o json", sleep(ms(1))).await.output;
    assert!(output.contains("\"renewedSecondsAgo\":1080"), "{output}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_and_a_version_that_is_forgotten_change_nothing() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let ends = [WatchFault::End, WatchFault::Expire, WatchFault::Break, WatchFault::End];
    ground.server.script("me", ends.map(|end| Fault::watch(2, end)));
    let done = during(&ground, "watch orders", async {
        played.renew(9, s(2)).await;
        sleep(ms(10)).await;
    });
    let done = done.await;
    assert_eq!(
        done.output.lines().filter(|line| line.contains("renewed")).count(),
        9,
        "{}",
        done.output
    );
}

#[tokio::test(start_paused = true)]
async fn while_the_server_is_away_nothing_is_missed() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let done = during(&ground, "watch orders", async {
        played.renew(4, s(2)).await;
        ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
        sleep(s(40)).await;
        ground.server.heal("me");
        sleep(s(10)).await;
        played.renew(2, s(2)).await;
    });
    done.await.is("watch/away");
}

#[tokio::test(start_paused = true)]
async fn nothing_from_a_lease_reaches_the_terminal_raw() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("a\u{1b}[2J\nfake\u{202e}", 3);
    for words in ["watch orders", "watch -A", "watch orders -o json"] {
        let done = during(&ground, words, async {
            played.renew(1, s(2)).await;
            played.edit(|lease| {
                lease["metadata"]["annotations"] =
                    serde_json::json!({ "kunobi.ninja/wish": "\u{1b}]0;x\u{7}" });
            });
            sleep(s(20)).await;
            played.take("b\u{9b}\r");
            sleep(ms(10)).await;
        });
        let output = done.await.output;
        assert_eq!(crate::support::raw(&output), None, "{words}: {output}");
    }
    assert!(ground.server.get(ORDERS).is_some());
}

/// Renewals, a death, a takeover, a handover, an end.
async fn story(played: &Played<'_>) {
    played.renew(4, s(2)).await;
    sleep(ms(15_800)).await;
    played.take("orders-2");
    played.renew(1, s(2)).await;
    sleep(ms(700)).await;
    played.edit(|lease| {
        lease["metadata"]["annotations"] = serde_json::json!({ "kunobi.ninja/wish": "orders-3" });
    });
    sleep(ms(1_300)).await;
    played.release();
    sleep(ms(210)).await;
    played.take("orders-3");
    played.renew(1, s(2)).await;
    sleep(s(1)).await;
    played.0.server.delete(ORDERS);
    sleep(ms(10)).await;
}
