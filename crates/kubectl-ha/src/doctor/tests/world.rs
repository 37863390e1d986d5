//! An election as JSON, which a fixture changes: two replicas of the chart, well.

use std::{collections::BTreeSet, path::Path, sync::LazyLock, time::Duration};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    super::{
        election::Election,
        examine,
        facts::{Access, Cluster, Elsewhere, Look, Observed, Right, Subject},
        finding::Diagnosis,
        index::Index,
    },
    because,
};

pub(super) struct World {
    json: Value,
    hidden: BTreeSet<&'static str>,
}

impl World {
    pub(super) const PARTS: [&str; 8] = [
        "pods",
        "deployments",
        "statefulsets",
        "daemonsets",
        "nodes",
        "budgets",
        "events",
        "access",
    ];

    pub(super) fn healthy() -> Self {
        static HEALTHY: LazyLock<Value> = LazyLock::new(|| World::of_chart("defaults").json);
        Self { json: HEALTHY.clone(), hidden: BTreeSet::new() }
    }

    /// Two replicas of what the chart renders to with some values.
    pub(super) fn of_chart(render: &str) -> Self {
        let objects = rendered(render);
        let find = |kind: &str| objects.iter().find(|it| it["kind"] == kind).cloned();
        let mut deployment = find("Deployment").expect(render);
        deployment["metadata"]["uid"] = json!("d");
        let spec = &deployment["spec"]["template"]["spec"];
        let variables = spec["containers"][0]["env"].as_array().unwrap();
        let lease = variables.iter().find(|it| it["name"] == "HA_LEASE").unwrap()["value"].clone();
        let pods = [pod(&deployment, "a", "n1"), pod(&deployment, "b", "n2")];
        let account = spec["serviceAccountName"].clone();
        let namespace = deployment["metadata"]["namespace"].clone();
        let holder = pods[0]["metadata"]["name"].clone();
        let json = json!({
            "lease": {
                "metadata": {
                    "name": lease, "namespace": namespace, "uid": "l",
                    "creationTimestamp": "2026-11-20T12:00:00Z",
                    "managedFields": [{ "manager": "operator", "operation": "Update",
                        "time": "2026-11-27T11:59:59Z",
                        "fieldsV1": { "f:spec": { "f:renewTime": {}, "f:holderIdentity": {} } } }],
                },
                "spec": { "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": 3,
                          "acquireTime": "2026-11-27T09:00:00.000000Z",
                          "renewTime": "2026-11-27T11:59:59.400000Z" },
            },
            "observed": { "renewals": 2, "changes": 0, "cadence": 2.0, "latency": 0.02 },
            "pods": pods, "deployments": [deployment], "statefulsets": [], "daemonsets": [],
            "nodes": [node("n1"), node("n2")],
            "budgets": find("PodDisruptionBudget").into_iter().collect::<Vec<_>>(),
            "events": [], "access": [{ "namespace": namespace, "account": account,
                "allowed": ["Get", "Update", "Create", "GetPods", "ListPods", "WatchPods"] }],
        });
        Self { json, hidden: BTreeSet::new() }
    }

    pub(super) fn hide(&mut self, part: &'static str) {
        self.hidden.insert(part);
    }

    /// Puts JSON at a pointer; `-` is the end of a list, and `null` takes a field away.
    pub(super) fn set(&mut self, pointer: &str, json: &str) {
        let (parent, key) = pointer.rsplit_once('/').expect(pointer);
        let value: Value =
            serde_json::from_str(json).unwrap_or_else(|_| panic!("{pointer} {json}"));
        match self.json.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
            Value::Array(list) if key == "-" => list.push(value),
            Value::Array(list) => list[key.parse::<usize>().expect(pointer)] = value,
            Value::Object(fields) if value.is_null() => drop(fields.remove(key).expect(pointer)),
            Value::Object(fields) => drop(fields.insert(key.replace("~1", "/"), value)),
            other => panic!("{parent} is {other}"),
        }
    }

    pub(super) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> =
            self.diagnosis().findings.into_iter().map(|it| it.id.into()).collect();
        ids.sort();
        ids
    }

    pub(super) fn diagnosis(&self) -> Diagnosis {
        let cluster = Cluster {
            pods: self.list("pods"),
            deployments: self.list("deployments"),
            stateful_sets: self.list("statefulsets"),
            daemon_sets: self.list("daemonsets"),
            nodes: self.list("nodes"),
            budgets: self.list("budgets"),
            events: self.list("events"),
            elsewhere: Elsewhere::default(),
        };
        let seen = &self.json["observed"];
        let number = |field: &str| u32::try_from(seen[field].as_u64().unwrap()).unwrap();
        let observed = Observed {
            now: NOW.parse::<Timestamp>().unwrap(),
            window: Duration::from_secs(5),
            writes: number("renewals") + number("changes"),
            changes_of_leader: number("changes"),
            cadence: seen["cadence"].as_f64().map(Duration::from_secs_f64),
            beats: seen["beats"].as_bool().unwrap_or_default(),
            latency: Duration::from_secs_f64(seen["latency"].as_f64().unwrap()),
        };
        let lease = match self.json.get("lease") {
            Some(lease) => Subject::read(lease),
            None => Subject::missing("kunobi-operator", "kunobi-operator"),
        };
        let index = Index::new(&cluster);
        let mut election = Election::new(&lease, &observed, &index);
        election.access = self.list::<Value>("access").map(|all| all.iter().map(access).collect());
        examine(&election)
    }

    fn list<T: DeserializeOwned>(&self, part: &'static str) -> Look<Vec<T>> {
        if self.hidden.contains(part) {
            return Err(because(part));
        }
        Ok(serde_json::from_value(self.json[part].clone()).unwrap())
    }
}

fn access(value: &Value) -> Access {
    let text = |field: &str| value[field].as_str().unwrap().to_owned();
    let named = |name: &Value| {
        let mut all = Right::ON_LEASES.into_iter().chain(Right::ON_PODS);
        all.find(|it| format!("{it:?}") == name.as_str().unwrap()).unwrap()
    };
    let allowed = value["allowed"].as_array().unwrap().iter().map(named).collect();
    Access { namespace: text("namespace"), account: text("account"), allowed }
}

fn pod(deployment: &Value, name: &str, node: &str) -> Value {
    let template = &deployment["spec"]["template"];
    let owner = deployment["metadata"]["name"].as_str().unwrap();
    let mut labels = template["metadata"]["labels"].clone();
    labels["pod-template-hash"] = json!("5d9f");
    let mut spec = template["spec"].clone();
    spec["nodeName"] = json!(node);
    json!({
        "metadata": {
            "name": format!("{owner}-5d9f-{name}"), "namespace": deployment["metadata"]["namespace"],
            "labels": labels, "uid": name,
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "r",
                                  "name": format!("{owner}-5d9f"), "controller": true }],
        },
        "spec": spec,
        "status": {
            "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }],
            "containerStatuses": [{ "name": "operator", "image": "i", "imageID": "i", "ready": true,
                "restartCount": 0, "state": { "running": { "startedAt": "2026-11-27T09:00:00Z" } } }],
        },
    })
}

fn node(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "spec": {},
            "status": { "conditions": [{ "type": "Ready", "status": "True" }] } })
}

fn rendered(name: &str) -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rendered/helm.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    let mut sections = text.split("# render: ");
    let section = sections.find_map(|it| it.strip_prefix(name)?.strip_prefix('\n'));
    serde_saphyr::from_multiple(section.expect(name)).expect(name)
}

const NOW: &str = "2026-11-27T12:00:00Z";
