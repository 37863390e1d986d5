//! The control plane of a test, and what its administrator does.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use control_plane::{Plane, PlaneOptions};
use http::{Method, Request, header::CONTENT_TYPE};
use kube::Client;
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, MutexGuard},
    task::block_in_place,
    time,
};

use crate::PATIENCE;

pub(crate) struct Cluster {
    pub(crate) plane: Arc<Plane>,
    pub(crate) admin: Client,
    pub(crate) namespace: String,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// Two API servers, which all tests use in turn.
    pub(crate) async fn shared(namespace: &str) -> Self {
        static PLANE: OnceLock<Arc<Plane>> = OnceLock::new();
        let turn = TURN.lock().await;
        let plane = block_in_place(|| PLANE.get_or_init(|| start(2)));
        Self::on(Arc::clone(plane), namespace, turn).await
    }

    /// One API server that no other test uses.
    pub(crate) async fn own(namespace: &str) -> Self {
        let turn = TURN.lock().await;
        Self::on(block_in_place(|| start(1)), namespace, turn).await
    }

    async fn on(plane: Arc<Plane>, namespace: &str, turn: MutexGuard<'static, ()>) -> Self {
        let admin = plane.client("admin").await.expect("an administrator");
        let cluster = Self { plane, admin, namespace: namespace.into(), _turn: turn };
        cluster.create("/api/v1/namespaces", json!({ "metadata": { "name": namespace } })).await;
        let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
        let rules = json!([{
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "verbs": ["get", "create", "update", "watch", "list"],
        }]);
        let role = json!({ "metadata": { "name": "candidate" }, "rules": rules });
        cluster.create(&format!("{rbac}/roles"), role).await;
        let subjects: Vec<Value> =
            IDENTITIES.iter().map(|name| json!({ "kind": "User", "name": name })).collect();
        let kind =
            json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "candidate" });
        let binding =
            json!({ "metadata": { "name": "candidates" }, "roleRef": kind, "subjects": subjects });
        cluster.create(&format!("{rbac}/rolebindings"), binding).await;
        cluster
    }

    pub(crate) async fn client(&self, identity: &str) -> Client {
        let client = self.plane.client(identity).await.expect("a kubeconfig");
        // Its connection is there, so that no test measures how long that takes.
        let asked = Request::get("/version").body(Vec::new()).expect("a request");
        client.request::<Value>(asked).await.expect("an answer");
        client
    }

    /// Gives the control plane a command, and returns how long that took.
    pub(crate) fn order(&self, line: &str) -> Duration {
        let begin = Instant::now();
        block_in_place(|| self.plane.command(line))
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        begin.elapsed()
    }

    pub(crate) fn path(&self, lease: &str) -> String {
        format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{lease}", self.namespace)
    }

    pub(crate) async fn lease(&self, lease: &str) -> Option<Value> {
        self.ask(Method::GET, &self.path(lease), "", None).await.ok()
    }

    pub(crate) async fn create(&self, path: &str, object: Value) {
        let end = Instant::now() + PATIENCE;
        loop {
            // Default roles and namespaces come a little after the server is ready.
            match self.ask(Method::POST, path, JSON, Some(object.clone())).await {
                Ok(_) => return,
                Err(kube::Error::Api(status)) if status.reason == "AlreadyExists" => return,
                Err(error) if Instant::now() > end => panic!("{path}: {error}"),
                Err(_) => time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Changes an object as `kubectl edit` does.
    pub(crate) async fn edit(&self, path: &str, change: Value) {
        let kind = "application/strategic-merge-patch+json";
        self.ask(Method::PATCH, path, kind, Some(change)).await.expect("it is changed");
    }

    pub(crate) async fn delete(&self, path: &str) {
        let how = json!({ "kind": "DeleteOptions", "apiVersion": "v1" });
        self.ask(Method::DELETE, path, JSON, Some(how)).await.expect("it is deleted");
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Option<Value>,
    ) -> Result<Value, kube::Error> {
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, kind);
        self.admin.request(request.body(body).expect("a request")).await
    }
}

fn start(servers: usize) -> Arc<Plane> {
    let plane = Plane::start(&PlaneOptions {
        identities: IDENTITIES.map(String::from).into(),
        arguments: ["--apiservers".into(), servers.to_string()].into(),
    })
    .expect("a control plane");
    println!("\nKubernetes {}, {servers} API servers", plane.version());
    Arc::new(plane)
}

/// Waits for an answer.
pub(crate) async fn poll<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "never: {what}");
        time::sleep(Duration::from_millis(5)).await;
    }
}

static TURN: Mutex<()> = Mutex::const_new(());
const JSON: &str = "application/json";
pub(crate) const IDENTITIES: [&str; 5] = ["a", "b", "c", "late", "flood"];
