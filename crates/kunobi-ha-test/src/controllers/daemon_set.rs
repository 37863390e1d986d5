//! `DaemonSets`: a pod on each node.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    Pace, Step,
    memory::Memory,
    number,
    pods::{Clock, Pod, Pods},
    revision,
    share::{Rounds, share},
};

/// The nodes as a `DaemonSet` sees them: their labels, by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Nodes(BTreeMap<String, Value>);

pub(super) fn step(
    object: &Value,
    mut memory: Memory,
    pace: &Pace,
    (now, nodes): (Timestamp, &Nodes),
) -> Step {
    if !object["metadata"]["deletionTimestamp"].is_null() {
        return Step::rest(memory);
    }
    let spec = &object["spec"];
    let min_ready = number(&spec["minReadySeconds"]).unwrap_or_default();
    let clock = Clock::of_running(object, pace, now, min_ready);
    let revision = revision(&spec["template"]);
    let fields = ["currentNumberScheduled", "updatedNumberScheduled", "numberReady"];
    memory.recall(object, fields, &revision, &clock);
    memory.pods.review(&revision, &clock);
    let selector = &spec["template"]["spec"]["nodeSelector"];
    let wanted: Vec<&str> = nodes.selected(selector).collect();
    // Pods that were told of by the status are on the first nodes.
    for (pod, node) in memory.pods.0.iter_mut().zip(&wanted) {
        if pod.node.is_empty() {
            (*node).clone_into(&mut pod.node);
        }
    }
    place(&wanted, &revision, &mut memory.pods.0, &clock);
    let strategy = &spec["updateStrategy"];
    if strategy["type"] != "OnDelete" {
        while replace(strategy, &revision, &mut memory.pods, &clock) {}
    }
    let again = memory.pods.next(&clock);
    let status = status(object, &revision, &memory.pods, &clock);
    Step::report(object, status, memory, again)
}

impl Nodes {
    /// Takes over what a Node is now; none: it is gone. Returns whether that makes a difference.
    pub(crate) fn set(&mut self, name: &str, node: Option<&Value>) -> bool {
        let labels = node.map(|node| node["metadata"]["labels"].clone());
        if self.0.get(name) == labels.as_ref() {
            return false;
        }
        match labels {
            Some(labels) => self.0.insert(name.to_owned(), labels),
            None => self.0.remove(name),
        };
        true
    }

    /// The names of those that have these labels.
    fn selected(&self, selector: &Value) -> impl Iterator<Item = &str> {
        let has = |node: &Value| {
            let mut labels = selector.as_object().into_iter().flatten();
            labels.all(|(label, value)| node.get(label) == Some(value))
        };
        self.0.iter().filter(move |(_, node)| has(node)).map(|(name, _)| &**name)
    }
}

/// Makes a pod on each of these nodes, and removes those on others.
fn place(nodes: &[&str], revision: &str, pods: &mut Vec<Pod>, clock: &Clock) {
    pods.retain(|pod| nodes.contains(&&*pod.node));
    for node in nodes {
        if !pods.iter().any(|pod| pod.node == *node) {
            pods.push(Pod { node: (*node).to_owned(), ..Pod::new(revision, clock) });
        }
    }
}

/// Replaces one old pod; false if none may be replaced now.
fn replace(strategy: &Value, revision: &str, pods: &mut Pods, clock: &Clock) -> bool {
    let all = pods.len();
    let rolling = &strategy["rollingUpdate"];
    let may_miss = |field: &str| share(&rolling[field], all, Rounds::Up);
    let may_miss = match may_miss("maxUnavailable").max(may_miss("maxSurge")) {
        0 => 1,
        number => number,
    };
    let unavailable = all - pods.available(clock);
    let is_old = |pod: &&mut Pod| pod.revision != revision;
    let broken = pods.0.iter_mut().filter(is_old).find(|pod| !pod.is_available(clock));
    let is_broken = broken.is_some();
    let next = match broken {
        Some(pod) => Some(pod),
        None => pods.0.iter_mut().find(is_old),
    };
    match next {
        Some(pod) if is_broken || unavailable < may_miss => {
            *pod = Pod { node: pod.node.clone(), ..Pod::new(revision, clock) };
            true
        }
        Some(_) | None => false,
    }
}

fn status(object: &Value, revision: &str, pods: &Pods, clock: &Clock) -> Value {
    let (all, available) = (pods.len(), pods.available(clock));
    let mut status = Map::new();
    for (field, count) in [
        ("currentNumberScheduled", all),
        ("desiredNumberScheduled", all),
        ("numberMisscheduled", 0),
        ("numberReady", pods.ready(clock)),
    ] {
        status.insert(field.into(), count.into());
    }
    for (field, count) in [
        ("observedGeneration", object["metadata"]["generation"].as_i64().unwrap_or_default()),
        ("updatedNumberScheduled", pods.of(revision)),
        ("numberAvailable", available),
        ("numberUnavailable", all - available),
    ] {
        if count != 0 {
            status.insert(field.into(), count.into());
        }
    }
    for field in ["collisionCount", "conditions"] {
        status.extend(object["status"].get(field).map(|kept| (field.to_owned(), kept.clone())));
    }
    Value::Object(status)
}
