//! `kubectl ha wait`, whole, against a server in process.

use kubectl_ha::Exit;
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, WatchFault};
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
async fn what_does_not_exist_fails_in_the_words_of_kubectl_if_it_is_not_waited_for() {
    let ground = Ground::new();
    ground.run("wait nope --for=leader --timeout=0").await.is("wait/not-found");
}

// After `kubectl apply` the first leader has yet to create it.
#[tokio::test(start_paused = true)]
async fn a_lease_that_does_not_exist_yet_is_waited_for() {
    for condition in ["leader", "holder=orders-1", "handover"] {
        let ground = Ground::new();
        let script = async {
            sleep(s(3)).await;
            Played(&ground).begin("orders-1", 0);
        };
        let began = Instant::now();
        beside(&ground, &format!("wait orders --for={condition}"), script).await.is("wait/created");
        assert_eq!(began.elapsed().as_secs(), 3);
    }
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 0);
    ground.run("wait nope --for=leader --timeout=3s").await.is("wait/never-created");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_is_dead_is_told_whatever_is_waited_for() {
    let ground = Ground::new();
    let mut dead = lease("default", "orders");
    dead["spec"]["renewTime"] = "2026-11-27T09:59:55.000000Z".into();
    ground.put(&dead);
    for condition in ["leader", "holder=orders-7d9f8b6c5-x2x4z", "holder=other", "handover"] {
        let words = format!("wait orders --for={condition} --timeout=5s");
        ground.run(&words).await.is("wait/dead");
    }
}

// A firewall forgets the connection, and nothing ends the watch.
#[tokio::test(start_paused = true)]
async fn a_watch_that_should_have_ended_is_opened_again() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let stall = Fault::watch(0, WatchFault::Stall);
    ground.server.add_rule("me", FaultRule::new(Matcher::watch("leases"), stall).times(1));
    let began = Instant::now();
    let script = async {
        sleep(s(10)).await;
        played.take("orders-2");
    };
    beside(&ground, "wait orders --for=handover --timeout=-1s", script).await.is("wait/met");
    assert!(began.elapsed() <= s(331), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn of_a_server_that_is_away_nothing_is_known() {
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 3);
    let script = async {
        sleep(s(1)).await;
        ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    };
    beside(&ground, "wait orders --for=handover", script).await.is("wait/away");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_not_waited_for_longer_than_was_asked() {
    let ground = Ground::new();
    Played(&ground).begin("orders-1", 3);
    ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    for condition in ["leader", "handover"] {
        let began = Instant::now();
        let words = format!("wait orders --for={condition} --timeout=4s");
        ground.run(&words).await.is("wait/hangs");
        assert_eq!(began.elapsed(), s(4));
    }
    // It hangs when it is asked which Leases there are.
    let ground = Ground::new();
    let script = async {
        sleep(s(3)).await;
        ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    };
    let began = Instant::now();
    let done = beside(&ground, "wait nope --for=leader --timeout=4s", script).await;
    assert!(done.errors.contains("timed out waiting for the condition"), "{}", done.errors);
    assert!(began.elapsed() <= s(8), "{:?}", began.elapsed());
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
        let is_asked = !ground.server.requests().is_empty();
        let wanted = if is_asked { Exit::Failed } else { Exit::Usage };
        assert_eq!((done.exit, is_asked), (wanted, words.contains("node-1")), "{words}");
        let told = ["can never be true", "expected leader, holder=NAME or handover"];
        assert!(told.iter().any(|it| done.errors.contains(it)), "{words}: {}", done.errors);
    }
}
