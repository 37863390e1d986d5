//! API Priority and Fairness, when it rejects requests.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::Frame;
use kube::{Client, client::Body};
use kunobi_ha::leader::StepDownReason;
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time};
use tower::service_fn;

use crate::{
    DEADLINE, LEASE, RETRY, SLACK,
    cluster::{Cluster, IDENTITIES},
    field::Field,
    report::{report, seconds},
    scaled,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_that_is_rejected_by_priority_and_fairness_stops_in_time() {
    let cluster = Cluster::shared("rejected").await;
    let field = Field::led(&cluster, "rejected", &["a", "b", "c"], |it| it).await;
    let seat = OneSeat::limit(&cluster, "rejected").await;
    let began = Instant::now();
    let taken = seat.take().await;
    let (after, reason) = field.end_of(0, began).await;
    assert_eq!(reason, StepDownReason::RenewDeadlineExceeded);
    let error = field.state(0).last_error().expect("it says why");
    assert!(error.contains("429"), "{error}");
    time::sleep(LEASE).await;
    taken.abort();
    let free = Instant::now();
    field.leader().await;
    let back = free.elapsed();
    assert!(back < LEASE + RETRY + SLACK * 2, "{back:?}");
    seat.remove().await;
    let happened = format!(
        "{} requests answered with 429; RenewDeadlineExceeded after {}; a leader {} after the end",
        rejections(&cluster),
        seconds(after),
        seconds(back)
    );
    report(&field, "APF rejects all requests for Leases", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_that_is_rejected_now_and_then_asks_again_in_time() {
    let cluster = Cluster::shared("throttled").await;
    let field = Field::led(&cluster, "throttled", &["a", "b", "c"], |it| it).await;
    let seat = OneSeat::limit(&cluster, "throttled").await;
    let bursts = scaled(20, 6);
    for _ in 0..bursts {
        let taken = seat.take().await;
        time::sleep(DEADLINE * 2 / 5).await;
        taken.abort();
        time::sleep(DEADLINE / 5).await;
    }
    seat.remove().await;
    field.leader().await;
    field.calm(DEADLINE).await;
    let rejected = rejections(&cluster);
    assert!(rejected > 0, "nothing was rejected");
    let fate =
        if field.terms().len() == 1 { "the leader goes on" } else { "the leader is succeeded" };
    let happened = format!("{rejected} requests answered with 429 in {bursts} bursts; {fate}");
    report(&field, "APF rejects all requests for 0.8 s of every 1.2 s", &happened);
}

/// A priority level of all candidates with one seat and no queue.
struct OneSeat<'a> {
    cluster: &'a Cluster,
    name: &'a str,
    client: Client,
}

impl<'a> OneSeat<'a> {
    async fn limit(cluster: &'a Cluster, name: &'a str) -> Self {
        limit(cluster, name).await;
        Self { cluster, name, client: cluster.client("flood").await }
    }

    /// Sends a request whose body never ends, which keeps the seat until it is aborted.
    async fn take(&self) -> JoinHandle<()> {
        // A server learns of the level a little later, and of an aborted request, too.
        let end = Instant::now() + SLACK * 10;
        loop {
            let client = self.client.clone();
            let path = self.path();
            let taking = tokio::spawn(async move {
                let request = Request::post(&path).header("content-type", "application/json");
                let request = request.body(unrepeatable(true).await).expect("a request");
                let _ = client.send(request).await;
            });
            time::sleep(Duration::from_millis(30)).await;
            // A candidate may have had it the first time.
            if self.status().await == 429 && !taking.is_finished() && self.status().await == 429 {
                return taking;
            }
            taking.abort();
            assert!(Instant::now() < end, "it is never limited");
            time::sleep(Duration::from_millis(30)).await;
        }
    }

    async fn status(&self) -> u16 {
        let request = Request::get(self.path()).body(unrepeatable(false).await).expect("a request");
        self.client.send(request).await.expect("an answer").status().as_u16()
    }

    fn path(&self) -> String {
        format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", self.cluster.namespace)
    }

    async fn remove(self) {
        self.cluster.delete(&format!("{FLOW}/flowschemas/{}", self.name)).await;
        self.cluster.delete(&format!("{FLOW}/prioritylevelconfigurations/{}", self.name)).await;
    }
}

/// Makes a body that never ends, or an empty one; kube asks again by itself only with a body that it
/// can clone, and makes others of answers only.
async fn unrepeatable(endless: bool) -> Body {
    let echo = Client::new(
        service_fn(move |_: Request<Body>| async move {
            type Chunk = Result<Frame<Bytes>, Infallible>;
            let body = if endless {
                stream::pending::<Chunk>().left_stream()
            } else {
                stream::empty::<Chunk>().right_stream()
            };
            Ok::<_, Infallible>(Response::new(StreamBody::new(body)))
        }),
        "",
    );
    let answer = echo.send(Request::new(Body::empty())).await;
    answer.expect("it answers").into_body()
}

/// Gives all candidates one seat: a level without any lets one request at a time pass.
async fn limit(cluster: &Cluster, name: &str) {
    let level = json!({
        "metadata": { "name": name },
        "spec": { "type": "Limited", "limited": {
            "nominalConcurrencyShares": 0,
            "lendablePercent": 0,
            "borrowingLimitPercent": 0,
            "limitResponse": { "type": "Reject" },
        } },
    });
    cluster.create(&format!("{FLOW}/prioritylevelconfigurations"), level).await;
    let subjects: Vec<Value> =
        IDENTITIES.iter().map(|name| json!({ "kind": "User", "user": { "name": name } })).collect();
    let leases = json!({
        "verbs": ["*"],
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "namespaces": ["*"],
    });
    let schema = json!({
        "metadata": { "name": name },
        "spec": {
            "priorityLevelConfiguration": { "name": name },
            "matchingPrecedence": 50,
            "rules": [{ "subjects": subjects, "resourceRules": [leases] }],
        },
    });
    cluster.create(&format!("{FLOW}/flowschemas"), schema).await;
}

/// Counts, in the audit log, the candidates' requests that were rejected.
fn rejections(cluster: &Cluster) -> usize {
    let log = cluster.plane.audit().expect("a log");
    let ours = log.iter().filter(|entry| {
        entry["objectRef"]["namespace"] == *cluster.namespace
            && ["a", "b", "c"].iter().any(|name| entry["user"]["username"] == *name)
    });
    ours.filter(|entry| entry["responseStatus"]["code"] == 429).count()
}

const FLOW: &str = "/apis/flowcontrol.apiserver.k8s.io/v1";
