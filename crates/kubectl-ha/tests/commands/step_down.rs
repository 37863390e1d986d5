//! `kubectl ha step-down`, whole, with real operators of this library against a server in process.

mod meanwhile;
mod others;
mod replicas;

use std::time::Duration;

use kubectl_ha::Exit;
use kunobi_ha::operator::OnWish;
use kunobi_ha_test::Faults;
use serde_json::{Value, json};
use tokio::time::sleep;

use self::replicas::{
    after_look, answered, leads, nothing_was_written, pod, replica, terminal, two_replicas, wish,
};
use crate::{
    election::{Played, beside, s},
    support::Ground,
};

#[tokio::test(start_paused = true)]
async fn the_leader_hands_over_to_a_sibling_and_the_gap_is_told() {
    let ground = Ground::new();
    let [one, two] = two_replicas(&ground).await;
    let done = ground.run("step-down orders --yes").await;
    assert_eq!(done.exit, Exit::Fine, "{done:?}");
    assert!(two.state.is_leader() && !one.state.is_leader());
    let output = &done.output;
    assert!(
        output.contains(
            "orders-1, the leader of default/orders, will be asked to hand over to orders-2."
        ),
        "{output}"
    );
    assert!(
        output.contains("released by orders-1, which names orders-2 as its successor"),
        "{output}"
    );
    let last = output.lines().last().unwrap();
    let words = "lease.coordination.k8s.io/orders handed over from orders-1 to orders-2: ";
    assert!(last.starts_with(words) && last.ends_with("without a holder"), "{last}");
    assert_eq!(wish(&ground), Value::Null, "nothing is left behind");
    // The former leader is a standby, and can be asked for again.
    sleep(s(20)).await;
    let done = ground.run("step-down orders --to orders-1 --yes").await;
    assert_eq!(done.exit, Exit::Fine, "{done:?}");
    assert!(one.state.is_leader());
}

