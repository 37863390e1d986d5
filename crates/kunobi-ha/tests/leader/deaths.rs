//! A leader whose process dies, with death certificates on.
#![cfg(target_os = "linux")]

use std::time::Duration;

use kunobi_ha::leader::{ElectionStats, LeaderElectionBuilder, LeaderGuard, Release};
use kunobi_ha_test::{Faults, Role, TestServer};
use serde_json::{Value, json};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::{elections::election, log::Log, pods::Pod};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn contend(builder: LeaderElectionBuilder) -> JoinHandle<LeaderGuard> {
    let election = builder.build();
    tokio::spawn(async move { election.acquire().await.unwrap() })
}

fn took_over(stats: &ElectionStats, cause: &str) -> u64 {
    stats.takeovers.iter().find(|(label, _)| *label == cause).unwrap().1
}

/// How long nobody leads after the leader's process has died, if a kubelet says so after a second.
async fn gap(watch: bool, kubelet: impl FnOnce(&Pod)) -> (Duration, ElectionStats) {
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let guard = a.candidate().build().acquire().await.unwrap();
    let election = b.candidate().watch(watch).build();
    let state = election.state();
    let waiting = tokio::spawn(async move { election.acquire().await.unwrap() });
    sleep(ms(60_900)).await;
    drop(guard);
    let died = Instant::now();
    sleep(s(1)).await;
    kubelet(&a);
    let guard = timeout(s(60), waiting).await.unwrap().unwrap();
    let gap = died.elapsed();
    drop(guard);
    (gap, state.stats())
}

// rules C1 to C3, C7: the certificate of the current term is what the kubelet reports
#[tokio::test(start_paused = true)]
async fn a_follower_takes_over_when_the_kubelet_says_that_the_leader_is_dead() {
    let log = Log::capture();
    let (gap, stats) = gap(true, Pod::report).await;
    println!("with a watch of the Lease: {gap:?}");
    assert!(gap <= ms(3_500), "{gap:?}");
    assert_eq!(took_over(&stats, "died"), 1);
    assert_eq!(stats.death_certificate_problems, 0);
    let said = "taken over from a dead process: container manager of pod a has ended with exit \
                code 137 (Error)";
    assert_eq!(log.lines(said).len(), 1, "{:?}", log.lines("taken over"));

    let (gap, stats) = self::gap(false, Pod::report).await;
    println!("polling: {gap:?}");
    assert!(gap <= s(6), "{gap:?}");
    assert_eq!(took_over(&stats, "died"), 1);
}

// rule C3: what certifies nothing costs a lease duration, as without certificates
#[tokio::test(start_paused = true)]
async fn what_certifies_nothing_is_waited_out() {
    type Lie = fn(&mut Value);
    let lies: [(&str, u64, Lie); 6] = [
        ("another container", 0, |pod| {
            pod["status"]["containerStatuses"][0]["name"] = "proxy".into();
        }),
        ("a container that was lost", 1, |pod| {
            pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] = 255.into();
        }),
        ("processes of the node", 1, |pod| pod["spec"]["hostPID"] = true.into()),
        ("a longer line", 0, |pod| {
            let message =
                &mut pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"];
            *message = message.as_str().unwrap().replace("Z\n", "Z 1\n").into();
        }),
        ("a line after something else", 0, |pod| {
            let message =
                &mut pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"];
            *message = message.as_str().unwrap().replace('\n', "error: ").into();
        }),
        ("a container that runs", 0, |pod| {
            let status = &mut pod["status"]["containerStatuses"][0];
            status["state"] = json!({ "running": status["state"]["terminated"].take() });
        }),
    ];
    for (lie, problems, tell) in lies {
        let log = Log::capture();
        let (gap, stats) = gap(true, |pod| pod.report_with(tell)).await;
        assert!(gap >= s(14) && gap <= s(17), "{lie}: {gap:?}");
        assert_eq!(took_over(&stats, "expired"), 1, "{lie}");
        assert_eq!(stats.death_certificate_problems, problems, "{lie}");
        let told = log.lines("does not show that the leader is dead");
        assert_eq!(told.len() as u64, problems, "{lie}: {told:?}");
    }
    let (gap, _) = gap(true, |_| {}).await;
    assert!(gap >= s(14), "no report: {gap:?}");
}

// rule C7 (a): what renews lives, whatever a Pod says
#[tokio::test(start_paused = true)]
async fn a_leader_that_renews_is_not_overthrown_by_a_false_certificate() {
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let mut guard = a.candidate().build().acquire().await.unwrap();
    let _waiting = contend(b.candidate().watch(true));
    sleep(s(30)).await;
    a.report();
    assert!(timeout(s(120), guard.lost()).await.is_err());
}

// rule C7 (b): work that kills every replica does not kill all of them at once
#[tokio::test(start_paused = true)]
async fn a_leader_that_dies_at_once_is_waited_for_from_the_first_sight_of_its_term() {
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let guard = a.candidate().build().acquire().await.unwrap();
    let began = Instant::now();
    let waiting = contend(b.candidate().watch(true));
    sleep(s(3)).await;
    drop(guard);
    a.report();
    let _guard = waiting.await.unwrap();
    assert!(began.elapsed() >= s(14), "{:?}", began.elapsed());
}

