//! The text that is scraped.

use std::time::{Duration, SystemTime};

use kunobi_ha::{
    leader::LeaderState,
    metrics::Collector,
    readiness::{Health, LeaderGate},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::{Fault, Faults, Role, TestServer};
use prometheus_client::{encoding::text::encode, registry::Registry};
use tokio::time::sleep;

use crate::{
    elections::{LEASE, election},
    exposition::Scrape,
};

#[tokio::test(start_paused = true)]
async fn every_series_exists_from_the_beginning_with_zero() {
    let candidate = election(&TestServer::new(), "a").build();
    let scrape = scrape(&candidate.state());
    for name in [
        &of_l("leader_election_master_status"),
        &of_l("leader_election_slowpath_total"),
        &of_l("kunobi_ha_identity_collisions_total"),
        &of_l("kunobi_ha_death_certificate_problems_total"),
        &of_l("kunobi_ha_lease_renew_seconds_count"),
        &of_l("kunobi_ha_lease_renew_seconds_sum"),
    ] {
        assert_eq!(scrape.get(name), Some(0.0), "{name}");
    }
    let takeovers: Vec<_> = scrape.of("kunobi_ha_takeovers_total").collect();
    assert!(takeovers.len() == 6 && takeovers.iter().all(|(_, count)| *count == 0.0));
    for outcome in ["success", "conflict", "rejected", "error"] {
        assert_eq!(scrape.get(&renewals(outcome)), Some(0.0), "{outcome}");
    }
    let losses: Vec<_> = scrape.of("kunobi_ha_leadership_lost_total").collect();
    assert!(losses.len() >= 6 && losses.iter().all(|(_, count)| *count == 0.0), "{losses:?}");
    let failures: Vec<_> = scrape.of("kunobi_ha_candidacy_failures_total").collect();
    assert!(failures.len() == 3 && failures.iter().all(|(_, count)| *count == 0.0), "{failures:?}");
    let releases: Vec<_> = scrape.of("kunobi_ha_lease_releases_total").collect();
    assert!(releases.len() == 4 && releases.iter().all(|(_, count)| *count == 0.0), "{releases:?}");
    let last = "kunobi_ha_lease_last_renew_timestamp_seconds";
    assert_eq!(scrape.of(last).count(), 0, "there was none");
}

#[tokio::test(start_paused = true)]
async fn a_term_counts_its_renewals_and_their_latency() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    server.set_faults("a", Faults { latency_after_ms: 30, ..Faults::default() });
    let guard = candidate.acquire().await.unwrap();
    sleep(Duration::from_secs(61)).await;
    let during = scrape(&state);
    assert_eq!(during.get(&of_l("leader_election_master_status")), Some(1.0));
    assert_eq!(during.get(&of_l("kunobi_ha_lease_renew_deadline_seconds")), Some(10.0));
    let renewed = during.get(&renewals("success")).unwrap();
    assert_eq!(renewed, 30.0, "one each 2 s");
    check_histogram(&during, renewed);
    let last = during.get(&of_l("kunobi_ha_lease_last_renew_timestamp_seconds")).unwrap();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    assert!((now - 60.0..=now).contains(&last), "{last} {now}");
    guard.step_down().await;
    let after = scrape(&state);
    assert_eq!(after.get(&of_l("leader_election_master_status")), Some(0.0));
    assert_eq!(after.get(&lost("cancelled")), Some(1.0));
    let released = "kunobi_ha_lease_releases_total{name=\"l\",lease_namespace=\"default\",\
                    outcome=\"released\"}";
    assert_eq!((during.get(released), after.get(released)), (Some(0.0), Some(1.0)));
    assert_eq!(after.get(&renewals("success")), Some(renewed));
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_is_counted_by_outcome() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    let _guard = candidate.acquire().await.unwrap();
    let status = |code| Fault::Status { code, retry_after: None };
    for (fault, outcome) in [
        (status(500), "error"),
        (status(429), "rejected"),
        (status(409), "conflict"),
        (Fault::LoseReply, "error"),
    ] {
        let before = scrape(&state).get(&renewals(outcome)).unwrap();
        server.script("a", [fault.clone()]);
        sleep(Duration::from_secs(4)).await;
        assert_eq!(scrape(&state).get(&renewals(outcome)), Some(before + 1.0), "{fault:?}");
    }
    let slow = scrape(&state).get(&of_l("leader_election_slowpath_total")).unwrap();
    assert!(slow >= 1.0, "a conflict is followed by a read: {slow}");
    assert_eq!(scrape(&state).get(&of_l("leader_election_master_status")), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn losses_are_counted_by_reason() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    let mut guard = candidate.acquire().await.unwrap();
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "".into());
    guard.lost().await;
    assert_eq!(scrape(&state).get(&lost("holder_changed")), Some(1.0));
    let mut guard = candidate.acquire().await.unwrap();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    guard.lost().await;
    let scrape = scrape(&state);
    assert_eq!(scrape.get(&lost("renew_deadline_exceeded")), Some(1.0));
    assert_eq!(scrape.of("kunobi_ha_leadership_lost_total").map(|(_, n)| n).sum::<f64>(), 2.0);
}

