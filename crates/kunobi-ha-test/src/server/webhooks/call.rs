//! One call of a webhook.

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use serde_json::Value;

use super::{Failure, known};
use crate::{
    server::TestServer,
    status::Rejection,
    store::random_uid,
    webhook::{ClientConfig, Hook, Invocation, Review, Said, Stage, unsuccessful, verify},
};

impl TestServer {
    pub(super) async fn call(
        &self,
        hook: &Hook,
        stage: Stage,
        review: &Review<'_>,
        invocation: &Invocation,
        object: Option<&Value>,
    ) -> Result<Said, Failure> {
        if review.attributes.is_dry_run && !hook.knows_dry_run {
            return Err(Failure::Refusal(Rejection::no_dry_run(&hook.name)));
        }
        let version = hook.review_version.ok_or_else(|| {
            let why = "could not create admission objects: webhook does not accept known \
                       AdmissionReview versions (v1, v1beta1)";
            Failure::Call(why.into())
        })?;
        let uid = random_uid();
        let body = review.body(version, invocation, &uid, object);
        let url = format!(
            "{}{}?timeout={}s",
            hook.client.origin(),
            hook.client.path(),
            hook.timeout.as_secs()
        );
        let failed =
            |why: &str| Failure::Call(format!("failed to call webhook: Post \"{url}\": {why}"));
        let request = Request::post(&url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, */*")
            .header(header::USER_AGENT, "kube-apiserver-admission")
            .body(Full::new(Bytes::from(body.to_string())))
            .map_err(|error| failed(&error.to_string()))?;
        let Some(sending) = self.send(hook, request) else {
            let why = unreachable(&hook.client);
            return Err(Failure::Unknown(format!("failed to call webhook: Post \"{url}\": {why}")));
        };
        let answer = tokio::time::timeout(hook.timeout, sending).await;
        let answer = answer.unwrap_or_else(|_| Err("context deadline exceeded".into()));
        let answer = answer.map_err(|why| failed(&why))?;
        let (parts, body) = answer.into_parts();
        if !(200..=206).contains(&parts.status.as_u16()) {
            let why = unsuccessful(&parts, &body);
            return Err(Failure::Call(format!("failed to call webhook: {why}")));
        }
        verify(hook, stage, &uid, &body).map_err(Failure::Call)
    }

    /// None: nobody has said how to.
    fn send(&self, hook: &Hook, request: Request<Full<Bytes>>) -> Option<known::Answer> {
        let state = self.state();
        if let Some(handler) = state.webhooks.find(&hook.client) {
            drop(state);
            return Some(handler(request));
        }
        #[cfg(feature = "webhooks")]
        {
            let address = state.webhooks.address(&hook.client);
            if address.is_some() || matches!(hook.client, ClientConfig::Url(_)) {
                let ca_bundle = hook.ca_bundle.clone();
                return Some(Box::pin(async move {
                    super::https::send(request, &ca_bundle, address).await
                }));
            }
        }
        None
    }
}

/// What to do about a webhook that nobody has said how to call.
fn unreachable(client: &ClientConfig) -> String {
    let call = match client {
        ClientConfig::Url(_) => format!("with_webhook_url({:?}, service)", client.origin()),
        ClientConfig::Service { namespace, name, .. } => {
            format!("with_webhook_service({namespace:?}, {name:?}, service)")
        }
    };
    let over_https = if cfg!(feature = "webhooks") {
        "`with_webhook_address`"
    } else {
        "the feature `webhooks` if it is in another process"
    };
    format!("kunobi-ha-test can't reach it: build the server with `{call}`, or with {over_https}")
}