// rule C5: a container that was started again reads in its own Pod how its last run ended
#[tokio::test(start_paused = true)]
async fn a_container_that_runs_again_takes_its_own_lease_back_at_once() {
    let server = TestServer::new();
    let mut pod = Pod::new(&server, "a").await;
    let guard = pod.candidate().build().acquire().await.unwrap();
    sleep(s(3)).await;
    drop(guard);
    let died = Instant::now();
    pod.report();
    pod.restart();
    let election = pod.candidate().build();
    let _guard = election.acquire().await.unwrap();
    assert!(died.elapsed() <= ms(3_500), "{:?}", died.elapsed());
    assert_eq!(took_over(&election.state().stats(), "died"), 1);
}

// rule C4: what is said of a process that reads it is not true
#[tokio::test(start_paused = true)]
async fn news_of_our_own_death_switches_certificates_off() {
    let log = Log::capture();
    let server = TestServer::new();
    let pod = Pod::new(&server, "a").await;
    let election = pod.candidate().build();
    let mut guard = election.acquire().await.unwrap();
    sleep(s(5)).await;
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    guard.lost().await;
    drop(guard);
    let lost = Instant::now();
    server.heal("a");
    pod.report();
    let guard = election.acquire().await.unwrap();
    assert!(lost.elapsed() >= s(4), "{:?}", lost.elapsed());
    assert_eq!(log.lines("death certificates are off from now on").len(), 1);
    let line = pod.read();
    assert_eq!(line.lines().count(), 2, "no new one: {line}");
    assert_eq!(guard.step_down().await, Release::Released);
    assert_eq!(election.state().stats().death_certificate_problems, 1);
}

// rule C2: one watch, of the Pod of the holder, while somebody is followed
#[tokio::test(start_paused = true)]
async fn only_a_follower_watches_and_only_the_pod_of_the_holder() {
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let guard = a.candidate().build().acquire().await.unwrap();
    let waiting = contend(b.candidate());
    sleep(s(600)).await;
    assert_eq!(pods_asked(&server), [("b".into(), "fieldSelector=metadata.name%3Da".into())]);
    guard.step_down().await;
    let guard = waiting.await.unwrap();
    sleep(s(600)).await;
    assert_eq!(pods_asked(&server).len(), 1, "a leader follows nobody");
    // Its process dies, and it is followed by an identity that is no Pod's.
    drop(guard);
    b.report();
    let _third = election(&server, "not_a_pod")
        .death_certificates(b.certificates())
        .build()
        .acquire()
        .await
        .unwrap();
    assert_eq!(
        pods_asked(&server)[1..],
        [("not_a_pod".into(), "fieldSelector=metadata.name%3Db".into())]
    );
    let _waiting = contend(a.candidate());
    sleep(s(600)).await;
    assert_eq!(pods_asked(&server).len(), 2, "no Pod has such a name");
}

/// The watches of Pods: who opened them, and of what.
fn pods_asked(server: &TestServer) -> Vec<(String, String)> {
    let asked = server.requests().into_iter().filter(|request| {
        request.path == "/api/v1/namespaces/default/pods" && request.method == "GET"
    });
    asked.map(|request| (request.client, request.query.split('&').nth(1).unwrap().into())).collect()
}

/// What a client meets that may do all but watch.
fn may_not_watch() -> Faults {
    let verbs = ["get", "create", "update"].map(Into::into).to_vec();
    Faults { role: Some(Role { verbs, resource_names: Vec::new() }), ..Faults::default() }
}

#[tokio::test(start_paused = true)]
async fn a_missing_right_is_said_once_with_the_rule_that_is_needed() {
    let log = Log::capture();
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let guard = a.candidate().build().acquire().await.unwrap();
    server.set_faults("b", may_not_watch());
    let waiting = contend(b.candidate());
    sleep(s(1_800)).await;
    let told = log.lines("pod default/a can't be watched");
    assert!(matches!(&told[..], [line] if line.contains("verbs: [get, watch]")), "{told:?}");
    let asked = pods_asked(&server).len();
    assert!((5..=7).contains(&asked), "{asked}");
    drop(guard);
    let died = Instant::now();
    a.report();
    let _guard = waiting.await.unwrap();
    assert!(died.elapsed() >= s(13), "{:?}", died.elapsed());
}

// rule C2: an API server that has just started refuses everybody for a moment
#[tokio::test(start_paused = true)]
async fn a_refusal_that_passes_is_forgotten_and_not_told() {
    let log = Log::capture();
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let guard = a.candidate().build().acquire().await.unwrap();
    server.set_faults("b", may_not_watch());
    let waiting = contend(b.candidate());
    sleep(s(2)).await;
    server.set_faults("b", Faults::default());
    sleep(s(30)).await;
    assert_eq!(log.lines("pod default/a can't be watched"), [""; 0]);
    drop(guard);
    let died = Instant::now();
    a.report();
    let _guard = waiting.await.unwrap();
    assert!(died.elapsed() <= s(6), "{:?}", died.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_event_says_that_the_leader_before_has_died() {
    let server = TestServer::new();
    let (a, b) = (Pod::new(&server, "a").await, Pod::new(&server, "b").await);
    let guard = a.candidate().build().acquire().await.unwrap();
    let waiting = contend(b.candidate().watch(true).events(true));
    sleep(s(30)).await;
    drop(guard);
    a.report();
    let _guard = waiting.await.unwrap();
    sleep(s(1)).await;
    let events = server.history().into_iter().filter(|write| write.path.contains("/events"));
    let messages: Vec<_> = events.map(|event| event.object["message"].clone()).collect();
    let said = "b became leader, taken over from a dead process: container manager of pod a has ended \
                with exit code 137 (Error)";
    assert_eq!(messages, [json!(said)]);
}