#[tokio::test(start_paused = true)]
async fn candidacies_that_fail_are_counted_by_reason() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    server.set_faults("a", Faults { refuse: true, ..Faults::default() });
    candidate.acquire().await.unwrap_err();
    let none = Some(Role { verbs: vec![], resource_names: vec![] });
    server.set_faults("a", Faults { role: none, ..Faults::default() });
    for _ in 0..2 {
        candidate.acquire().await.unwrap_err();
    }
    let scrape = scrape(&candidate.state());
    for (reason, count) in [("observe_timeout", 1.0), ("refused", 2.0), ("other", 0.0)] {
        let key = format!(
            "kunobi_ha_candidacy_failures_total{{name=\"l\",lease_namespace=\"default\",\
             reason=\"{reason}\"}}"
        );
        assert_eq!(scrape.get(&key), Some(count), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn checks_and_the_shutdown_have_series_of_their_own() {
    let candidate = election(&TestServer::new(), "a").build();
    let mut health = Health::builder().leader(&candidate.state(), LeaderGate::ElectionHealthy);
    let flag = health.startup_flag("caches");
    let health = health.build().unwrap();
    let shutdown = Shutdown::builder().manual().unwrap();
    let handle = shutdown.handle();
    let collector = || Collector::new().health(&health).shutdown(handle.clone());
    let before = read(collector());
    let check =
        |kind, check| format!("kunobi_ha_check_status{{kind=\"{kind}\",check=\"{check}\"}}");
    assert_eq!(before.get(&check("readyz", "caches")), Some(0.0));
    assert_eq!(before.get(&check("startupz", "caches")), Some(0.0));
    assert_eq!(before.get(&check("livez", "leader-election")), Some(1.0));
    assert_eq!(before.get("kunobi_ha_shutdown_phase"), Some(0.0));
    flag.set(true);
    handle.trigger(Reason::Signal(15));
    assert_eq!(read(collector()).get(&check("readyz", "caches")), Some(1.0));
    assert_eq!(read(collector()).get("kunobi_ha_shutdown_phase"), Some(1.0));
    let _ = shutdown.finished().await;
    assert_eq!(read(collector()).get("kunobi_ha_shutdown_phase"), Some(5.0));
}

#[tokio::test(start_paused = true)]
async fn several_elections_go_into_one_scrape() {
    let server = TestServer::new();
    let client = || kube::Client::new(server.service("a"), "default");
    let named = |name: &str| kunobi_ha::leader::LeaderElection::builder(client(), "default", name);
    let (x, y) = (named("x").build(), named("y").build());
    let _guard = y.acquire().await.unwrap();
    let both = read(Collector::new().election(&x.state()).election(&y.state()));
    let statuses: Vec<_> = both.of("leader_election_master_status").collect();
    let expected = [
        ("leader_election_master_status{name=\"x\",lease_namespace=\"default\"}", 0.0),
        ("leader_election_master_status{name=\"y\",lease_namespace=\"default\"}", 1.0),
    ];
    assert_eq!(statuses, expected);
}

#[tokio::test(start_paused = true)]
async fn two_elections_of_one_name_in_two_namespaces_are_told_apart() {
    let server = TestServer::builder().with_namespaces(["x", "y"]).build();
    let client = || kube::Client::new(server.service("a"), "default");
    let within = |namespace: &str| {
        kunobi_ha::leader::LeaderElection::builder(client(), namespace, "l").build()
    };
    let (x, y) = (within("x"), within("y"));
    let _guard = y.acquire().await.unwrap();
    // The parser panics if a series occurs twice.
    let both = read(Collector::new().election(&x.state()).election(&y.state()));
    let led = |namespace| {
        let labels = format!("name=\"l\",lease_namespace=\"{namespace}\"");
        both.get(&format!("leader_election_master_status{{{labels}}}"))
    };
    assert_eq!((led("x"), led("y")), (Some(0.0), Some(1.0)));
}

/// It uses the clock of the system, because a blocked runtime does not advance tokio's.
#[test]
fn after_the_deadline_a_scrape_says_0_even_if_the_runtime_is_blocked() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = TestServer::new();
    let client = runtime.block_on(async { kube::Client::new(server.service("a"), "default") });
    let candidate = kunobi_ha::leader::LeaderElection::builder(client, "default", "l")
        .lease_duration(Duration::from_secs(1))
        .renew_deadline(Duration::from_millis(300))
        .retry_period(Duration::from_millis(100))
        .build();
    let state = candidate.state();
    let _guard = runtime.block_on(candidate.acquire()).unwrap();
    let status = of_l("leader_election_master_status");
    assert_eq!(scrape(&state).get(&status), Some(1.0));
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(scrape(&state).get(&status), Some(0.0));
}

fn check_histogram(scrape: &Scrape, count: f64) {
    let bucket = |le: &str| {
        let key = format!("kunobi_ha_lease_renew_seconds_bucket{{le=\"{le}\",{LABELS}}}");
        scrape.get(&key).unwrap_or_else(|| panic!("{key}"))
    };
    assert_eq!([bucket("0.025"), bucket("0.05"), bucket("10.0")], [0.0, count, count]);
    assert_eq!(bucket("+Inf"), count);
    assert_eq!(scrape.get(&of_l("kunobi_ha_lease_renew_seconds_count")), Some(count));
    let sum = scrape.get(&of_l("kunobi_ha_lease_renew_seconds_sum")).unwrap();
    assert!((sum / count - 0.03).abs() < 0.002, "{sum}");
}

fn scrape(state: &LeaderState) -> Scrape {
    read(Collector::new().election(state))
}

fn read(collector: Collector) -> Scrape {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(collector));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    Scrape::parse(&text)
}

fn renewals(outcome: &str) -> String {
    format!("kunobi_ha_lease_renewals_total{{{LABELS},outcome=\"{outcome}\"}}")
}

fn of_l(name: &str) -> String {
    format!("{name}{{{LABELS}}}")
}

fn lost(reason: &str) -> String {
    format!("kunobi_ha_leadership_lost_total{{{LABELS},reason=\"{reason}\"}}")
}

const LABELS: &str = "name=\"l\",lease_namespace=\"default\"";
