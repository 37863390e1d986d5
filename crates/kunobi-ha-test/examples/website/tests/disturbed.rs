//! What happens when the API server fails.

use std::time::Duration;

use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, WatchFault};
use tokio::time::Instant;

use super::world::{
    DEPLOYMENT, HOME, OPERATOR, become_ready, cluster, create_home, start, until_deployed,
    until_served,
};
use crate::types::Website;

#[tokio::test(start_paused = true)]
async fn an_error_is_tried_again_every_five_seconds() {
    let server = cluster().build();
    let applies = Matcher::patch("deployments").client(OPERATOR);
    server.add_rule(OPERATOR, FaultRule::new(applies.clone(), Fault::status(500)).times(3));
    let began = Instant::now();
    start(&server);
    create_home(&server).await.unwrap();
    until_deployed(&server, 2).await;
    let took = began.elapsed();
    assert!((15..16).contains(&took.as_secs()), "{took:?}");
    assert_eq!(server.requests_matching(applies.status(500)).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_tried_again() {
    let server = cluster().build();
    let patches = Matcher::patch("websites.demo.kunobi.ninja").name("home");
    server.add_rule(OPERATOR, FaultRule::new(patches.clone(), Fault::status(409)).nth(1));
    start(&server);
    create_home(&server).await.unwrap();
    until_deployed(&server, 2).await;
    server.assert_requested(patches.status(409));
    assert!(server.unused_rules(OPERATOR).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leaves_one_deployment() {
    let server = cluster().build();
    let applies = Matcher::patch("deployments");
    server.add_rule(OPERATOR, FaultRule::new(applies.clone(), Fault::LoseReply).nth(1));
    start(&server);
    create_home(&server).await.unwrap();
    become_ready(&server).await;
    until_served(&server).await;
    assert_eq!(server.list("deployments").len(), 1);
    server.assert_requested(applies.status(201)); // The answer that was lost.
}

#[tokio::test(start_paused = true)]
async fn drift_is_mended_after_a_watch_was_lost() {
    for fault in [WatchFault::End, WatchFault::Expire, WatchFault::Break] {
        let server = cluster().build();
        let watches = Matcher::watch("deployments");
        server.add_rule(OPERATOR, FaultRule::new(watches.clone(), Fault::watch(1, fault)).nth(1));
        start(&server);
        create_home(&server).await.unwrap();
        until_deployed(&server, 2).await;
        server.edit(DEPLOYMENT, |deployment| deployment["spec"]["replicas"] = 5.into());
        until_deployed(&server, 2).await;
        assert!(server.requests_matching(&watches).len() > 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_delays_it_and_nothing_else() {
    let server = cluster().build();
    server.set_faults(OPERATOR, Faults { latency_after_ms: 4_000, ..Faults::default() });
    start(&server);
    create_home(&server).await.unwrap();
    become_ready(&server).await;
    let events = Matcher::create("events.events.k8s.io").status(201);
    server.until_requested(&events, 1).within(Duration::from_secs(300)).await;
    let home: Website = server.get_as(HOME).unwrap();
    assert!(home.is_served());
    server.assert_requested_times(1, events);
}
