//! How fast the server is: in process, on a port, with many objects, with many watchers.

use std::{hint::black_box, time::Duration};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use kunobi_ha_test::{ResponseBody, TestServer};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower_service::Service;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const SPACES: &str = "/api/v1/namespaces";
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

fn requests(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let server = TestServer::builder().log_capacity(0).build();
    runtime.block_on(send(&server, "POST", MAPS, &map("a")));
    let lease = json!({ "metadata": { "name": "l" }, "spec": { "holderIdentity": "a" } });
    let stored = runtime.block_on(send(&server, "POST", LEASES, &lease));

    let mut group = criterion.benchmark_group("a request");
    let path = format!("{MAPS}/a");
    group.bench_function("get, in process", |bencher| {
        bencher.iter(|| runtime.block_on(send(&server, "GET", &path, &Value::Null)));
    });
    let path = format!("{LEASES}/l");
    let (mut lease, mut number) = (stored, 0_u64);
    group.bench_function("a Lease that changes, in process", |bencher| {
        bencher.iter(|| {
            number += 1;
            lease["spec"]["leaseTransitions"] = (number % 1_000_000).into();
            lease = runtime.block_on(send(&server, "PUT", &path, &lease));
        });
    });
    let listener = runtime.block_on(server.listen("127.0.0.1:0")).expect("a free port");
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let url: http::Uri = format!("http://{}{MAPS}/a", listener.address()).parse().expect("a URL");
    group.bench_function("get, over loopback", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let response = client.get(url.clone()).await.expect("an answer");
                response.into_body().collect().await.expect("a body").to_bytes()
            })
        });
    });
    group.finish();
}

fn many(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let server = TestServer::builder().log_capacity(0).build();
    runtime.block_on(fill(&server, MAPS, 50_000));
    let mut group = criterion.benchmark_group("many");
    group.sample_size(10);
    group.bench_function("a list of 50,000 objects", |bencher| {
        bencher.iter(|| runtime.block_on(answer(&server, "GET", MAPS, &Value::Null)));
    });

    let server = TestServer::builder().log_capacity(0).build();
    let mut watches: Vec<ResponseBody> = runtime.block_on(async {
        let mut watches = Vec::new();
        for _ in 0..1_000 {
            let path = format!("{MAPS}?watch=true");
            watches.push(response(&server, "GET", &path, &Value::Null).await);
        }
        watches
    });
    let mut number = 0;
    group.bench_function("1,000 watchers are told of a change", |bencher| {
        bencher.iter(|| {
            number += 1;
            runtime.block_on(async {
                send(&server, "POST", MAPS, &map(&format!("w{number}"))).await;
                for watch in &mut watches {
                    let event = tokio::time::timeout(Duration::from_secs(10), watch.frame()).await;
                    black_box(event.expect("in time").expect("it goes on").expect("an event"));
                }
            });
        });
    });
    group.finish();
}

fn large(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("large");
    group.sample_size(10);
    let full = TestServer::builder().log_capacity(0).build();
    runtime.block_on(fill(&full, MAPS, 50_000));
    group.bench_function("50,000 objects in pages of 500", |bencher| {
        bencher.iter(|| runtime.block_on(pages(&full, 500)));
    });
    let full = TestServer::builder().log_capacity(0).build();
    runtime.block_on(async {
        send(&full, "POST", SPACES, &json!({ "metadata": { "name": "full" } })).await;
        fill(&full, &format!("{SPACES}/full/configmaps"), 10_000).await;
    });
    let full = full.snapshot();
    let restored = || {
        let server = TestServer::builder().log_capacity(0).build();
        server.restore(full.clone());
        server
    };
    group.bench_function("a namespace of 10,000 objects ends", |bencher| {
        bencher.iter_batched(
            restored,
            |server| {
                let path = format!("{SPACES}/full");
                runtime.block_on(answer(&server, "DELETE", &path, &Value::Null));
                assert!(server.get("namespaces full").is_none());
                server
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Reads a collection as informers do.
async fn pages(server: &TestServer, limit: usize) {
    let mut path = format!("{MAPS}?limit={limit}");
    loop {
        let page = send(server, "GET", &path, &Value::Null).await;
        let Some(token) = page["metadata"]["continue"].as_str() else { break };
        path = format!("{MAPS}?limit={limit}&continue={token}");
    }
}

async fn fill(server: &TestServer, path: &str, count: usize) {
    for number in 0..count {
        send(server, "POST", path, &map(&format!("m{number}"))).await;
    }
}

fn start(criterion: &mut Criterion) {
    black_box(TestServer::new());
    criterion.bench_function("a server starts", |bencher| bencher.iter(TestServer::new));
}

async fn response(server: &TestServer, method: &str, path: &str, body: &Value) -> ResponseBody {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).body(Full::new(body));
    let mut service = server.service("bench");
    let response = service.call(request.expect("a request")).await.expect("an answer");
    assert!(response.status().is_success(), "{method} {path}: {}", response.status());
    response.into_body()
}

async fn answer(server: &TestServer, method: &str, path: &str, body: &Value) -> Bytes {
    let body = response(server, method, path, body).await;
    body.collect().await.expect("a body").to_bytes()
}

async fn send(server: &TestServer, method: &str, path: &str, body: &Value) -> Value {
    serde_json::from_slice(&answer(server, method, path, body).await).expect("JSON")
}

fn map(name: &str) -> Value {
    json!({ "metadata": { "name": name, "labels": { "app": "bench" } },
            "data": { "key": "value", "other": "another value of some length" } })
}

criterion_group!(benches, start, requests, many, large);
criterion_main!(benches);
