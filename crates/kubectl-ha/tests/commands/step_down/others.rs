//! Leaders that can't be asked.

use std::time::Duration;

use kubectl_ha::Exit;
use kunobi_ha_test::Matcher;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::replicas::{nothing_was_written, pod};
use crate::{
    election::{Played, beside, s},
    support::Ground,
};

#[tokio::test(start_paused = true)]
async fn a_leader_of_another_library_is_evicted_only_if_that_is_said() {
    let ground = Ground::new();
    let played = Played(&ground);
    pod(&ground, "orders-1");
    played.begin("orders-1_06c639a5-efae-4674-b556-d08f3dc1ac4d", 3);
    let script = || played.renew_as("manager", 9, s(2));
    let done = beside(&ground, "step-down orders --yes", script()).await;
    assert_eq!(done.exit, Exit::Failed);
    assert!(
        done.errors.contains("perhaps by client-go, whose leaders can't be asked to hand over"),
        "{}",
        done.errors
    );
    assert!(done.errors.contains("the leader's pod orders-1 can be evicted:"), "{}", done.errors);
    nothing_was_written(&ground);
    let script = async {
        played.renew_as("manager", 3, s(2)).await;
        played.release();
        sleep(Duration::from_millis(400)).await;
        played.take("orders-2");
    };
    let done = beside(&ground, "step-down orders --yes --evict", script).await;
    assert_eq!(done.exit, Exit::Fine, "{done:?}");
    let last = done.output.lines().last().unwrap();
    assert!(last.ends_with("to orders-2: 0.40s without a holder"), "{last}");
    ground.server.assert_requested(Matcher::create("pods/eviction").name("orders-1"));
}

// As client-go does without ReleaseOnCancel: the last renewal is that which the command waited for.
#[tokio::test(start_paused = true)]
async fn the_gap_after_an_eviction_without_a_release_is_measured_from_the_last_renewal() {
    let ground = Ground::new();
    let played = Played(&ground);
    pod(&ground, "orders-1");
    played.begin("orders-1_06c639a5-efae-4674-b556-d08f3dc1ac4d", 3);
    let script = async {
        played.renew_as("manager", 1, s(2)).await;
        sleep(s(16)).await;
        played.take("orders-2");
    };
    let done = beside(&ground, "step-down orders --yes --evict", script).await;
    let last = done.output.lines().last().unwrap();
    let gap = "to orders-2: 16.00s after the last renewal, 1.00s without a holder";
    assert!(last.ends_with(gap), "{last}");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_silent_for_long_is_looked_at_as_long_as_asked_and_that_is_said() {
    let ground = Ground::new();
    ground.put(&{
        let mut lease = crate::support::lease("shop", "orders");
        lease["spec"]["leaseDurationSeconds"] = 86_400.into();
        lease
    });
    for (words, name) in [("--timeout 10s", "silent"), ("", "silent-longer")] {
        let began = Instant::now();
        let done =
            ground.run(&format!("step-down orders -n shop --context prod --dry-run {words}")).await;
        done.is(&format!("step-down/{name}"));
        assert!(began.elapsed() <= s(60), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_can_check_is_said_to_be_one() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("elsewhere", 3);
    let words = "step-down orders --to orders-zzz --dry-run";
    let done = beside(&ground, words, played.renew(9, s(2))).await;
    let told = "\norders-zzz may not exist: the leader is not a pod of this namespace, so its candidates are not known. \
                If it does not, nobody leads for up to 2.5 retry periods, 5s with the defaults.\n";
    assert!(done.output.contains(told), "{}", done.output);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_allows_no_eviction_is_told_and_so_is_a_holder_that_is_no_pod() {
    let ground = Ground::new();
    let played = Played(&ground);
    pod(&ground, "orders-1");
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "namespace": "default", "name": "orders" },
        "spec": { "minAvailable": 1, "selector": { "matchLabels": { "app": "orders" } } },
        "status": { "disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1, "observedGeneration": 1 },
    });
    ground.server.inject("poddisruptionbudgets.policy default/orders", budget);
    played.begin("orders-1", 3);
    let done =
        beside(&ground, "step-down orders --yes --evict", played.renew_as("manager", 9, s(2)))
            .await;
    assert_eq!(done.exit, Exit::Failed);
    assert!(
        done.errors.contains("the pod orders-1 may not be evicted now: Cannot evict pod"),
        "{}",
        done.errors
    );
    played.begin("elsewhere", 3);
    for words in ["step-down orders --yes --evict", "step-down orders --yes"] {
        let done = beside(&ground, words, played.renew_as("manager", 9, s(2))).await;
        assert!(
            done.errors.contains("the leader elsewhere is not a pod of this namespace"),
            "{}",
            done.errors
        );
    }
}
