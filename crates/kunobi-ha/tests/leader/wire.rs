//! What goes over the wire, and how much of it.

use std::time::Duration;

use kunobi_ha::leader::LeaderElectionBuilder;
use kunobi_ha_test::{Fault, Faults, Request, Role, TestServer};
use tokio::{task::JoinSet, time::sleep};

use crate::elections::{LEASE, election};

// rule 11: a renewal is due R after the last one
#[tokio::test(start_paused = true)]
async fn a_leader_sends_one_put_a_retry_period_and_nothing_else() {
    let server = TestServer::new();
    let _guard = election(&server, "a").build().acquire().await.unwrap();
    let minute = requests_of_a_minute(&server).await;
    assert!(minute.iter().all(|request| request.method == "PUT" && request.path == LEASE));
    assert!((29..=30).contains(&minute.len()), "{}", minute.len());
}

// rule 6: a poll comes after 0.8 R at the earliest
#[tokio::test(start_paused = true)]
async fn three_polling_replicas_send_at_most_100_requests_a_minute() {
    let server = TestServer::new();
    let _replicas = three_replicas(&server, |election| election).await;
    let minute = requests_of_a_minute(&server).await;
    let puts = minute.iter().filter(|request| request.method == "PUT").count();
    assert!(minute.iter().all(|request| ["GET", "PUT"].contains(&request.method.as_str())));
    assert!(minute.iter().all(|request| request.path == LEASE && request.query.is_empty()));
    assert!((29..=30).contains(&puts), "{puts}");
    assert!(minute.len() <= 100, "{}", minute.len());
}

#[tokio::test(start_paused = true)]
async fn three_watching_replicas_send_at_most_31_requests_a_minute() {
    let server = TestServer::new();
    let _replicas = three_replicas(&server, |election| election.watch(true)).await;
    let minute = requests_of_a_minute(&server).await;
    assert!(minute.len() <= 31, "{}", minute.len());
    let watches: Vec<Request> =
        server.requests().into_iter().filter(|request| !request.query.is_empty()).collect();
    assert_eq!(watches.len(), 3);
    for watch in watches {
        assert_eq!(watch.method, "GET");
        assert!(watch.query.contains("watch=true&fieldSelector=metadata.name%3Dl"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_watching_follower_takes_a_released_lease_at_once() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let guard = leader.acquire().await.unwrap();
    let follower = election(&server, "b").watch(true).build();
    let following = tokio::spawn(async move { follower.acquire().await });
    sleep(Duration::from_secs(5)).await;
    guard.step_down().await;
    let released = tokio::time::Instant::now();
    let _guard = following.await.unwrap().unwrap();
    assert!(released.elapsed() <= Duration::from_millis(20), "{:?}", released.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_crash_is_noticed_after_exactly_one_lease_when_watching() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let guard = leader.acquire().await.unwrap();
    let follower = election(&server, "b").watch(true).build();
    let following = tokio::spawn(async move { follower.acquire().await });
    sleep(Duration::from_secs(5)).await;
    let renewed = server.history().last().unwrap().at_us;
    drop(guard);
    let _guard = following.await.unwrap().unwrap();
    let taken = server.history().last().unwrap().at_us;
    let took = Duration::from_micros(taken - renewed);
    assert!(took >= Duration::from_secs(15), "{took:?}");
    assert!(took <= Duration::from_millis(15_020), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_not_allowed_costs_nothing_but_its_news() {
    let server = TestServer::new();
    let verbs = ["get", "create", "update"].map(Into::into).into();
    let role = Some(Role { verbs, resource_names: vec!["l".into()] });
    server.set_faults("a", Faults { role, ..Faults::default() });
    let guard = election(&server, "a").watch(true).build().acquire().await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert!(guard.is_leader());
    let refused = server.requests().iter().filter(|request| request.status == Some(403)).count();
    assert!((3..=8).contains(&refused), "ever more seldom: {refused}");
}

// rule 7: a create is a PUT, and a POST only where that is not possible
#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_create_on_put_is_asked_by_post_once() {
    let server = TestServer::builder().without_create_on_update().build();
    let _guard = election(&server, "a").build().acquire().await.unwrap();
    let methods: Vec<String> =
        server.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["GET", "PUT", "POST"]);
}

// By this `kubectl ha` tells that wishes are obeyed.
#[tokio::test(start_paused = true)]
async fn the_record_names_the_library_as_its_manager_from_create_to_release() {
    let server = TestServer::new();
    let managers = || {
        let lease = server.get(LEASE).unwrap();
        let entries = lease["metadata"]["managedFields"].as_array().unwrap().clone();
        entries
            .into_iter()
            .filter(|entry| !entry["fieldsV1"]["f:spec"]["f:renewTime"].is_null())
            .map(|entry| entry["manager"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let guard = election(&server, "a").build().acquire().await.unwrap();
    assert_eq!(managers(), ["kunobi-ha"]);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(managers(), ["kunobi-ha"]);
    guard.step_down().await;
    assert_eq!(managers(), ["kunobi-ha"]);
}

// rule 11: the client repeats nothing by itself
#[tokio::test(start_paused = true)]
async fn the_client_repeats_nothing_by_itself() {
    let server = TestServer::new();
    let _guard = election(&server, "a").build().acquire().await.unwrap();
    let busy = |code| Fault::Status { code, retry_after: Some(1) };
    server.script("a", [busy(503), busy(429), busy(504)]);
    let before = server.requests().len();
    sleep(Duration::from_millis(2_100)).await;
    // The first failure is repeated, by the election, after the second that it was told to wait.
    assert_eq!(server.requests().len() - before, 1);
}

// rule 10: slow is not dead: a second attempt joins
#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_is_joined_by_a_second_one_and_nothing_is_lost() {
    let server = TestServer::new();
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    for _ in 0..20 {
        server.script("a", [Fault::Hang, Fault::Pass]);
        let lost = tokio::time::timeout(Duration::from_secs(6), guard.lost()).await;
        assert!(lost.is_err() && guard.is_leader());
    }
}

// rule 15: a read of what an attempt wrote proves it
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_proved_by_a_read_and_nothing_is_lost() {
    let server = TestServer::new();
    let mut guard = election(&server, "a").build().acquire().await.unwrap();
    for lost in [Fault::LoseReply, Fault::HangReply] {
        server.script("a", [lost]);
        let lost = tokio::time::timeout(Duration::from_secs(20), guard.lost()).await;
        assert!(lost.is_err() && guard.is_leader());
    }
}

async fn three_replicas(
    server: &TestServer,
    configure: impl Fn(LeaderElectionBuilder) -> LeaderElectionBuilder,
) -> JoinSet<()> {
    let mut replicas = JoinSet::new();
    for name in ["a", "b", "c"] {
        let replica = configure(election(server, name)).build();
        replicas.spawn(async move {
            let _guard = replica.acquire().await.expect("it leads at last");
            std::future::pending::<()>().await;
        });
    }
    sleep(Duration::from_secs(10)).await;
    replicas
}

async fn requests_of_a_minute(server: &TestServer) -> Vec<Request> {
    let before = server.requests().len();
    sleep(Duration::from_secs(60)).await;
    server.requests().split_off(before)
}
