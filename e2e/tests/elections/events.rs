//! The Events that both libraries write about the Lease.

use std::collections::BTreeMap;

use e2e::{candidate::Maker, history::Recorder};
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    Outcome, bodies,
    world::{LIMIT, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn both_write_the_same_events() -> Outcome {
    let world = World::new("events").await?;
    let theirs = tell(&world, Maker::ClientGo, "theirs").await?;
    let ours = tell(&world, Maker::Kunobi, "ours").await?;
    println!("| event | field | client-go | kunobi-ha |");
    println!("|---|---|---|---|");
    for (number, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        let (theirs, ours) = (flat(theirs), flat(ours));
        let names = theirs.keys().chain(ours.keys()).collect::<std::collections::BTreeSet<_>>();
        for name in names {
            let shown = |fields: &BTreeMap<String, Value>| {
                fields.get(name).map_or("absent".into(), Value::to_string)
            };
            println!("| {number} | {name} | {} | {} |", shown(&theirs), shown(&ours));
            let free = ["/source/component", "/reportingComponent", "/reportingInstance"];
            let values = ["/involvedObject/name", "/involvedObject/uid", "Version", "Timestamp"];
            if free.contains(&name.as_str()) {
                continue;
            }
            if values.iter().any(|value| name.ends_with(value)) {
                assert!(theirs.contains_key(name) && ours.contains_key(name), "{number}: {name}");
            } else {
                assert_eq!(theirs.get(name), ours.get(name), "{number}: {name}");
            }
        }
    }
    let path = format!("/api/v1/namespaces/{}/events", world.namespace);
    println!("kubectl get events:");
    crate::table::kubectl(&world.get(&path, bodies::TABLE).await?);
    Ok(())
}

/// Leads, releases, and returns the two events.
async fn tell(world: &World, maker: Maker, lease: &str) -> Outcome<Vec<Value>> {
    let recorder = Recorder::start(world.client.clone(), &world.namespace, lease).await?;
    let arguments: &[&str] = match maker {
        Maker::ClientGo => &["--events", "--rejoin", "--release-on-cancel"],
        Maker::Kunobi => &["--events", "--rejoin"],
    };
    let mut candidate = world.candidate(maker, lease, "replica", arguments)?;
    candidate.leads(0, LIMIT).await?;
    recorder.wait_for(LIMIT, |versions| (versions.len() > 3).then_some(())).await?;
    events(world, lease, 1).await?;
    // Its program would end before client-go has written the last one: the lease is taken instead.
    let lease_path =
        format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{lease}", world.namespace);
    let body = serde_json::to_vec(&serde_json::json!({
        "spec": { "holderIdentity": "an admin", "acquireTime": "2026-01-01T00:00:00.000000Z" },
    }))?;
    let patch = http::Request::patch(lease_path)
        .header("Content-Type", "application/merge-patch+json")
        .body(body)?;
    world.client.request::<Value>(patch).await?;
    let events = events(world, lease, 2).await?;
    candidate.signal(Signal::KILL)?;
    candidate.ended().await?;
    Ok(events)
}

/// Waits until there are so many events about a Lease, in the order of their writing.
async fn events(world: &World, lease: &str, count: usize) -> Outcome<Vec<Value>> {
    let selector = format!("involvedObject.name%3D{lease}");
    let path = format!("/api/v1/namespaces/{}/events?fieldSelector={selector}", world.namespace);
    let limit = tokio::time::Instant::now() + LIMIT;
    loop {
        let list = world.get(&path, "application/json").await?;
        let mut items = list["items"].as_array().cloned().unwrap_or_default();
        if items.len() >= count {
            items.sort_by_key(|event| {
                let version = event["metadata"]["resourceVersion"].as_str();
                version.and_then(|version| version.parse::<u64>().ok())
            });
            return Ok(items);
        }
        if tokio::time::Instant::now() > limit {
            return Err(format!("{lease}: {} events, not {count}", items.len()).into());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Returns all fields except the metadata, by their paths.
fn flat(event: &Value) -> BTreeMap<String, Value> {
    fn walk(path: &str, value: &Value, out: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields.iter().filter(|(key, _)| *key != "metadata") {
                    walk(&format!("{path}/{key}"), value, out);
                }
            }
            other => drop(out.insert(path.to_owned(), other.clone())),
        }
    }
    let mut fields = BTreeMap::new();
    walk("", event, &mut fields);
    fields
}
