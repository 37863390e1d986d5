//! The recipe of `deploy/fencing`, on a real API server: the write of a leader that was stopped
//! after it last read the clock and before that write is refused.

mod cluster;
mod writer;

use std::{env, time::Duration};

use serde_json::{Value, json};

use crate::{cluster::Cluster, writer::Writer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_late_write_of_a_stopped_leader_is_refused() {
    let cluster = Cluster::start("late").await;
    println!(
        "\n| recipe | late write, fence | answer | then in the object | new leader's writes |"
    );
    println!("|---|---|---|---|---|");
    // Without the recipe the late write passes.
    let unfenced = late_write(&cluster, "unfenced").await;
    assert_eq!(unfenced.status, 200, "{unfenced:?}");
    assert!(unfenced.stored < unfenced.fence.1, "{unfenced:?}");
    unfenced.row("none");

    cluster.apply_recipe().await;
    for round in 0..scaled(5, 2) {
        let fenced = late_write(&cluster, &format!("fenced-{round}")).await;
        assert_eq!(fenced.status, 422, "{fenced:?}");
        assert!(fenced.message.contains("is of an earlier term than"), "{fenced:?}");
        assert_eq!(fenced.stored, fenced.fence.1, "{fenced:?}");
        fenced.row("deploy/fencing");
    }
}

#[derive(Debug)]
struct Late {
    /// The old leader's and the new one's.
    fence: (u64, u64),
    status: u64,
    message: String,
    /// The fence in the object right after the late write.
    stored: u64,
    /// Answers to the new leader's writes, after the late one.
    passed: usize,
}

/// Stops a leader before a write, lets another one lead and write, and lets the first go on.
async fn late_write(cluster: &Cluster, object: &str) -> Late {
    cluster.create(object, "0").await;
    let mut old = Writer::start(cluster, "a", object);
    let first = old.wrote().await;
    assert_eq!(first["status"], 200, "{first}");
    let mut new = Writer::start(cluster, "b", object);
    old.stop_before_write().await;
    let second = new.wrote().await;
    assert_eq!(second["status"], 200, "{second}");
    let fence = (number(&first["fence"]), number(&second["fence"]));
    assert!(fence.0 < fence.1, "{fence:?}");
    // A change from here on is made by the late write.
    new.pause().await;
    let stored_before = cluster.fence(object).await;
    assert_eq!(stored_before, fence.1);
    old.go_on();
    let late = old.late().await;
    let stored = cluster.fence(object).await;
    new.go_on();
    new.forget().await;
    let mut passed = 0;
    for _ in 0..3 {
        let write = new.wrote().await;
        assert_eq!(write["status"], 200, "{write}");
        passed += 1;
    }
    let message = late["message"].as_str().unwrap_or_default().to_owned();
    Late { fence, status: number(&late["status"]), message, stored, passed }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_that_is_missing_smaller_or_no_number_is_refused() {
    let cluster = Cluster::start("rules").await;
    cluster.apply_recipe().await;
    cluster.create("rules", "100").await;
    let annotated = |fence: Value| json!({ "kunobi.ninja/fence": fence });
    let labelled = json!({ "kunobi.ninja/fenced": "true" });
    let cases = [
        ("a larger one", labelled.clone(), annotated("101".into()), 200),
        ("the same one", labelled.clone(), annotated("101".into()), 200),
        ("a smaller one", labelled.clone(), annotated("100".into()), 422),
        ("smaller, though not as text", labelled.clone(), annotated("99".into()), 422),
        ("none", labelled.clone(), json!({}), 422),
        ("no number", labelled.clone(), annotated("1e9".into()), 422),
        ("a negative one", labelled.clone(), annotated("-1".into()), 422),
        ("too many digits", labelled.clone(), annotated("9".repeat(19).into()), 422),
        ("a smaller one, and no label", json!({}), annotated("100".into()), 422),
        ("a much larger one", labelled, annotated("9".repeat(18).into()), 200),
    ];
    println!("\n| fence of an update | answer |\n|---|---|");
    for (what, labels, annotations, wanted) in cases {
        let object = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": "rules", "labels": labels, "annotations": annotations },
        });
        let (status, message) = cluster.put("rules", &object).await;
        println!("| {what} | {status} {message} |");
        assert_eq!(status, wanted, "{what}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_recipe_cannot_refuse_is_as_documented() {
    let cluster = Cluster::start("limits").await;
    cluster.apply_recipe().await;
    cluster.create("limits", "100").await;
    // A patch without the annotation leaves that of the newer leader in place.
    let patch = json!({ "data": { "by": "an unknown writer" } });
    let (status, message) = cluster.patch("limits", &patch).await;
    assert_eq!(status, 200, "{message}");
    let patch = json!({ "metadata": { "annotations": { "kunobi.ninja/fence": "99" } } });
    let (status, message) = cluster.patch("limits", &patch).await;
    assert_eq!(status, 422, "{message}");
    // A deletion carries no annotation, so that only a precondition can fence it.
    let stale = json!({ "preconditions": { "resourceVersion": "1" } });
    let (status, message) = cluster.delete("limits", &stale).await;
    assert_eq!(status, 409, "{message}");
    let (status, message) = cluster.delete("limits", &json!({})).await;
    assert_eq!(status, 200, "{message}");
}

/// Runs the process of the tests above: see [`writer`].
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writer_process() {
    if env::var_os(writer::OBJECT).is_some() {
        writer::run().await;
    }
}

impl Late {
    fn row(&self, recipe: &str) {
        let Self { fence: (old, new), status, message, stored, passed } = self;
        println!(
            "| {recipe} | {old} (new leader: {new}) | {status} {message} | {stored} | {passed} pass |"
        );
    }
}

/// Returns how many: `all`, or `part` where the gate runs it.
fn scaled<T>(all: T, part: T) -> T {
    if env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part") { part } else { all }
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

const PATIENCE: Duration = Duration::from_secs(60);
