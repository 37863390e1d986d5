//! kube-apiserver, with a namespace for each rule.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use control_plane::{Plane, PlaneOptions};
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout},
};

use crate::arm::{Arm, read_events, request};

pub(crate) struct Real {
    client: Client,
    namespace: String,
    /// Held until a watch has begun: what is sent meanwhile waits, so that the watch sees it.
    opening: Mutex<()>,
}

static PLANE: LazyLock<Plane> = LazyLock::new(|| {
    let options = PlaneOptions { identities: vec![LIMITED.into()], ..PlaneOptions::default() };
    let plane = Plane::start(&options).expect("a control plane");
    println!("conformance: kube-apiserver {}", plane.version());
    plane
});

impl Real {
    pub(crate) async fn start() -> Self {
        static RULES: AtomicU32 = AtomicU32::new(0);
        let namespace = format!("rule-{}", RULES.fetch_add(1, Ordering::Relaxed));
        // An answer is what is tested, be it a failure that may pass.
        let mut config = PLANE.config("admin").await.expect("a configuration");
        config.default_retry = false;
        let admin = Client::try_from(config).expect("a client");
        let real = Self { client: admin, namespace, opening: Mutex::default() };
        let name = json!({ "name": real.namespace });
        real.make("/api/v1/namespaces", "v1", "Namespace", &json!({ "metadata": name })).await;
        // Pods are not admitted without it, and no controller creates it here.
        let path = "/api/v1/namespaces/default/serviceaccounts";
        real.make(path, "v1", "ServiceAccount", &json!({ "metadata": { "name": "default" } }))
            .await;
        real
    }

    /// A client that may do all.
    pub(crate) fn admin(&self) -> Client {
        self.client.clone()
    }

    async fn make(&self, path: &str, version: &str, kind: &str, object: &Value) {
        let mut object = object.clone();
        object["apiVersion"] = version.into();
        object["kind"] = kind.into();
        let (status, body) = self.send("POST", path, object).await;
        assert_eq!(status, 201, "{body}");
    }

    /// `default` becomes the namespace of this rule, wherever it is named.
    fn here(&self, request: Request<Full<Bytes>>, body: &Bytes) -> Request<Body> {
        let (mut parts, _) = request.into_parts();
        let uri = parts
            .uri
            .to_string()
            .replace("/namespaces/default", &format!("/namespaces/{}", self.namespace))
            .replace("namespace%3Ddefault", &format!("namespace%3D{}", self.namespace));
        parts.uri = uri.parse::<Uri>().expect("a URI");
        let body = match std::str::from_utf8(body) {
            Ok(text) => Bytes::from(text.replace(
                r#""namespace":"default""#,
                &format!(r#""namespace":"{}""#, self.namespace),
            )),
            Err(_) => body.clone(),
        };
        Request::from_parts(parts, Body::from(body))
    }

    async fn answer(&self, mut request: Request<Full<Bytes>>) -> Response<Body> {
        let body = request.body_mut().collect().await.expect("it is whole").to_bytes();
        self.client.send(self.here(request, &body)).await.expect("an answer")
    }

    /// Access rules take effect a little later than they are written.
    async fn until_allowed(&self, verb: &str, lease: &str) {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": {
                "group": "coordination.k8s.io", "resource": "leases", "verb": verb, "name": lease,
                "namespace": self.namespace,
            } },
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let end = Instant::now() + Duration::from_secs(10);
        while self.send("POST", path, review.clone()).await.1["status"]["allowed"] != true {
            assert!(Instant::now() < end, "the role never took effect");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Arm for Real {
    async fn raw(&self, request: Request<Full<Bytes>>) -> (u16, HeaderMap, Bytes) {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.expect("it is whole").to_bytes();
        let what = format!("{} {}", parts.method, parts.uri);
        let request = Request::from_parts(parts, Body::from(body));
        let whole = async {
            let (parts, body) = self.client.send(request).await.expect("an answer").into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            (parts.status.as_u16(), parts.headers, body)
        };
        let answer = timeout(Duration::from_secs(20), whole).await;
        answer.unwrap_or_else(|_| panic!("no answer: {what}"))
    }

    async fn another(&self) -> Self {
        Self::start().await
    }

    async fn guarded(&self) -> Self {
        Self::start().await
    }

    async fn client(&self, name: &'static str) -> Self {
        Self {
            client: PLANE.client(name).await.expect("a client"),
            namespace: self.namespace.clone(),
            opening: Mutex::default(),
        }
    }

    fn namespace(&self) -> &str {
        &self.namespace
    }

    fn version(&self) -> Option<&str> {
        Some(PLANE.version())
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> (u16, Value) {
        drop(self.opening.lock().await);
        let response = self.answer(request).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn watch(&self, path: &str, events: usize) -> Vec<Value> {
        let opening = self.opening.lock().await;
        let response = self.answer(request("GET", path, &Value::Null)).await;
        drop(opening);
        read_events(response.into_body(), events).await
    }

    async fn limited(&self, verbs: &[&str], lease: &str) -> Self {
        let name = format!("{LIMITED}-{lease}");
        let metadata = json!({ "name": name });
        let allowed = json!({ "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                           "resourceNames": [lease], "verbs": verbs });
        let role = json!({ "metadata": metadata, "rules": [allowed] });
        let group = "rbac.authorization.k8s.io";
        let subject = json!({ "kind": "User", "apiGroup": group, "name": LIMITED });
        let binding = json!({
            "metadata": metadata,
            "roleRef": { "apiGroup": group, "kind": "Role", "name": name },
            "subjects": [subject],
        });
        let path = format!("/apis/{group}/v1/namespaces/default");
        let version = format!("{group}/v1");
        self.make(&format!("{path}/roles"), &version, "Role", &role).await;
        self.make(&format!("{path}/rolebindings"), &version, "RoleBinding", &binding).await;
        let limited = self.client(LIMITED).await;
        for verb in verbs {
            limited.until_allowed(verb, lease).await;
        }
        limited
    }

    async fn forget(&self) {
        PLANE.command("compact").expect("etcd compacts");
        // Until then it keeps its own record.
        PLANE.command("restart-apiserver 0").expect("the API server restarts");
    }
}

const LIMITED: &str = "limited";
