//! `kubectl ha wait`, whole, against a server in process.

use kubectl_ha::Exit;
use tokio::time::{Instant, sleep};

use crate::{
    election::{Played, beside, ms, s},
    support::{Ground, lease},
};

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_alive_is_there_at_once() {
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 3);
    for words in ["wait orders --for=leader", "wait lease/orders --for=holder=orders-1 --timeout=0"]
    {
        ground.run(words).await.is("wait/met");
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_whose_duration_is_over_has_to_renew_first() {
    let ground = Ground::new();
    let mut dead = lease("default", "orders");
    dead["spec"]["renewTime"] = "2026-11-27T09:59:55.000000Z".into();
    ground.put(&dead);
    ground.run("wait orders --for=leader --timeout=5s").await.is("wait/dead");
    ground.run("wait orders --for=leader --timeout=0").await.is("wait/not-met");
    let played = Played(&ground);
    let began = Instant::now();
    let done = beside(&ground, "wait orders --for=leader", played.renew(1, s(2))).await;
    done.is("wait/met");
    assert_eq!(began.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_handover_is_another_holder_and_not_a_renewal() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let began = Instant::now();
    let done = beside(&ground, "wait orders --for=handover --timeout=1m", async {
        played.renew(3, s(2)).await;
        played.release();
        sleep(s(1)).await;
        played.take("orders-1");
        sleep(s(1)).await;
        played.take("orders-2");
    });
    done.await.is("wait/met");
    assert_eq!(began.elapsed().as_secs(), 8);
    let done =
        beside(&ground, "wait orders --for=handover --timeout=3s", played.renew(3, s(2))).await;
    done.is("wait/no-handover");
    let done = beside(&ground, "wait orders --for=holder=orders-1 --timeout=-1s", async {
        sleep(s(100_000)).await;
        played.take("orders-1");
        sleep(ms(1)).await;
    });
    done.await.is("wait/met");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_fails_in_the_words_of_kubectl() {
    let ground = Ground::new();
    ground.run("wait nope --for=leader").await.is("wait/not-found");
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_true_is_refused() {
    let ground = Ground::new();
    let mut node = lease("kube-node-lease", "node-1");
    node["spec"]["holderIdentity"] = "node-1".into();
    ground.put(&node);
    for words in [
        "wait orders --for=holder=",
        "wait orders --for=Leader",
        "wait orders --for=handover --timeout=0",
        "wait node-1 -n kube-node-lease --for=handover",
    ] {
        let done = ground.run(words).await;
        assert_eq!(done.exit, Exit::Usage, "{words}");
        assert!(done.errors.contains("can never be true"), "{words}: {}", done.errors);
    }
}
