//! The chart of `deploy/`, installed: its objects, two pods of its Deployment, and a leader that renews.

use std::{path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
};
use kube::{Api, Client, api::PostParams};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{Done, Ground};

pub(crate) struct Chart {
    objects: Vec<Value>,
    pub(crate) lease_in: &'static str,
}

pub(crate) struct Installed {
    pub(crate) ground: Ground,
}

impl Chart {
    pub(crate) fn rendered(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rendered/helm.yaml");
        let text = std::fs::read_to_string(file).unwrap();
        let mut sections = text.split("# render: ");
        let section = sections.find_map(|it| it.strip_prefix(name)?.strip_prefix('\n')).unwrap();
        Self { objects: serde_saphyr::from_multiple(section).unwrap(), lease_in: NAMESPACE }
    }

    pub(crate) fn set(&mut self, kind: &str, pointer: &str, value: Value) {
        let object = self.objects.iter_mut().find(|it| it["kind"] == kind).unwrap();
        *object.pointer_mut(pointer).unwrap() = value;
    }

    pub(crate) fn push(&mut self, object: Value) {
        self.objects.push(object);
    }

    /// Installs it, with two pods and a leader.
    pub(crate) async fn installed(self) -> Installed {
        let lease_in = self.lease_in;
        let installed = self.placed(&[("a", "n1"), ("b", "n2")]);
        installed.led(lease_in).await;
        installed
    }

    /// Installs it, with pods on these nodes and without a Lease.
    pub(crate) fn placed(self, pods: &[(&str, &str)]) -> Installed {
        let documents: Vec<_> = self.objects.iter().map(Value::to_string).collect();
        let server = TestServer::builder()
            .with_rbac()
            .with_namespaces([NAMESPACE])
            .with_objects(&documents.join("\n---\n"))
            .build();
        for name in ["n1", "n2"] {
            server.inject(&format!("nodes {name}"), node(name));
        }
        server.inject(&format!("replicasets {NAMESPACE}/kunobi-operator-5d9f"), replica_set());
        let deployment = server.get("deployments kunobi-operator/kunobi-operator").unwrap();
        let installed = Installed { ground: Ground::on(server) };
        for (name, node) in pods {
            let pod = pod(&deployment, name, node);
            installed.ground.server.inject(&Installed::pod(name), pod);
        }
        installed
    }
}

impl Installed {
    pub(crate) fn pod(name: &str) -> String {
        format!("pods {NAMESPACE}/kunobi-operator-5d9f-{name}")
    }

    pub(crate) async fn run(&self, words: &str) -> Done {
        let client = Client::new(self.ground.server.service("admin"), NAMESPACE);
        let change =
            |console: kubectl_ha::Console| console.with_client(client).with_clock(Timestamp::now);
        self.ground.run_with(words, change).await
    }

    /// Runs it at the time of the objects of the tests.
    pub(crate) async fn run_then(&self, words: &str) -> Done {
        let client = Client::new(self.ground.server.service("admin"), NAMESPACE);
        self.ground.run_with(words, |console| console.with_client(client)).await
    }

    /// Returns the ids of what is found.
    pub(crate) async fn ids(&self, words: &str) -> Vec<String> {
        let done = self.run(&format!("{words} -o json")).await;
        let report: Value = serde_json::from_str(&done.output).unwrap();
        let elections = report["elections"].as_array().unwrap();
        let findings = elections.iter().flat_map(|it| it["findings"].as_array().unwrap());
        findings.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Lets the first pod lead from now on. The administrator lends it the right, so that its own can be taken away.
    async fn led(&self, namespace: &str) {
        let client = Client::new(self.ground.server.service("admin"), namespace);
        let leases: Api<Lease> = Api::namespaced(client, namespace);
        let (began, start) = (Timestamp::now(), Instant::now());
        let now = move || {
            let passed = SignedDuration::try_from(start.elapsed()).unwrap();
            MicroTime(began + passed)
        };
        let first = Lease {
            metadata: ObjectMeta { name: Some("kunobi-operator".into()), ..ObjectMeta::default() },
            spec: Some(LeaseSpec {
                holder_identity: Some("kunobi-operator-5d9f-a".into()),
                lease_duration_seconds: Some(15),
                acquire_time: Some(now()),
                renew_time: Some(now()),
                ..LeaseSpec::default()
            }),
        };
        let parameters = PostParams { field_manager: Some("kunobi-ha".into()), dry_run: false };
        let mut lease = leases.create(&parameters, &first).await.unwrap();
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(2)).await;
                lease.spec.as_mut().unwrap().renew_time = Some(now());
                lease = leases.replace("kunobi-operator", &parameters, &lease).await.unwrap();
            }
        });
    }
}

fn pod(deployment: &Value, name: &str, node: &str) -> Value {
    let template = &deployment["spec"]["template"];
    let mut labels = template["metadata"]["labels"].clone();
    labels["pod-template-hash"] = json!("5d9f");
    let mut spec = template["spec"].clone();
    spec["nodeName"] = json!(node);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("kunobi-operator-5d9f-{name}"), "namespace": NAMESPACE, "labels": labels,
            "uid": name, "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet",
                "uid": "r", "name": "kunobi-operator-5d9f", "controller": true }],
        },
        "spec": spec,
        "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] },
    })
}

fn replica_set() -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": { "name": "kunobi-operator-5d9f", "namespace": NAMESPACE, "uid": "r" } })
}

fn node(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name }, "spec": {},
            "status": { "conditions": [{ "type": "Ready", "status": "True" }] } })
}

const NAMESPACE: &str = "kunobi-operator";
