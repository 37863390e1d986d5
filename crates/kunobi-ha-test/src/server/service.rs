//! A client without sockets.

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    ResponseBody, TestServer,
    handler::{Caller, Credentials},
};
use crate::request::body;

/// A connection of one client to a [`TestServer`], as a `tower::Service`.
#[derive(Clone, Debug)]
pub struct ClientService {
    server: TestServer,
    client: String,
}

/// The future of a [`ClientService`].
pub struct ServiceFuture(
    Pin<Box<dyn Future<Output = Result<Response<ResponseBody>, io::Error>> + Send>>,
);

impl ClientService {
    pub(super) fn new(server: TestServer, client: &str) -> Self {
        Self { server, client: client.into() }
    }
}

impl<B> Service<Request<B>> for ClientService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: fmt::Display,
{
    type Response = Response<ResponseBody>;
    type Error = io::Error;
    type Future = ServiceFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ServiceFuture {
        let server = self.server.clone();
        let caller =
            Caller { client: self.client.clone(), credentials: Credentials::Name, connection: 0 };
        ServiceFuture(Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body::read(body).await?;
            server.handle(caller, parts, body).await
        }))
    }
}

impl Future for ServiceFuture {
    type Output = Result<Response<ResponseBody>, io::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for ServiceFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceFuture").finish_non_exhaustive()
    }
}
