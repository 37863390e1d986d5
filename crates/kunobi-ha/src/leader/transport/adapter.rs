//! What the adapters share.

/// Implements [`LeaseStore`](super::LeaseStore) for the client and the configuration of one kube
/// major.
#[cfg(any(feature = "kube-3", feature = "kube-4", feature = "kube-5"))]
macro_rules! adapter {
    ($kube:ident, $body:path) => {
        use std::{fmt, sync::Arc};

        use http::Request;
        use http_body_util::BodyExt;
        use $kube::{Client, Config};

        use crate::leader::transport::{
            LeaseStore, Sending, Transport, clients::Clients, sealed::Sealed,
        };

        struct Adapter(Client);

        impl Sealed for Client {}

        impl LeaseStore for Client {
            fn into_transport(self) -> Arc<dyn Transport> {
                Arc::new(Adapter(self))
            }
        }

        impl Sealed for Config {}

        impl LeaseStore for Config {
            fn into_transport(self) -> Arc<dyn Transport> {
                Arc::new(Clients::new(stringify!($kube), move || {
                    Ok(Arc::new(Adapter(Client::try_from(self.clone())?)))
                }))
            }
        }

        impl Transport for Adapter {
            fn send(&self, request: Request<Vec<u8>>) -> Sending {
                let client = self.0.clone();
                Box::pin(async move {
                    let (head, bytes) = request.into_parts();
                    let body = $body(bytes).await?;
                    let response = client.send(Request::from_parts(head, body)).await?;
                    Ok(response.map(|body| body.map_err(std::io::Error::other).boxed_unsync()))
                })
            }
        }

        impl fmt::Debug for Adapter {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($kube))
            }
        }
    };
}

/// Makes request bodies that can't be cloned: rule 11 keeps the client's own retries out.
///
/// kube 4.2 and later repeat a request that was answered with 429, 503 or 504 by themselves, for
/// minutes, and such a client can't be unwrapped. They do not repeat a body that they can't clone,
/// and the only bodies of that kind that kube hands out are those of responses: so a body is sent
/// through a client that answers with it.
#[cfg(any(feature = "kube-4", feature = "kube-5"))]
macro_rules! unrepeatable {
    ($kube:ident) => {
        use std::{
            cell::RefCell,
            convert::Infallible,
            future::{self, Ready},
            task::{Context, Poll},
        };

        use http::Response;
        use tokio::runtime::{Handle, Id};

        #[derive(Clone)]
        struct Echo;

        impl tower_service::Service<Request<$kube::client::Body>> for Echo {
            type Response = Response<$kube::client::Body>;
            type Error = Infallible;
            type Future = Ready<Result<Self::Response, Infallible>>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<$kube::client::Body>) -> Self::Future {
                future::ready(Ok(Response::new(request.into_body())))
            }
        }

        async fn unrepeatable(
            bytes: Vec<u8>,
        ) -> Result<$kube::client::Body, $crate::error::BoxError> {
            thread_local! {
                // Such a client has a task of its own, so it belongs to a runtime. One a thread
                // keeps a blocked runtime from holding up the elections of another.
                static ECHO: RefCell<Option<(Id, Client)>> = const { RefCell::new(None) };
            }
            let here = Handle::current().id();
            let echo = ECHO.with_borrow_mut(|echo| match echo {
                Some((runtime, client)) if *runtime == here => client.clone(),
                Some(_) | None => {
                    let client = Client::new(Echo, "");
                    *echo = Some((here, client.clone()));
                    client
                }
            });
            let echoed = echo.send(Request::new(bytes.into())).await?;
            Ok(echoed.into_body())
        }
    };
}

#[cfg(any(feature = "kube-3", feature = "kube-4", feature = "kube-5"))]
pub(super) use adapter;
#[cfg(any(feature = "kube-4", feature = "kube-5"))]
pub(super) use unrepeatable;
