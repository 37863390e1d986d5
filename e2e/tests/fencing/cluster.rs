//! A control plane with a namespace, and what its administrator does there.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use control_plane::{Plane, PlaneOptions};
use http::{Method, Request, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use kube::Client;
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, MutexGuard},
    task::block_in_place,
    time,
};

use crate::PATIENCE;

pub(crate) struct Cluster {
    plane: Arc<Plane>,
    admin: Client,
    pub(crate) namespace: String,
    // The recipe applies to the whole cluster.
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// Makes a namespace where `a` and `b` may write, without the recipe.
    pub(crate) async fn start(namespace: &str) -> Self {
        static PLANE: OnceLock<Arc<Plane>> = OnceLock::new();
        static TURN: Mutex<()> = Mutex::const_new(());
        let turn = TURN.lock().await;
        let plane = Arc::clone(block_in_place(|| PLANE.get_or_init(start)));
        let admin = plane.client("admin").await.expect("an administrator");
        let cluster = Self { plane, admin, namespace: namespace.into(), _turn: turn };
        for path in RECIPE {
            let (status, message) = cluster.ask(Method::DELETE, path, JSON, &json!({})).await;
            assert!([200, 404].contains(&status), "{message}");
        }
        cluster.post("/api/v1/namespaces", json!({ "metadata": { "name": namespace } })).await;
        let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
        let rules = json!([
            { "apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": VERBS },
            { "apiGroups": [""], "resources": ["configmaps"], "verbs": VERBS },
        ]);
        let role = json!({ "metadata": { "name": "writer" }, "rules": rules });
        cluster.post(&format!("{rbac}/roles"), role).await;
        let binding = json!({
            "metadata": { "name": "writers" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "writer" },
            "subjects": [{ "kind": "User", "name": "a" }, { "kind": "User", "name": "b" }],
        });
        cluster.post(&format!("{rbac}/rolebindings"), binding).await;
        cluster
    }

    pub(crate) fn kubeconfig(&self, identity: &str) -> &Path {
        self.plane.kubeconfig(identity).expect("it is known")
    }

    /// Applies exactly the file that is shipped, and waits until it is enforced.
    pub(crate) async fn apply_recipe(&self) {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/fencing/policy.yaml");
        let text = std::fs::read_to_string(file).expect("it is shipped");
        let documents: Vec<&str> = text.split("\n---\n").collect();
        assert_eq!(documents.len(), RECIPE.len());
        for (path, document) in RECIPE.into_iter().zip(documents) {
            let (status, message) = self.apply(path, document).await;
            assert!([200, 201].contains(&status), "{message}");
        }
        let probe = json!({ "metadata": { "name": "probe", "labels": label() } });
        let path = format!("{}?dryRun=All", self.path(""));
        until("the recipe is enforced", async || {
            self.ask(Method::POST, &path, JSON, &probe).await.0 == 422
        })
        .await;
    }

    /// Creates a fenced object.
    pub(crate) async fn create(&self, name: &str, fence: &str) {
        let annotations = json!({ "kunobi.ninja/fence": fence });
        let metadata = json!({ "name": name, "labels": label(), "annotations": annotations });
        self.post(&self.path(""), json!({ "metadata": metadata })).await;
    }

    pub(crate) async fn fence(&self, name: &str) -> u64 {
        let object = self.get(&self.path(name)).await;
        let fence = object["metadata"]["annotations"]["kunobi.ninja/fence"].as_str();
        fence.and_then(|fence| fence.parse().ok()).expect("it has a fence")
    }

    pub(crate) async fn put(&self, name: &str, object: &Value) -> (u16, String) {
        self.ask(Method::PUT, &self.path(name), JSON, object).await
    }

    pub(crate) async fn patch(&self, name: &str, patch: &Value) -> (u16, String) {
        self.ask(Method::PATCH, &self.path(name), "application/merge-patch+json", patch).await
    }

    pub(crate) async fn delete(&self, name: &str, options: &Value) -> (u16, String) {
        self.ask(Method::DELETE, &self.path(name), JSON, options).await
    }

    fn path(&self, name: &str) -> String {
        let path = format!("/api/v1/namespaces/{}/configmaps", self.namespace);
        if name.is_empty() { path } else { format!("{path}/{name}") }
    }

    async fn get(&self, path: &str) -> Value {
        let request = Request::get(path).body(Vec::new()).expect("a request");
        self.admin.request(request).await.expect("it is there")
    }

    async fn post(&self, path: &str, object: Value) {
        // A namespace and its defaults come a little after the server is ready.
        until(path, async || {
            [200, 201, 409].contains(&self.ask(Method::POST, path, JSON, &object).await.0)
        })
        .await;
    }

    async fn apply(&self, path: &str, yaml: &str) -> (u16, String) {
        let path = format!("{path}?fieldManager=test");
        let request = Request::patch(&path).header(CONTENT_TYPE, "application/apply-patch+yaml");
        self.send(request.body(yaml.as_bytes().to_vec()).expect("a request")).await
    }

    async fn ask(&self, method: Method, path: &str, kind: &str, body: &Value) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, kind);
        self.send(request.body(body.to_string().into_bytes()).expect("a request")).await
    }

    async fn send(&self, request: Request<Vec<u8>>) -> (u16, String) {
        let answer = self.admin.send(request.map(Into::into)).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        (status, body["message"].as_str().unwrap_or_default().to_owned())
    }
}

fn start() -> Arc<Plane> {
    let identities = ["a".into(), "b".into()].into();
    let plane = Plane::start(&PlaneOptions { identities, ..PlaneOptions::default() })
        .expect("a control plane");
    println!("\nKubernetes {}", plane.version());
    Arc::new(plane)
}

/// Asks until the answer is true.
pub(crate) async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is().await {
        assert!(Instant::now() < end, "never: {what}");
        time::sleep(Duration::from_millis(20)).await;
    }
}

fn label() -> Value {
    json!({ "kunobi.ninja/fenced": "true" })
}

const JSON: &str = "application/json";
const VERBS: [&str; 3] = ["get", "create", "update"];
const RECIPE: [&str; 2] = [
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/kunobi-ha-fencing",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/kunobi-ha-fencing",
];
