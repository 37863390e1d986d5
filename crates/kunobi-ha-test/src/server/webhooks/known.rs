//! The webhooks that run in this process.

#[cfg(feature = "webhooks")]
use std::net::SocketAddr;
use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower_service::Service;

use crate::webhook::ClientConfig;

/// What answers for services and for the hosts of URLs.
#[derive(Clone, Default)]
pub(in crate::server) struct Known {
    by_service: BTreeMap<(String, String), Handler>,
    /// By scheme, host and port, as in `https://webhook.example:8443`.
    by_origin: BTreeMap<String, Handler>,
    #[cfg(feature = "webhooks")]
    addresses: BTreeMap<(String, String), SocketAddr>,
}

pub(in crate::server) type Handler = Arc<dyn Fn(Request<Full<Bytes>>) -> Answer + Send + Sync>;

/// An answer, or why there is none.
pub(in crate::server) type Answer =
    Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send>>;

impl Known {
    pub(in crate::server) fn set_service(&mut self, namespace: &str, name: &str, by: Handler) {
        self.by_service.insert((namespace.into(), name.into()), by);
    }

    pub(in crate::server) fn set_url(&mut self, url: &str, by: Handler) {
        let origin = ClientConfig::Url(url.into()).origin();
        self.by_origin.insert(origin, by);
    }

    #[cfg(feature = "webhooks")]
    pub(in crate::server) fn set_address(
        &mut self,
        namespace: &str,
        name: &str,
        address: SocketAddr,
    ) {
        self.addresses.insert((namespace.into(), name.into()), address);
    }

    /// Where a service of the cluster is.
    #[cfg(feature = "webhooks")]
    pub(super) fn address(&self, client: &ClientConfig) -> Option<SocketAddr> {
        let ClientConfig::Service { namespace, name, .. } = client else {
            return None;
        };
        self.addresses.get(&(namespace.clone(), name.clone())).copied()
    }

    pub(super) fn find(&self, client: &ClientConfig) -> Option<Handler> {
        let handler = match client {
            ClientConfig::Url(_) => self.by_origin.get(&client.origin()),
            ClientConfig::Service { namespace, name, .. } => {
                self.by_service.get(&(namespace.clone(), name.clone()))
            }
        };
        handler.cloned()
    }
}

/// Makes one type of all services.
pub(in crate::server) fn handler<S, B>(service: S) -> Handler
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: fmt::Display,
    S::Future: Send,
    B: Body + Send,
    B::Data: Send,
    B::Error: fmt::Display,
{
    let service = Mutex::new(service);
    Arc::new(move |request| {
        let mut service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move {
            let told = |error: &dyn fmt::Display| error.to_string();
            poll_fn(|context| service.poll_ready(context)).await.map_err(|it| told(&it))?;
            let response = service.call(request).await.map_err(|it| told(&it))?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(|it| told(&it))?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        })
    })
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("by_service", &self.by_service.keys())
            .field("by_origin", &self.by_origin.keys())
            .finish_non_exhaustive()
    }
}
