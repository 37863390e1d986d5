//! Who leads next: by the word of the leader, or by somebody's wish.

use std::time::Duration;

use kunobi_ha::leader::{Acquired, LeaderGuard, Release, RunEnd, Successors};
use kunobi_ha_test::{Fault, Faults, Role, TestServer};
use serde_json::{Value, json};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::{
    deployment::add_pod,
    elections::{LEASE, election},
    log::Log,
};

// rules P1 and P2: the one that is named goes first
#[tokio::test(start_paused = true)]
async fn the_one_that_is_named_leads_and_the_others_wait() {
    for name in ["b", "c"] {
        let server = TestServer::new();
        let guard = election(&server, "a").build().acquire().await.unwrap();
        let (b, c) = (standby(&server, "b"), standby(&server, "c"));
        sleep(s(5)).await;
        assert_eq!(guard.step_down_to(name).await, Release::Released);
        let said = annotations(&server)["kunobi.ninja/successor"].as_str().unwrap().to_owned();
        let released = server.get(LEASE).unwrap()["spec"]["acquireTime"].clone();
        assert_eq!(said, format!("{name} {}", released.as_str().unwrap()));
        let first = if name == "b" { b } else { c };
        let guard = timeout(s(3), first).await.expect("it is first").unwrap();
        assert!(guard.is_leader());
        assert_eq!(annotations(&server), Value::Null, "a takeover removes it");
    }
}

