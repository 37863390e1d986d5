use std::collections::VecDeque;

use http::Method;
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::*;

/// Without sockets, so that the clock can be paused.
fn relay(server: &TestServer) -> Relay {
    Relay::to(Client::new(server.service("proxy"), "default"))
}

fn request(method: Method, query: &str, body: &Value) -> Request<Full<Bytes>> {
    let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    let json = header::HeaderValue::from_static("application/json");
    let mut request = Request::new(Full::from(body.to_string()));
    *request.method_mut() = method;
    *request.uri_mut() = format!("{leases}{query}").parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

fn create(name: &str) -> Request<Full<Bytes>> {
    request(Method::POST, "", &json!({ "metadata": { "name": name } }))
}

fn exists(server: &TestServer, name: &str) -> bool {
    server.get(&format!("leases.coordination.k8s.io default/{name}")).is_some()
}

async fn json_of(answer: Answer) -> Value {
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_request_is_passed_on_and_answered() {
    let server = TestServer::new();
    let relay = relay(&server);
    let answer = relay.ask(create("one")).await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(json_of(answer).await["metadata"]["name"], "one");
    assert!(exists(&server, "one"));
    assert_eq!(relay.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_request_does_not_arrive_and_a_lost_answer_comes_too_late() {
    let server = TestServer::new();
    let relay = relay(&server);
    for (lost, name, arrives) in
        [(Disturbance::RequestsLost, "one", false), (Disturbance::AnswersLost, "two", true)]
    {
        relay.disturbance.send_replace(lost);
        let answer = timeout(Duration::from_secs(100), relay.ask(create(name))).await;
        assert!(answer.is_err(), "{name} was answered");
        assert_eq!(exists(&server, name), arrives, "{name}");
    }
    relay.disturbance.send_replace(Disturbance::None);
    assert_eq!(relay.ask(create("three")).await.unwrap().status(), 201);
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_is_carried_out_half_way() {
    let server = TestServer::new();
    let relay = relay(&server);
    let (before, after) = (Duration::from_secs(1), Duration::from_secs(2));
    relay.disturbance.send_replace(Disturbance::Slow { before, after });
    let begin = Instant::now();
    let mut asking = Box::pin(relay.ask(create("one")));
    assert!(timeout(Duration::from_millis(999), &mut asking).await.is_err());
    assert!(!exists(&server, "one"), "too early");
    assert!(timeout(Duration::from_millis(2), &mut asking).await.is_err());
    assert!(exists(&server, "one"), "too late");
    assert_eq!(asking.await.unwrap().status(), 201);
    assert_eq!(begin.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn refusals_come_in_their_order_and_are_not_carried_out() {
    let server = TestServer::new();
    let relay = relay(&server);
    let turns = VecDeque::from([Some(409), None, Some(500)]);
    relay.disturbance.send_replace(Disturbance::Refusals(turns));
    for (name, code, reason) in [
        ("one", 409, json!("Conflict")),
        ("two", 201, Value::Null),
        ("three", 500, json!("InternalError")),
        ("four", 201, Value::Null),
    ] {
        let answer = relay.ask(create(name)).await.unwrap();
        assert_eq!(answer.status(), code, "{name}");
        assert_eq!(exists(&server, name), code == 201, "{name}");
        assert_eq!(json_of(answer).await["reason"], reason, "{name}");
    }
}

#[tokio::test]
async fn what_the_api_server_refuses_is_not_asked_again() {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    let script = [kunobi_ha_test::Fault::status(503)].into();
    let faults = kunobi_ha_test::Faults { script, ..kunobi_ha_test::Faults::default() };
    server.set_faults("anonymous", faults);
    let url = format!("http://{}", listener.address());
    let relay = Relay::to(client(&Config::new(url.parse().unwrap())).unwrap());
    assert_eq!(relay.ask(create("one")).await.unwrap().status(), 503);
    assert_eq!(relay.ask(create("two")).await.unwrap().status(), 201);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_watch_is_silent_while_the_client_hears_nothing() {
    let server = TestServer::new();
    let relay = relay(&server);
    let watch = request(Method::GET, "?watch=1&timeoutSeconds=60", &Value::Null);
    let mut events = relay.ask(watch).await.unwrap().into_body();
    let observer = Relay::to(relay.server.clone());
    let mut held = Duration::ZERO;
    for (lost, name) in [
        (Disturbance::None, "one"),
        (Disturbance::RequestsLost, "two"),
        (Disturbance::AnswersLost, "three"),
    ] {
        let is_silence = lost.is_silence();
        relay.disturbance.send_replace(lost);
        observer.ask(create(name)).await.unwrap();
        if is_silence {
            let silence = Duration::from_secs(10);
            assert!(timeout(silence, events.frame()).await.is_err(), "{name} was heard of");
            held += silence;
        }
        relay.disturbance.send_replace(Disturbance::None);
        let frame = events.frame().await.unwrap().unwrap().into_data().unwrap();
        let event: Value = serde_json::from_slice(&frame).unwrap();
        assert_eq!(event["object"]["metadata"]["name"], name);
    }
    // The end of the watch is held back, too.
    relay.disturbance.send_replace(Disturbance::RequestsLost);
    assert!(
        timeout(Duration::from_secs(60), events.frame()).await.is_err(),
        "the end was heard of"
    );
    relay.disturbance.send_replace(Disturbance::None);
    assert!(events.frame().await.is_none());
    assert_eq!(held.as_secs(), 20);
}
