//! The other gates, and several elections.

use kunobi_ha::{
    leader::{Clock, LeaderElection},
    readiness::{Health, HealthBuilder, InvalidCheck, LeaderGate},
};
use kunobi_ha_test::TestServer;

use super::{reason, status, until};
use crate::{
    elections::{LEASE, election},
    log::Log,
};

#[tokio::test(start_paused = true)]
async fn leader_only_follows_leadership_and_warns_at_the_start() {
    let log = Log::capture();
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let health = Health::builder().expose_reasons(true);
    let health = health.leader(&candidate.state(), LeaderGate::LeaderOnly).build().unwrap();
    let warnings = log.lines("WARN readiness is gated on leadership");
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("maxUnavailable") && warnings[0].contains("Recreate"));
    assert_eq!(reason(&health, "/readyz/leader-election"), "another replica leads");
    let mut guard = candidate.acquire().await.unwrap();
    assert_eq!(status(&health, "/readyz"), 200);
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
    guard.lost().await;
    assert_eq!(status(&health, "/readyz"), 503);
    assert_eq!(status(&health, "/livez"), 200, "liveness does not depend on it");
}

#[tokio::test(start_paused = true)]
async fn the_default_does_not_warn() {
    let log = Log::capture();
    let candidate = election(&TestServer::new(), "a").build();
    let builder = Health::builder().leader(&candidate.state(), LeaderGate::default());
    builder.build().unwrap();
    assert_eq!(LeaderGate::default(), LeaderGate::ElectionHealthy);
    assert!(log.lines("WARN").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_ignored_election_is_still_in_liveness_and_leaderz() {
    let server = TestServer::new();
    server.set_faults("a", kunobi_ha_test::Faults { refuse: true, ..Default::default() });
    let candidate = election(&server, "a").build();
    let builder = Health::builder().leader(&candidate.state(), LeaderGate::Ignore);
    let health = builder.build().unwrap();
    tokio::time::sleep(super::TRUST * 2).await;
    let text = |path| health.probe(path).unwrap().body;
    assert_eq!(text("/readyz?verbose"), "[+]shutdown ok\nreadyz check passed\n");
    assert_eq!(text("/livez?verbose"), "[+]leader-election ok\nlivez check passed\n");
    assert_eq!(status(&health, "/leaderz"), 503);
    server.heal("a");
    let _guard = candidate.acquire().await.unwrap();
    until(&health, "/leaderz", 200).await;
}

#[tokio::test(start_paused = true)]
async fn several_elections_have_names_of_their_own_and_leaderz_needs_all_of_them() {
    let server = TestServer::new();
    let [a, b] = ["a", "b"].map(|name| {
        let client = kube::Client::new(server.service(name), "default");
        LeaderElection::builder(client, "default", name).clock(Clock::tokio()).build()
    });
    let health = Health::builder()
        .leader_named("shards", &a.state(), LeaderGate::ElectionHealthy)
        .leader_named("billing", &b.state(), LeaderGate::LeaderOnly)
        .build()
        .unwrap();
    let text = |path| health.probe(path).unwrap().body;
    let live = "[+]leader-election-shards ok\n[+]leader-election-billing ok\nlivez check passed\n";
    assert_eq!(text("/livez?verbose"), live);
    let _leads = a.acquire().await.unwrap();
    assert_eq!(status(&health, "/leaderz/shards"), 200);
    assert_eq!(status(&health, "/leaderz/billing"), 503);
    let one = "[+]shards ok\n[-]billing failed: reason withheld\nleaderz check failed\n";
    assert_eq!(text("/leaderz"), one);
    assert_eq!(status(&health, "/readyz/leader-election-billing"), 503);
    let _leads_too = b.acquire().await.unwrap();
    assert_eq!((status(&health, "/leaderz"), status(&health, "/readyz")), (200, 200));
}

#[tokio::test]
async fn elections_that_cannot_be_told_apart_are_errors() {
    let state = LeaderElection::standalone().state();
    let gate = LeaderGate::Ignore;
    let one = || Health::builder().leader(&state, gate);
    let taken = |builder: HealthBuilder, name: &str| {
        assert_eq!(builder.build().unwrap_err(), InvalidCheck::ElectionNameTaken(name.into()));
    };
    taken(one().leader(&state, gate), "leader");
    taken(one().leader_named("leader", &state, gate), "leader");
    taken(one().leader_named("a", &state, gate).leader_named("a", &state, gate), "a");
    let unnamed = one().leader_named("", &state, gate).build().unwrap_err();
    assert_eq!(unnamed, InvalidCheck::Name("".into()));
    one().leader_named("a", &state, gate).build().unwrap();
}
