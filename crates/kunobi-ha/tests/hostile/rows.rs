//! Leases as they are served, and what a replica makes of each.

mod bodies;
mod metadata;
mod spec;
mod times;

use kunobi_ha::leader::StepDownReason;
use serde_json::{Value, json};

/// A Lease as it is served.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) fact: Fact,
    /// Makes it of the Lease that a server would serve.
    pub(crate) body: fn(Value) -> Vec<u8>,
    pub(crate) candidate: Candidate,
    pub(crate) leader: Leader,
}

/// Whether kube-apiserver stores it, as the conformance test of this name shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fact {
    NotTried,
    Refused(&'static str),
    Stored(&'static str),
}

/// What becomes of a candidate that is served the row from the beginning on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Candidate {
    /// It writes over it after this many seconds, with these transitions.
    Leads { after: u64, transitions: i64 },
    /// It asks again and again, and gives up after the observe timeout. Nothing is written.
    GivesUp(&'static str),
    /// It fails at once. Nothing is written.
    Refuses(&'static str),
}

/// What becomes of a leader whose Lease is replaced by the row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Leader {
    /// It writes over it, and its term goes on.
    Keeps,
    Ends(StepDownReason),
}

/// Runs a test on each row, and tells all those that fail.
pub(crate) async fn each<T>(test: impl Fn(Row) -> T)
where
    T: Future<Output = ()> + Send + 'static,
{
    let mut failed = Vec::new();
    let mut rows = 0;
    for row in all() {
        let name = row.name;
        rows += 1;
        if tokio::spawn(test(row)).await.is_err() {
            failed.push(name);
        }
    }
    println!("{rows} Leases, {} failed", failed.len());
    assert!(failed.is_empty(), "these rows failed: {failed:#?}");
}

fn all() -> impl Iterator<Item = Row> {
    bodies::rows()
        .into_iter()
        .chain(metadata::rows())
        .chain(metadata::versions())
        .chain(spec::numbers())
        .chain(spec::holders())
        .chain(spec::others())
        .chain(times::rows())
}

/// Returns a Lease that another replica holds, for 20 s, with much that no election knows.
pub(crate) fn held() -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": "l", "namespace": "n", "uid": "u-1", "resourceVersion": "100",
            "annotations": { "a/b": "ü\u{202e}" }, "labels": { "app": "x" },
            "ownerReferences": [{ "uid": "o", "kind": "Pod" }], "finalizers": ["a.b/c"],
            "managedFields": [{ "manager": "m" }], "unheard": { "of": [1, null, -0.5] },
        },
        "spec": {
            "holderIdentity": "other", "leaseDurationSeconds": 20, "leaseTransitions": 7,
            "acquireTime": "2026-11-22T09:37:00.051743Z", "renewTime": "2026-11-22T09:38:00.051743Z",
            "strategy": "OldestEmulationVersion", "future": [1, 2, { "x": u64::MAX }],
        },
        "status": { "phase": "?" },
    })
}

/// The usual candidate: the record of another replica is waited for as long as it asks.
const WAITS: Candidate = Candidate::Leads { after: 20, transitions: 8 };
/// The candidate for whom nobody holds the Lease.
const TAKES: Candidate = Candidate::Leads { after: 0, transitions: 8 };
const ENDS: Leader = Leader::Ends(StepDownReason::HolderChanged);
/// The leader that can't read its Lease any more.
const LAPSES: Leader = Leader::Ends(StepDownReason::RenewDeadlineExceeded);

#[test]
fn rows_have_different_names() {
    let names: Vec<_> = all().map(|row| row.name).collect();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
}

/// The facts are those of tests that run against kube-apiserver as well.
#[test]
fn each_fact_is_one_of_the_conformance_tests() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../kunobi-ha-test/tests/conformance");
    // A package does not have them.
    let Ok(files) = std::fs::read_dir(tests) else { return };
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let source: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    for Row { name, fact, .. } in all() {
        match fact {
            Fact::NotTried => {}
            Fact::Refused(test) | Fact::Stored(test) => {
                assert!(source.contains(&format!("async fn {test}(")), "{name}: {test}");
            }
        }
    }
}

const NOT_TRIED: Fact = Fact::NotTried;
const TOO_MUCH: Fact = Fact::Stored("what_is_too_much_does_no_harm");
const TYPED: Fact = Fact::Refused("every_field_has_its_type");

fn bytes(lease: &Value) -> Vec<u8> {
    lease.to_string().into_bytes()
}

/// Sets the value at `parent`/`key`.
fn set(mut lease: Value, parent: &str, key: &str, value: Value) -> Vec<u8> {
    lease[parent][key] = value;
    bytes(&lease)
}

fn remove(mut lease: Value, parent: &str, key: &str) -> Vec<u8> {
    lease[parent].as_object_mut().unwrap().remove(key);
    bytes(&lease)
}

/// Sets the value at `parent`/`key` to this text, whether it is JSON or not.
fn raw(lease: Value, parent: &str, key: &str, text: &str) -> Vec<u8> {
    let marked = String::from_utf8(set(lease, parent, key, json!("@@@"))).unwrap();
    marked.replace("\"@@@\"", text).into_bytes()
}
