//! Each fault, seen by a real `kube::Client`.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Error,
    api::{DeleteParams, ObjectMeta, PostParams, WatchEvent, WatchParams},
};
use kunobi_ha_test::{Fault, Faults, Role, Share, TestServer};
use serde_json::json;
use tokio::time::{Instant, timeout};

const MAP: &str = "/api/v1/namespaces/default/configmaps/a";

#[tokio::test(start_paused = true)]
async fn latency_is_added_before_and_after_the_request_is_handled() {
    let (server, maps) = start();
    server.set_faults("me", Faults { latency_before_ms: 300, latency_after_ms: 200, ..quiet() });
    let began = Instant::now();
    create(&maps).await.unwrap();
    assert_eq!(began.elapsed().as_millis(), 500);
    assert_eq!(server.history()[0].at_us / 1_000, 300);
}

#[tokio::test(start_paused = true)]
async fn a_hang_never_arrives_and_a_hung_answer_was_handled() {
    let (server, maps) = start();
    server.script("me", [Fault::Hang, Fault::HangReply]);
    assert!(timeout(Duration::from_secs(3600), create(&maps)).await.is_err());
    assert!(server.get(MAP).is_none());
    assert!(timeout(Duration::from_secs(3600), create(&maps)).await.is_err());
    assert!(server.get(MAP).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_was_handled_and_a_reset_was_not() {
    let (server, maps) = start();
    server.script("me", [Fault::Reset, Fault::Refuse, Fault::LoseReply]);
    for handled in [false, false, true] {
        assert!(create(&maps).await.is_err());
        assert_eq!(server.get(MAP).is_some(), handled);
    }
    assert!(maps.get("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_status_comes_with_its_retry_after() {
    let (server, maps) = start();
    server.script("me", [Fault::Status { code: 429, retry_after: Some(7) }]);
    let Err(Error::Api(status)) = create(&maps).await else { panic!("a status") };
    assert_eq!((status.code, status.reason.as_str()), (429, "TooManyRequests"));
    assert_eq!(status.details.unwrap().retry_after_seconds, 7);
}

#[tokio::test(start_paused = true)]
async fn a_share_fails_the_same_for_the_same_seed() {
    let outcomes = async |seed| {
        let (server, maps) = start();
        let share = Some(Share { ratio: 0.3, code: 500, retry_after: None });
        server.set_faults("me", Faults { share, seed, ..quiet() });
        let mut outcomes = Vec::new();
        for _ in 0..200 {
            outcomes
                .push(matches!(maps.get("a").await, Err(Error::Api(status)) if status.code == 500));
        }
        outcomes
    };
    let first = outcomes(11).await;
    assert_eq!(first, outcomes(11).await);
    assert_ne!(first, outcomes(12).await);
    let failed = first.iter().filter(|failed| **failed).count();
    assert!((30..=90).contains(&failed), "seed 11: {failed} of 200");
}

#[tokio::test(start_paused = true)]
async fn every_nth_request_hangs() {
    let (server, maps) = start();
    server.set_faults("me", Faults { hang_every: 3, ..quiet() });
    for number in 1..=9 {
        let answered = timeout(Duration::from_secs(60), maps.get("a")).await.is_ok();
        assert_eq!(answered, number % 3 != 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_is_one_way_and_only_for_that_client() {
    let (server, maps) = start();
    let other: Api<ConfigMap> =
        Api::namespaced(Client::new(server.service("other"), "x"), "default");
    server.set_faults("me", Faults { cut_answers: true, ..quiet() });
    assert!(timeout(Duration::from_secs(60), create(&maps)).await.is_err());
    assert!(other.get("a").await.is_ok(), "it was handled");
    server.set_faults("me", Faults { cut_requests: true, ..quiet() });
    assert!(
        timeout(Duration::from_secs(60), maps.delete("a", &DeleteParams::default())).await.is_err()
    );
    assert!(other.get("a").await.is_ok(), "it was not handled");
    server.heal("me");
    assert!(maps.get("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn watch_events_of_a_client_that_is_cut_off_come_when_it_is_not() {
    let (server, maps) = start();
    let watch = maps.watch(&WatchParams::default(), "1").await.unwrap();
    let mut watch = std::pin::pin!(watch);
    server.set_faults("me", Faults { cut_answers: true, ..quiet() });
    server.inject(MAP, json!({ "metadata": { "name": "a", "resourceVersion": "9" } }));
    assert!(timeout(Duration::from_secs(50), next(&mut watch)).await.is_err());
    server.heal("me");
    let event = timeout(Duration::from_secs(1), next(&mut watch)).await.unwrap();
    assert!(matches!(event, Some(Ok(WatchEvent::Added(_)))), "{event:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_from_before_a_compaction_is_told_410() {
    let (server, maps) = start();
    let version = create(&maps).await.unwrap().metadata.resource_version.unwrap();
    server.edit(MAP, |map| map["data"] = json!({ "value": "2" }));
    server.compact();
    let watch = maps.watch(&WatchParams::default(), &version).await;
    match watch {
        Err(Error::Api(status)) => assert_eq!(status.code, 410),
        Err(other) => panic!("{other}"),
        Ok(watch) => {
            let mut watch = std::pin::pin!(watch);
            let event = next(&mut watch).await;
            assert!(matches!(&event, Some(Ok(WatchEvent::Error(status))) if status.code == 410));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bookmarks_come_to_those_who_ask() {
    let (_server, maps) = start();
    let watch = maps.watch(&WatchParams::default(), "1").await.unwrap();
    let mut watch = std::pin::pin!(watch);
    let event = timeout(Duration::from_secs(61), next(&mut watch)).await.unwrap();
    assert!(matches!(event, Some(Ok(WatchEvent::Bookmark(_)))), "{event:?}");
}

#[tokio::test(start_paused = true)]
async fn a_role_is_obeyed_with_its_names() {
    let (server, maps) = start();
    let verbs = ["get", "create"].map(Into::into).into();
    let role = Some(Role { verbs, resource_names: vec!["a".into()] });
    server.set_faults("me", Faults { role, ..quiet() });
    let Err(Error::Api(status)) = create(&maps).await else { panic!("a POST has no name") };
    assert_eq!(status.code, 403);
    assert!(status.message.contains("cannot create resource \"configmaps\" in API group \"\""));
    assert!(matches!(maps.get("a").await, Err(Error::Api(status)) if status.code == 404));
    assert!(matches!(maps.get("b").await, Err(Error::Api(status)) if status.code == 403));
}

#[tokio::test(start_paused = true)]
async fn a_restore_brings_back_objects_and_versions() {
    let (server, maps) = start();
    let before = create(&maps).await.unwrap().metadata.resource_version;
    let snapshot = server.snapshot();
    server.edit(MAP, |map| map["data"] = json!({ "value": "2" }));
    assert_ne!(maps.get("a").await.unwrap().metadata.resource_version, before);
    server.restore(snapshot);
    assert_eq!(maps.get("a").await.unwrap().metadata.resource_version, before);
}

#[tokio::test(start_paused = true)]
async fn the_logs_tell_who_asked_and_what_was_written() {
    let (server, maps) = start();
    create(&maps).await.unwrap();
    maps.get("a").await.unwrap();
    let requests = server.requests();
    let brief: Vec<_> =
        requests.iter().map(|r| (r.client.as_str(), r.method.as_str(), r.status)).collect();
    assert_eq!(brief, [("me", "POST", Some(201)), ("me", "GET", Some(200))]);
    let history = server.history();
    assert_eq!((history.len(), history[0].path.as_str()), (1, MAP));
    assert_eq!(history[0].object, server.get(MAP).unwrap());
}

fn start() -> (TestServer, Api<ConfigMap>) {
    let server = TestServer::new();
    let maps = Api::namespaced(Client::new(server.service("me"), "default"), "default");
    (server, maps)
}

fn quiet() -> Faults {
    Faults::default()
}

async fn create(maps: &Api<ConfigMap>) -> kube::Result<ConfigMap> {
    let metadata = ObjectMeta { name: Some("a".into()), ..ObjectMeta::default() };
    maps.create(&PostParams::default(), &ConfigMap { metadata, ..ConfigMap::default() }).await
}

async fn next<S>(stream: &mut S) -> Option<S::Item>
where
    S: futures_core::Stream + Unpin,
{
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}
