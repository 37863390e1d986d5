//! The server of this crate: in process, and on a port.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use kunobi_ha_test::{Faults, Listener, Role, TestServer, TestServerBuilder};
use serde_json::Value;
use tower_service::Service;

use crate::arm::{Arm, read_events, request};

pub(crate) struct InProcess {
    server: TestServer,
    name: &'static str,
}

pub(crate) struct Port {
    server: TestServer,
    client: Client<HttpConnector, Full<Bytes>>,
    listener: Arc<Listener>,
    name: &'static str,
}

impl InProcess {
    pub(crate) fn start() -> Self {
        Self { server: described().build(), name: "conformance" }
    }
}

impl Port {
    pub(crate) async fn start() -> Self {
        Self::serve(described().build(), "conformance").await
    }

    async fn serve(server: TestServer, name: &'static str) -> Self {
        let listener = server.listen("127.0.0.1:0").await.expect("a free port");
        Self {
            server,
            client: Client::builder(TokioExecutor::new()).build_http(),
            listener: Arc::new(listener),
            name,
        }
    }

    async fn request(&self, mut request: Request<Full<Bytes>>) -> Response<hyper::body::Incoming> {
        let uri = format!("http://{}{}", self.listener.address(), request.uri());
        *request.uri_mut() = uri.parse::<Uri>().expect("a URI");
        let token = HeaderValue::from_str(&format!("Bearer {}", self.name)).expect("a header");
        request.headers_mut().insert(header::AUTHORIZATION, token);
        self.client.request(request).await.expect("an answer")
    }
}

impl Arm for InProcess {
    async fn raw(&self, request: Request<Full<Bytes>>) -> (u16, HeaderMap, Bytes) {
        whole(self.server.service(self.name).call(request).await.expect("an answer")).await
    }

    async fn another(&self) -> Self {
        Self::start()
    }

    async fn guarded(&self) -> Self {
        Self { server: described().with_rbac().build(), name: "admin" }
    }

    async fn client(&self, name: &'static str) -> Self {
        Self { server: self.server.clone(), name }
    }

    fn namespace(&self) -> &str {
        NAMESPACE
    }

    async fn watch(&self, path: &str, events: usize) -> Vec<Value> {
        let request = request("GET", path, &Value::Null);
        let response = self.server.service(self.name).call(request).await.expect("an answer");
        read_events(response.into_body(), events).await
    }

    async fn limited(&self, verbs: &[&str], lease: &str) -> Self {
        limit(&self.server, verbs, lease);
        self.client(LIMITED).await
    }

    async fn forget(&self) {
        self.server.compact();
    }
}

impl Arm for Port {
    async fn raw(&self, request: Request<Full<Bytes>>) -> (u16, HeaderMap, Bytes) {
        whole(self.request(request).await).await
    }

    async fn another(&self) -> Self {
        Self::start().await
    }

    async fn guarded(&self) -> Self {
        Self::serve(described().with_rbac().build(), "admin").await
    }

    async fn client(&self, name: &'static str) -> Self {
        Self {
            server: self.server.clone(),
            client: self.client.clone(),
            listener: Arc::clone(&self.listener),
            name,
        }
    }

    fn namespace(&self) -> &str {
        NAMESPACE
    }

    async fn watch(&self, path: &str, events: usize) -> Vec<Value> {
        let response = self.request(request("GET", path, &Value::Null)).await;
        read_events(response.into_body(), events).await
    }

    async fn limited(&self, verbs: &[&str], lease: &str) -> Self {
        limit(&self.server, verbs, lease);
        self.client(LIMITED).await
    }

    async fn forget(&self) {
        self.server.compact();
    }
}

fn described() -> TestServerBuilder {
    TestServer::builder().without_garbage_collection().with_namespaces([NAMESPACE])
}

async fn whole<B>(response: Response<B>) -> (u16, HeaderMap, Bytes)
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), parts.headers, bytes)
}

fn limit(server: &TestServer, verbs: &[&str], lease: &str) {
    let role = Role {
        verbs: verbs.iter().map(|verb| (*verb).into()).collect(),
        resource_names: vec![lease.into()],
    };
    server.set_faults(LIMITED, Faults { role: Some(role), ..Faults::default() });
}

const LIMITED: &str = "limited";
/// As unusual as those of the real server, so that a mask finds it.
const NAMESPACE: &str = "rule-0";
