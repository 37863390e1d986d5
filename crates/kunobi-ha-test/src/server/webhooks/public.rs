//! How a test says where webhooks are.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use super::known;
use crate::server::{TestServer, TestServerBuilder};

impl TestServerBuilder {
    /// Answers the calls of admission webhooks whose configuration names this service of the cluster
    /// (`clientConfig.service`): with a `tower::Service` such as an axum `Router`, without sockets and
    /// certificates. Its time is tokio's: a paused clock is that of `timeoutSeconds`, too.
    ///
    /// Everything else is as on kube-apiserver: a `MutatingWebhookConfiguration` or a
    /// `ValidatingWebhookConfiguration` in the server says which requests the webhook is shown.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use axum::{Json, Router, routing::post};
    /// use k8s_openapi::api::core::v1::ConfigMap;
    /// use kube::{Api, Client, api::PostParams};
    /// use kunobi_ha_test::TestServer;
    /// use serde_json::{Value, json};
    ///
    /// // The webhook: as it runs in the cluster, but for the listener and its certificates.
    /// async fn validate(Json(review): Json<Value>) -> Json<Value> {
    ///     let request = &review["request"];
    ///     let is_blue = request["object"]["data"]["sky"] == "blue";
    ///     Json(json!({
    ///         "apiVersion": "admission.k8s.io/v1",
    ///         "kind": "AdmissionReview",
    ///         "response": {
    ///             "uid": request["uid"],
    ///             "allowed": is_blue,
    ///             "status": { "code": 403, "message": "the sky is blue" },
    ///         },
    ///     }))
    /// }
    ///
    /// let server = TestServer::builder()
    ///     .with_webhook_service("hooks", "colours", Router::new().route("/validate", post(validate)))
    ///     .with_objects(
    ///         "
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata:
    ///   name: colours
    /// webhooks:
    /// - name: sky.colours.example.com
    ///   clientConfig:
    ///     service: { namespace: hooks, name: colours, path: /validate }
    ///   rules:
    ///   - { operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps] }
    ///   sideEffects: None
    ///   admissionReviewVersions: [v1]
    /// ",
    ///     )
    ///     .build();
    ///
    /// let maps: Api<ConfigMap> = Api::namespaced(Client::new(server.service("me"), "default"), "default");
    /// let mut colours: ConfigMap =
    ///     serde_json::from_value(json!({ "metadata": { "name": "colours" }, "data": { "sky": "red" } }))?;
    /// let Err(kube::Error::Api(denied)) = maps.create(&PostParams::default(), &colours).await else {
    ///     panic!("the sky is not red");
    /// };
    /// let why = "admission webhook \"sky.colours.example.com\" denied the request: the sky is blue";
    /// assert_eq!((denied.code, denied.message.as_str()), (403, why));
    ///
    /// colours.data = Some([("sky".to_owned(), "blue".to_owned())].into());
    /// maps.create(&PostParams::default(), &colours).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_webhook_service<S, B>(mut self, namespace: &str, name: &str, service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: fmt::Display,
        S::Future: Send,
        B: Body + Send,
        B::Data: Send,
        B::Error: fmt::Display,
    {
        self.webhooks.set_service(namespace, name, known::handler(service));
        self
    }

    /// The same for webhooks whose configuration has a URL (`clientConfig.url`) with this scheme, host and
    /// port: `https://webhook.example:8443`.
    pub fn with_webhook_url<S, B>(mut self, url: &str, service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: fmt::Display,
        S::Future: Send,
        B: Body + Send,
        B::Data: Send,
        B::Error: fmt::Display,
    {
        self.webhooks.set_url(url, known::handler(service));
        self
    }
}

#[cfg(feature = "webhooks")]
impl TestServerBuilder {
    /// Calls this service of the cluster over HTTPS at an address, as a webhook in another process
    /// that serves it there. Its certificate is for `NAME.NAMESPACE.svc`, signed by what the `caBundle` of the
    /// configuration has. A webhook with a URL needs no address.
    pub fn with_webhook_address(
        mut self,
        namespace: &str,
        name: &str,
        address: std::net::SocketAddr,
    ) -> Self {
        self.webhooks.set_address(namespace, name, address);
        self
    }
}

impl TestServer {
    /// Sets what answers for a service of the cluster from now on, as
    /// [`TestServerBuilder::with_webhook_service`] does from the start: for a webhook that is itself a client of
    /// this server, or that comes to fail.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::{future, time::Duration};
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// # use http_body_util::Full;
    /// # use k8s_openapi::api::core::v1::Namespace;
    /// # use kube::{Api, Client, api::PostParams};
    /// # use kunobi_ha_test::TestServer;
    /// # use tokio::time::Instant;
    /// # use tower::service_fn;
    /// let server = TestServer::builder()
    ///     .with_objects(
    ///         "
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: MutatingWebhookConfiguration
    /// metadata:
    ///   name: teams
    /// webhooks:
    /// - name: label.teams.example.com
    ///   clientConfig:
    ///     service: { namespace: hooks, name: teams }
    ///   rules:
    ///   - { operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [namespaces] }
    ///   failurePolicy: Ignore
    ///   timeoutSeconds: 7
    ///   sideEffects: None
    ///   admissionReviewVersions: [v1]
    /// ",
    ///     )
    ///     .build();
    /// // It never answers.
    /// server.set_webhook_service("hooks", "teams", service_fn(|_: Request<Full<Bytes>>| {
    ///     future::pending::<Result<Response<Full<Bytes>>, String>>()
    /// }));
    ///
    /// let namespaces: Api<Namespace> = Api::all(Client::new(server.service("me"), "default"));
    /// let mut namespace = Namespace::default();
    /// namespace.metadata.name = Some("red".into());
    /// let begin = Instant::now();
    /// namespaces.create(&PostParams::default(), &namespace).await?;
    /// // The test did not wait: the clock is paused.
    /// assert_eq!(begin.elapsed(), Duration::from_secs(7));
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_webhook_service<S, B>(&self, namespace: &str, name: &str, service: S)
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: fmt::Display,
        S::Future: Send,
        B: Body + Send,
        B::Data: Send,
        B::Error: fmt::Display,
    {
        let handler = known::handler(service);
        self.state().webhooks.set_service(namespace, name, handler);
    }
}
