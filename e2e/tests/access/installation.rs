//! What the chart installs, on a control plane of its own.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use control_plane::{Plane, PlaneOptions};
use http::{Request, header};
use kube::{
    Client, Config,
    client::Body,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::leader::{LeaderElection, LeaderElectionBuilder};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub(crate) static PLANE: LazyLock<Plane> = LazyLock::new(|| {
    let plane = Plane::start(&PlaneOptions::default()).expect("a control plane");
    println!("access: kube-apiserver {}", plane.version());
    plane
});

/// A namespace with the service account, Role and binding of `deploy/rendered/helm.yaml`.
pub(crate) struct Installation {
    pub(crate) namespace: String,
    pub(crate) admin: Client,
    /// The identity of the operator's pods.
    pub(crate) client: Client,
}

impl Installation {
    /// Installs the manifest under this heading.
    pub(crate) async fn of(render: &str) -> Self {
        Self::changed(render, |role| role).await
    }

    /// Installs it with another Role.
    pub(crate) async fn changed(render: &str, change: impl FnOnce(String) -> String) -> Self {
        let namespace = new_namespace().await;
        let admin = PLANE.client("admin").await.unwrap();
        let here = |text: &str| {
            text.replace("namespace: kunobi-operator", &format!("namespace: {namespace}"))
        };
        let role = change(here(rendered(render, "Role")));
        apply(&admin, &here(rendered("defaults", "ServiceAccount"))).await;
        apply(&admin, &role).await;
        apply(&admin, &here(rendered(render, "RoleBinding"))).await;
        let client = operator(&admin, &namespace).await;
        let installation = Self { namespace, admin, client };
        for verb in verbs(&role) {
            installation.until_allowed(verb, NAME).await;
        }
        installation
    }

    /// Describes a candidate with short timings.
    pub(crate) fn election(&self, identity: &str) -> LeaderElectionBuilder {
        self.election_for(identity, NAME)
    }

    pub(crate) fn election_for(&self, identity: &str, name: &str) -> LeaderElectionBuilder {
        candidate(self.client.clone(), &self.namespace, name, identity)
    }

    /// Access rules take effect a little later than they are written.
    pub(crate) async fn until_allowed(&self, verb: &str, name: &str) {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": {
                "group": "coordination.k8s.io", "resource": "leases", "verb": verb, "name": name,
                "namespace": self.namespace,
            } },
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        until(&format!("{verb} is allowed"), async || {
            let (_, body) = send(&self.client, "POST", path, JSON, review.to_string()).await;
            (body["status"]["allowed"] == true).then_some(())
        })
        .await;
    }

    /// Returns the Lease, null if there is none.
    pub(crate) async fn lease(&self, name: &str) -> Value {
        let namespace = &self.namespace;
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}");
        let (status, body) = send(&self.admin, "GET", &path, JSON, String::new()).await;
        if status == 200 { body } else { Value::Null }
    }

    /// Returns the messages of the Events on Leases.
    pub(crate) async fn events(&self) -> Vec<String> {
        let path = format!("/api/v1/namespaces/{}/events", self.namespace);
        let (_, list) = send(&self.admin, "GET", &path, JSON, String::new()).await;
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|event| event["message"].as_str().unwrap_or_default().into()).collect()
    }
}

pub(crate) fn candidate(
    client: Client,
    namespace: &str,
    name: &str,
    identity: &str,
) -> LeaderElectionBuilder {
    LeaderElection::builder(client, namespace, name)
        .identity(identity)
        .lease_duration(LEASE)
        .renew_deadline(Duration::from_secs(2))
        .retry_period(RETRY)
}

/// Makes a namespace that no other test uses.
pub(crate) async fn new_namespace() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("access-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    make_namespace(&name).await;
    name
}

pub(crate) async fn make_namespace(name: &str) {
    let admin = PLANE.client("admin").await.unwrap();
    let body = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    let (status, body) = send(&admin, "POST", "/api/v1/namespaces", JSON, body.to_string()).await;
    assert_eq!(status, 201, "{body}");
}

/// Applies an object as it is written, as `kubectl apply --server-side` does.
pub(crate) async fn apply(admin: &Client, yaml: &str) {
    let field = |name: &str| {
        let line = yaml.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {yaml}")).trim().trim_matches('"').to_owned()
    };
    let (namespace, name) = (field("namespace:"), field("name:"));
    let (group, plural) = match field("kind:").as_str() {
        "Role" => ("apis/rbac.authorization.k8s.io/v1", "roles"),
        "RoleBinding" => ("apis/rbac.authorization.k8s.io/v1", "rolebindings"),
        "ServiceAccount" => ("api/v1", "serviceaccounts"),
        kind => panic!("what is a {kind}?"),
    };
    let path =
        format!("/{group}/namespaces/{namespace}/{plural}/{name}?fieldManager=e2e&force=true");
    let (status, body) =
        send(admin, "PATCH", &path, "application/apply-patch+yaml", yaml.into()).await;
    assert!(matches!(status, 200 | 201), "{body}\n{yaml}");
}

/// Makes a client of the operator's service account.
async fn operator(admin: &Client, namespace: &str) -> Client {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{NAME}/token");
    let request = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                          "spec": { "expirationSeconds": 3600 } });
    let (status, body) = send(admin, "POST", &path, JSON, request.to_string()).await;
    assert_eq!(status, 201, "{body}");
    let kubeconfig = Kubeconfig::read_from(PLANE.kubeconfig("admin").unwrap()).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
    config.auth_info = kube::config::AuthInfo::default();
    config.auth_info.token = Some(body["status"]["token"].as_str().unwrap().to_owned().into());
    Client::try_from(config).unwrap()
}

pub(crate) async fn send(
    client: &Client,
    method: &str,
    path: &str,
    kind: &str,
    body: String,
) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
    let request = request.body(Body::from(body.into_bytes())).unwrap();
    let response = client.send(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect_bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Asks again until `ask` returns something.
pub(crate) async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "it never came that {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The verbs of the rule for the Lease.
fn verbs(role: &str) -> Vec<&str> {
    let line = role.lines().find_map(|line| line.trim().strip_prefix("verbs: [")).unwrap();
    line.trim_end_matches(']').split(',').map(str::trim).collect()
}

/// The object of a kind among what was rendered under a heading.
fn rendered(heading: &str, kind: &str) -> &'static str {
    let from = RENDERED.split("# render: ").find_map(|part| part.strip_prefix(heading)).unwrap();
    let is_kind = |document: &&str| document.lines().any(|line| line == format!("kind: {kind}"));
    from.split("\n---\n").find(is_kind).unwrap()
}

pub(crate) const NAME: &str = "kunobi-operator";
pub(crate) const LEASE: Duration = Duration::from_secs(3);
pub(crate) const RETRY: Duration = Duration::from_millis(500);
pub(crate) const JSON: &str = "application/json";
const RENDERED: &str = include_str!("../../../deploy/rendered/helm.yaml");