// rule P4: it costs 1.5 R
#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_has_costs_little_and_is_told() {
    let log = Log::capture();
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    let standby = standby(&server, "b");
    sleep(s(5)).await;
    guard.step_down_to("nobody").await;
    let released = Instant::now();
    let _guard = standby.await.unwrap();
    let took = released.elapsed();
    assert!(took >= s(3) && took <= Duration::from_millis(5_100), "{took:?}");
    assert_eq!(log.lines("nobody was named as successor").len(), 1);
    assert_eq!(
        log.lines("INFO election{lease=default/l identity=a}: named nobody as successor").len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_can_have_is_not_written() {
    for name in ["", " b", "a", &"x".repeat(513)] {
        let server = TestServer::new();
        let guard = election(&server, "a").build().acquire().await.unwrap();
        assert_eq!(guard.step_down_to(name).await, Release::Released);
        assert_eq!(annotations(&server), Value::Null, "{name:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_counts_for_one_release_only() {
    let server = TestServer::new();
    let a = election(&server, "a").build();
    a.acquire().await.unwrap().step_down_to("b").await;
    server.set_faults("a", Faults { latency_after_ms: 500, ..Faults::default() });
    let taken = async {
        while server.get(LEASE).unwrap()["spec"]["holderIdentity"] != "a" {
            sleep(Duration::from_millis(1)).await;
        }
    };
    let came = a.acquire_unless(taken).await.unwrap();
    assert!(matches!(came, Acquired::Stopped(Release::Released)), "{came:?}");
    assert_eq!(annotations(&server), Value::Null);
}

// rule P3: the annotations are no part of the record
#[tokio::test(start_paused = true)]
async fn other_annotations_survive_and_those_of_another_term_do_not() {
    let server = TestServer::new();
    let a = election(&server, "a").build();
    let guard = a.acquire().await.unwrap();
    wish(&server, "b");
    server.edit(LEASE, |lease| lease["metadata"]["annotations"]["team"] = "x".into());
    sleep(s(10)).await;
    assert!(guard.is_leader(), "a change of annotations alone takes nothing");
    assert_eq!(annotations(&server), json!({ "team": "x", "kunobi.ninja/wish": "b" }));
    guard.step_down_to("c").await;
    let left = annotations(&server);
    assert_eq!((left.as_object().unwrap().len(), &left["team"]), (2, &json!("x")), "{left}");
    wish(&server, "b");
    let _guard = a.acquire().await.unwrap();
    assert_eq!(annotations(&server), json!({ "team": "x" }));
}

// rule P3: not within L of the term's start
#[tokio::test(start_paused = true)]
async fn a_wish_is_told_once_a_term_has_lasted() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    let began = Instant::now();
    wish(&server, "b");
    assert_eq!(guard.wished().await, "b");
    assert!(began.elapsed() >= s(15) && began.elapsed() <= s(18), "{:?}", began.elapsed());
    wish(&server, "c");
    sleep(s(30)).await;
    assert_eq!(guard.wished().await, "b", "once in a term");
    assert!(guard.is_leader(), "nothing else happens");
}

#[tokio::test(start_paused = true)]
async fn a_wish_of_before_or_for_oneself_or_that_is_none_is_not_told() {
    let server = TestServer::new();
    let a = election(&server, "a").build();
    a.acquire().await.unwrap().step_down().await;
    wish(&server, "b");
    let guard = a.acquire().await.unwrap();
    for name in ["a", "", " ", "b ", &"x".repeat(600)] {
        wish(&server, name);
        timeout(s(30), guard.wished()).await.unwrap_err();
    }
    wish(&server, "b");
    assert_eq!(timeout(s(5), guard.wished()).await.unwrap(), "b");
}

// rule P1: among the Pods
#[tokio::test(start_paused = true)]
async fn the_successor_is_chosen_among_the_pods_by_one_list() {
    let server = TestServer::new();
    add_pod(&server, "a", "old", Some(1));
    add_pod(&server, "b", "old", Some(2));
    add_pod(&server, "c", "new", Some(3));
    let replica = election(&server, "a").successor(Successors::new()).build();
    let guard = replica.acquire().await.unwrap();
    assert_eq!(guard.choose_successor().await.as_deref(), Some("c"));
    let mut lists = server.requests();
    lists.retain(|request| request.path.contains("/pods"));
    assert_eq!(lists.len(), 1);
    assert_eq!(lists[0].path, "/api/v1/namespaces/default/pods");
    assert_eq!(lists[0].query, "resourceVersion=0");
}

#[tokio::test(start_paused = true)]
async fn an_identity_may_be_other_than_the_name_of_the_pod() {
    let server = TestServer::new();
    add_pod(&server, "a", "x", Some(1));
    add_pod(&server, "b", "x", Some(2));
    add_pod(&server, "c", "x", Some(3));
    let identity_of = |pod: &str| (pod != "b").then(|| format!("{pod}@x"));
    let successors = Successors::new().identity_of(identity_of);
    let replica = election(&server, "a").identity("a@x").successor(successors).build();
    let guard = replica.acquire().await.unwrap();
    assert_eq!(guard.choose_successor().await.as_deref(), Some("c@x"));
}

#[tokio::test(start_paused = true)]
async fn who_may_not_list_pods_names_nobody_and_says_so_once() {
    let log = Log::capture();
    let server = TestServer::new();
    let verbs = ["get", "create", "update"].map(Into::into).into();
    let role = Some(Role { verbs, resource_names: Vec::new() });
    server.set_faults("a", Faults { role, ..Faults::default() });
    let replica = election(&server, "a").successor(Successors::new()).build();
    let guard = replica.acquire().await.unwrap();
    for _ in 0..2 {
        assert_eq!(guard.choose_successor().await, None);
    }
    let said = log.lines("nobody is named as successor");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("WARN") && said[0].contains("verb list on pods"), "{said:?}");
    assert!(said[0].contains("lease=default/l"), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn who_finds_no_pod_of_its_own_names_nobody() {
    let server = TestServer::new();
    add_pod(&server, "b", "x", Some(1));
    let replica = election(&server, "a").successor(Successors::new()).build();
    let guard = replica.acquire().await.unwrap();
    assert_eq!(guard.choose_successor().await, None);
    let unasked = election(&TestServer::new(), "a").build().acquire().await.unwrap();
    assert_eq!(unasked.choose_successor().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_does_not_come_is_not_waited_for() {
    let server = TestServer::new();
    let replica = election(&server, "a").successor(Successors::new()).build();
    let guard = replica.acquire().await.unwrap();
    server.script("a", [Fault::Hang]);
    let began = Instant::now();
    assert_eq!(guard.choose_successor().await, None);
    // A third of the release timeout, which is shorter than a quarter of the renew deadline.
    assert_eq!(began.elapsed(), s(1));
    server.script("a", [Fault::Status { code: 503, retry_after: None }]);
    assert_eq!(guard.choose_successor().await, None);
    assert!(guard.is_leader());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_names_the_one_that_it_chose_meanwhile() {
    let server = TestServer::new();
    add_pod(&server, "a", "x", Some(1));
    add_pod(&server, "b", "x", Some(2));
    let replica = election(&server, "a").successor(Successors::new()).build();
    let end = replica.run_until(sleep(s(20)), async |lead| {
        lead.stopped().await;
        sleep(s(10)).await;
        let mut requests = server.requests().into_iter();
        assert!(requests.any(|request| request.path.contains("pods")), "beside the work");
    });
    let done = RunEnd::Done { output: (), release: Release::Released };
    assert_eq!(end.await.unwrap(), done);
    assert!(successor(&server).starts_with("b "));
    // Work that ends by itself ends with a choice as well.
    let end = replica.run(async |_| ()).await;
    assert_eq!(end.unwrap(), done);
    assert!(successor(&server).starts_with("b "));
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_work_ends_for_a_wish_hands_over_as_wished() {
    let server = TestServer::new();
    add_pod(&server, "a", "x", Some(1));
    add_pod(&server, "b", "x", Some(2));
    let replica = election(&server, "a").successor(Successors::new()).build();
    let wishing = async {
        sleep(s(20)).await;
        wish(&server, "z");
    };
    let running = replica.run(async |lead| lead.wished().await);
    let (end, ()) = tokio::join!(running, wishing);
    let (output, release) = ("z".to_owned(), Release::Released);
    assert_eq!(end.unwrap(), RunEnd::Done { output, release });
    assert!(successor(&server).starts_with("z "));
}

fn standby(server: &TestServer, name: &str) -> JoinHandle<LeaderGuard> {
    let election = election(server, name).build();
    tokio::spawn(async move { election.acquire().await.expect("it leads at last") })
}

fn wish(server: &TestServer, name: &str) {
    let edit = |lease: &mut Value| {
        lease["metadata"]["annotations"]["kunobi.ninja/wish"] = name.into();
    };
    server.edit(LEASE, edit).unwrap();
}

fn annotations(server: &TestServer) -> Value {
    server.get(LEASE).unwrap()["metadata"]["annotations"].clone()
}

fn successor(server: &TestServer) -> String {
    annotations(server)["kunobi.ninja/successor"].as_str().unwrap_or_default().to_owned()
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