// The page shows this one.
#[tokio::test(start_paused = true)]
async fn each_step_of_a_handover_is_told() {
    let ground = Ground::new();
    let played = Played(&ground);
    pod(&ground, "orders-1");
    pod(&ground, "orders-2");
    played.begin("orders-1", 3);
    played.edit(|lease| lease["spec"]["acquireTime"] = "2026-11-27T09:00:00.000000Z".into());
    let script = async {
        played.renew(2, s(2)).await;
        played.release();
        played.edit(|lease| lease["metadata"]["annotations"]["kunobi.ninja/wish"] = Value::Null);
        sleep(Duration::from_millis(120)).await;
        played.take("orders-2");
    };
    beside(&ground, "step-down orders --yes", script).await.is("step-down/done");
    played.begin("orders-1", 3);
    let done = beside(&ground, "step-down orders --dry-run", played.renew(2, s(2))).await;
    done.is("step-down/young");
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_ignores_wishes_is_not_waited_for_for_ever_and_the_wish_is_taken_back() {
    let ground = Ground::new();
    pod(&ground, "orders-1");
    pod(&ground, "orders-2");
    let one = replica(&ground, "orders-1", |operator| operator.on_wish(OnWish::Ignore));
    leads(&one).await;
    sleep(s(20)).await;
    let done = ground.run("step-down orders --yes --timeout 30s").await;
    assert_eq!(done.exit, Exit::Failed);
    assert!(
        after_look(&done).starts_with("error: orders-1 did not hand over within 30.00s\n"),
        "{}",
        done.errors
    );
    assert!(
        done.errors.contains("OnWish::Ignore")
            && done.errors.ends_with("The wish was taken back.\n"),
        "{}",
        done.errors
    );
    assert!(one.state.is_leader());
    assert_eq!(wish(&ground), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_wish_of_somebody_else_is_left_alone() {
    let ground = Ground::new();
    two_replicas(&ground).await;
    Played(&ground).edit(|lease| {
        // One that the leader never obeys: it names the leader.
        lease["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": "orders-1" });
    });
    let done = ground.run("step-down orders --yes").await;
    assert_eq!(done.exit, Exit::Failed);
    let words = "error: orders-1 is wished for already, and a leader obeys one wish a term; \
                 `kubectl annotate lease orders kunobi.ninja/wish- -n default` takes that one back\n";
    assert_eq!(after_look(&done), words);
    assert_eq!(wish(&ground), "orders-1");
}

#[tokio::test(start_paused = true)]
async fn a_wish_that_came_between_the_read_and_the_write_is_not_written_over() {
    let ground = Ground::new();
    let played = Played(&ground);
    pod(&ground, "orders-1");
    pod(&ground, "orders-2");
    played.begin("orders-1", 3);
    // The list of the pods takes until 2.5 s, and the write until 3 s.
    let slow = Faults { latency_before_ms: 500, ..Faults::default() };
    let script = async {
        sleep(s(1)).await;
        ground.server.set_faults("me", slow);
        played.renew(1, s(1)).await;
        sleep(Duration::from_millis(800)).await;
        played.edit(|lease| {
            lease["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": "orders-9" });
        });
    };
    let done = beside(&ground, "step-down orders --yes", script).await;
    assert_eq!(done.exit, Exit::Failed, "{done:?}");
    assert_eq!(
        after_look(&done),
        "error: somebody else has just wished for orders-9; nothing was written\n"
    );
    assert_eq!(wish(&ground), "orders-9");
}

// A renewal in between is no reason to give up.
#[tokio::test(start_paused = true)]
async fn a_renewal_between_the_read_and_the_write_costs_one_more_attempt() {
    let ground = Ground::new();
    let played = Played(&ground);
    pod(&ground, "orders-1");
    pod(&ground, "orders-2");
    played.begin("orders-1", 3);
    let slow = Faults { latency_before_ms: 500, ..Faults::default() };
    let script = async {
        sleep(s(1)).await;
        ground.server.set_faults("me", slow);
        played.renew(1, s(1)).await;
        played.renew(1, Duration::from_millis(800)).await;
        sleep(s(4)).await;
        assert_eq!(wish(&ground), "orders-2");
        // Somebody else wishes for somebody else: that is not taken back.
        played.edit(|lease| {
            lease["metadata"]["annotations"]["kunobi.ninja/wish"] = "orders-9".into();
        });
    };
    let done = beside(&ground, "step-down orders --yes --timeout 20s", script).await;
    assert!(
        done.errors.ends_with("The wish is not there any more; nothing was left behind.\n"),
        "{}",
        done.errors
    );
    assert_eq!(wish(&ground), "orders-9");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_can_not_lead_is_refused() {
    let ground = Ground::new();
    two_replicas(&ground).await;
    pod(&ground, "orders-4");
    ground.server.edit("pods default/orders-4", |pod| pod["status"] = json!({})).unwrap();
    for (name, words) in [
        ("orders-1", "error: orders-1 leads already"),
        (
            "nobody",
            "error: there is no pod nobody in this namespace, so it can't be a candidate; ready are: orders-2",
        ),
        ("orders-4", "error: the pod orders-4 is not ready; ready are: orders-2"),
    ] {
        let done = ground.run(&format!("step-down orders --yes --to {name}")).await;
        assert_eq!((done.exit, after_look(&done).trim()), (Exit::Failed, words));
    }
    nothing_was_written(&ground);
}

#[tokio::test(start_paused = true)]
async fn a_free_an_expired_and_an_absent_lease_have_nobody_who_could_step_down() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("", 3);
    let done = ground.run("step-down orders --yes").await;
    assert_eq!(
        done.errors,
        "error: Lease default/orders has no holder: there is nobody to step down\n"
    );
    played.begin("orders-1", 3);
    let done = ground.run("step-down orders --yes").await;
    assert!(
        after_look(&done).starts_with(
            "error: orders-1 was not seen to renew within 15.00s, so its Lease has run out and there is nobody to ask.\n\
             A candidate takes it over by itself; if none does, none is running, or none may write the Lease: \
             `kubectl ha doctor orders -n default` says which."
        ),
        "{}",
        done.errors
    );
    let done = ground.run("step-down nope --yes").await;
    assert_eq!(
        done.errors,
        "error: there is no Lease nope in the namespace default; there are: orders\n"
    );
    nothing_was_written(&ground);
}

#[tokio::test(start_paused = true)]
async fn a_person_is_asked_and_without_one_nothing_is_done() {
    let mut ground = Ground::new();
    let [one, two] = two_replicas(&ground).await;
    let done = ground.run("step-down orders").await;
    assert_eq!(done.exit, Exit::Usage);
    let asked = ground.server.requests();
    assert!(asked.iter().all(|request| request.client != "me"), "nothing was asked of the cluster");
    assert!(
        done.errors.contains("there is no terminal on which to ask")
            && done.errors.contains("`--yes`"),
        "{}",
        done.errors
    );
    let done = ground.run("step-down orders --dry-run").await;
    assert_eq!(done.exit, Exit::Fine);
    assert!(done.output.ends_with("Nothing was done (--dry-run).\n"), "{}", done.output);

    ground.terminal = terminal();
    for (answer, exit) in
        [("\n", Exit::Failed), ("no\n", Exit::Failed), ("", Exit::Failed), ("y\n", Exit::Fine)]
    {
        if exit == Exit::Fine {
            nothing_was_written(&ground);
        }
        let done = answered(&ground, "step-down orders", answer).await;
        assert_eq!(done.exit, exit, "{answer:?}: {done:?}");
        assert!(done.output.contains("Ask it? [y/N]"), "{}", done.output);
    }
    assert!(two.state.is_leader() && !one.state.is_leader());
}

#[tokio::test(start_paused = true)]
async fn if_nobody_takes_the_lease_that_is_said() {
    let ground = Ground::new();
    pod(&ground, "orders-1");
    pod(&ground, "orders-2");
    let one = replica(&ground, "orders-1", |operator| operator);
    leads(&one).await;
    sleep(s(20)).await;
    let done = ground.run("step-down orders --yes").await;
    assert_eq!(done.exit, Exit::Failed);
    assert!(
        done.errors
            .contains("orders-1 gave the Lease back and leads again, because nobody else took it"),
        "{}",
        done.errors
    );
    assert_eq!(wish(&ground), Value::Null);
}
