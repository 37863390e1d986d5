//! The chart, two pods of its Deployment on nodes of their own, and a leader.

use std::path::Path;

use control_plane::Plane;
use e2e::objects::create;
use http::{Request, header};
use kube::Client;
use kunobi_ha::leader::{LeaderElection, LeaderGuard};
use serde_json::{Value, json};

pub(super) struct Installation<'a> {
    admin: Client,
    plane: &'a Plane,
    namespace: &'static str,
    objects: Vec<Value>,
    /// That of the leader, if it is not the name of its pod.
    pub(super) identity: &'static str,
    pub(super) lost_node: bool,
    pub(super) one_node: bool,
    pub(super) standby_ready: bool,
}

impl<'a> Installation<'a> {
    pub(super) async fn rendered(plane: &'a Plane, namespace: &'static str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/rendered/helm.yaml");
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.replace("namespace: kunobi-operator", &format!("namespace: {namespace}"));
        let mut sections = text.split("# render: ");
        let section = sections.find_map(|it| it.strip_prefix("defaults\n")).unwrap();
        let objects = serde_saphyr::from_multiple(section).unwrap();
        let admin = plane.client("admin").await.unwrap();
        let identity = "kunobi-operator-5d9f-a";
        let (lost_node, one_node, standby_ready) = (false, false, true);
        Self { admin, plane, namespace, objects, identity, lost_node, one_node, standby_ready }
    }

    pub(super) fn set(&mut self, kind: &str, pointer: &str, value: Value) {
        let object = self.objects.iter_mut().find(|it| it["kind"] == kind).unwrap();
        *object.pointer_mut(pointer).unwrap() = value;
    }

    /// Changes what the Role allows.
    pub(super) fn rule(&mut self, verbs: &[&str]) {
        self.set("Role", "/rules/0/verbs", json!(verbs));
    }

    /// Creates all of it, and leads from now on. The leader is the administrator, so that a Role can lack a right.
    pub(super) async fn led(&self) -> LeaderGuard {
        let metadata = json!({ "metadata": { "name": self.namespace } });
        self.create("/api/v1/namespaces", &metadata).await;
        for object in &self.objects {
            self.create(&self.path(object), object).await;
        }
        let nodes = [format!("{}-1", self.namespace), format!("{}-2", self.namespace)];
        for (at, node) in nodes.iter().enumerate() {
            self.create("/api/v1/nodes", &json!({ "metadata": { "name": node } })).await;
            let ready = if at == 0 && self.lost_node { "Unknown" } else { "True" };
            let status = json!({ "conditions": [{ "type": "Ready", "status": ready }] });
            let path = format!("/api/v1/nodes/{node}");
            self.patch(&format!("{path}/status"), json!({ "status": status })).await;
            // The taint of a new node, which its kubelet and the controllers take away when it is ready.
            self.patch(&path, json!({ "spec": { "taints": null } })).await;
        }
        let on = if self.one_node { [0, 0] } else { [0, 1] };
        for (name, node) in ["a", "b"].into_iter().zip(on) {
            self.pod(name, &nodes[node]).await;
        }
        let config = self.plane.config("admin").await.unwrap();
        let election = LeaderElection::builder(config, self.namespace, "kunobi-operator");
        election.identity(self.identity).build().acquire().await.unwrap()
    }

    async fn pod(&self, name: &str, node: &str) {
        let deployment = self.objects.iter().find(|it| it["kind"] == "Deployment").unwrap();
        let mut pod = deployment["spec"]["template"].clone();
        let name = format!("kunobi-operator-5d9f-{name}");
        pod["metadata"]["name"] = json!(name);
        pod["metadata"]["labels"]["pod-template-hash"] = json!("5d9f");
        pod["metadata"]["ownerReferences"] = json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "name": "kunobi-operator-5d9f", "uid": "3c3c2b9e-7a63-4b0a-8a44-5b3b7a3e0f11", "controller": true }]);
        pod["spec"]["nodeName"] = json!(node);
        let path = format!("/api/v1/namespaces/{}/pods", self.namespace);
        self.create(&path, &pod).await;
        let is_ready = self.standby_ready || name.ends_with("-a");
        let ready = if is_ready { "True" } else { "False" };
        let conditions = json!([{ "type": "Ready", "status": ready }]);
        let status = json!({ "phase": "Running", "conditions": conditions });
        self.patch(&format!("{path}/{name}/status"), json!({ "status": status })).await;
    }

    async fn create(&self, path: &str, object: &Value) {
        create(&self.admin, path, object).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    async fn patch(&self, path: &str, change: Value) {
        let request =
            Request::patch(path).header(header::CONTENT_TYPE, "application/merge-patch+json");
        let request = request.body(change.to_string().into_bytes()).unwrap();
        self.admin.request::<Value>(request).await.unwrap();
    }

    fn path(&self, object: &Value) -> String {
        let plural = match object["kind"].as_str().unwrap() {
            "Deployment" => "deployments",
            "PodDisruptionBudget" => "poddisruptionbudgets",
            "Role" => "roles",
            "RoleBinding" => "rolebindings",
            "ServiceAccount" => "serviceaccounts",
            other => panic!("{other} has no path"),
        };
        let version = object["apiVersion"].as_str().unwrap();
        let api = if version.contains('/') { "apis" } else { "api" };
        format!("/{api}/{version}/namespaces/{}/{plural}", self.namespace)
    }
}
