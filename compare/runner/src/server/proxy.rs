//! What stands between a client and a real API server, and disturbs its requests.

mod held;

use std::{
    error::Error,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kube::{Client, Config};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::fault::{Disturbance, Turn};

/// A proxy for one client, on a port of the loopback interface. Its connections end with it.
///
/// It speaks plain HTTP to the client, and what the API server wants (TLS) to that.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    disturbance: watch::Sender<Disturbance>,
    asked: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

/// What every connection of the client has: the API server, and what happens to requests on the way there.
#[derive(Clone)]
pub(super) struct Relay {
    server: Client,
    disturbance: watch::Sender<Disturbance>,
    asked: Arc<AtomicUsize>,
}

pub(super) type Answer = Response<UnsyncBoxBody<Bytes, kube::Error>>;

impl Proxy {
    pub(super) fn open(config: &Config) -> Result<Self, String> {
        let relay = Relay::to(client(config).map_err(|why| why.to_string())?);
        let listener = listen().map_err(|why| format!("no port: {why}"))?;
        let address = listener.local_addr().map_err(|why| why.to_string())?;
        let (disturbance, asked) = (relay.disturbance.clone(), relay.asked.clone());
        let accepting = tokio::spawn(accept(listener, relay));
        Ok(Self { address, disturbance, asked, accepting })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn disturb(&self, disturbance: Disturbance) {
        self.disturbance.send_replace(disturbance);
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Relay {
    fn to(server: Client) -> Self {
        Self { server, disturbance: watch::Sender::default(), asked: Arc::default() }
    }

    /// An error is one of the connection to the API server: it ends that of the client.
    async fn ask<B>(&self, request: Request<B>) -> Result<Answer, kube::Error>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        self.asked.fetch_add(1, Ordering::Relaxed);
        // Only a connection with nothing to read tells that the client has given up; then this future is dropped.
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|why| kube::Error::Service(why.into()))?.to_bytes();
        let request = Request::from_parts(parts, body);
        match self.turn() {
            Turn::Passes => self.pass(request).await,
            Turn::Late { before, after } => {
                sleep(before).await;
                let answer = self.pass(request).await;
                sleep(after).await;
                answer
            }
            Turn::Refused(code) => Ok(refusal(code)),
            Turn::NeverArrives => std::future::pending().await,
            Turn::NeverAnswered => {
                let _unheard = self.pass(request).await;
                std::future::pending().await
            }
        }
    }

    fn turn(&self) -> Turn {
        let mut turn = Turn::Passes;
        self.disturbance.send_if_modified(|disturbance| {
            turn = disturbance.turn();
            false
        });
        turn
    }

    async fn pass(&self, request: Request<Bytes>) -> Result<Answer, kube::Error> {
        let (mut parts, body) = request.into_parts();
        for own in [header::HOST, header::CONNECTION, header::AUTHORIZATION] {
            parts.headers.remove(own);
        }
        let answer = self.server.send(Request::from_parts(parts, body.into())).await?;
        let (mut parts, body) = answer.into_parts();
        for own in [header::CONNECTION, header::TRANSFER_ENCODING] {
            parts.headers.remove(own);
        }
        let body = held::body(body, self.disturbance.subscribe());
        Ok(Response::from_parts(parts, body.boxed_unsync()))
    }
}

/// What the API server answers is for the library to see: this client must not ask again.
fn client(config: &Config) -> Result<Client, kube::Error> {
    let mut config = config.clone();
    config.default_retry = false;
    Client::try_from(config)
}

fn listen() -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

async fn accept(listener: TcpListener, relay: Relay) {
    // Dropped with this task, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, for example: that does not pass at once.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // Small messages must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let relay = relay.clone();
        connections.spawn(async move {
            let service = service_fn(|request| relay.ask(request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn refusal(code: u16) -> Answer {
    let reason = if code == 409 { "Conflict" } else { "InternalError" };
    let status = serde_json::json!({
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": "refused by the comparison",
        "reason": reason,
        "code": code,
    });
    let body = Full::from(status.to_string()).map_err(|never| match never {});
    let mut answer = Response::new(body.boxed_unsync());
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}

#[cfg(test)]
mod tests;
