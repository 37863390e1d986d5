//! Accepts connections and answers.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::connections::{Answering, Connections};
use crate::{journal::warn, readiness::Health};

/// Where probes are served by default.
pub const PORT: u16 = 8081;
/// How long a client may take for the head of its request; also how long it may keep a connection
/// without one.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections are open at a time.
pub const CONNECTIONS: usize = 64;

/// A bound port, not served yet.
#[derive(Debug)]
#[must_use = "nothing is served before `serve_until`"]
pub struct BoundProbe {
    listener: StdListener,
    address: SocketAddr,
    health: Health,
    router: Router,
}

impl BoundProbe {
    pub(super) fn new(listener: StdListener, health: Health, router: Router) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { listener, address, health, router })
    }

    /// Returns what it is bound to.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` resolves; then closes connections without a request, lets those that are
    /// being answered end for a second, and closes what is left.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it accepts nothing more; open connections are served to their end.
    pub async fn serve_until(self, stop: impl Future<Output = ()> + Send) {
        let listener = match TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => {
                warn!("probes can't be served: {error}");
                return;
            }
        };
        self.health.start();
        let connections = Arc::new(Connections::default());
        let stopping = CancellationToken::new();
        let mut stop = pin!(stop);
        loop {
            let stream = tokio::select! {
                () = &mut stop => break,
                stream = accept(&listener) => stream,
            };
            let (seat, answering) = tokio::select! {
                () = &mut stop => break,
                entered = connections.enter(CONNECTIONS) => entered,
            };
            let id = seat.id();
            let serving = serve(stream, self.router.clone(), answering, stopping.clone());
            let task = tokio::spawn(async move {
                serving.await;
                drop(seat);
            });
            connections.served_by(id, task.abort_handle());
        }
        drop(listener);
        stopping.cancel();
        if timeout(LAST_HEADS, connections.all_closed()).await.is_ok() {
            return;
        }
        connections.abort_silent();
        if timeout(LAST_ANSWERS, connections.all_closed()).await.is_err() {
            connections.abort();
        }
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                // Out of file descriptors, most likely: others will be closed.
                warn!("no connection could be accepted: {error}");
                sleep(RETRY).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    router: Router,
    answering: Answering,
    stopping: CancellationToken,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answer = answering.begin();
        let response = router.clone().call(request);
        async move {
            let response = response.await;
            drop(answer);
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // What is wrong with a connection is its client's business.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopping.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

const LARGEST_HEAD: usize = 8 * 1024;
const MOST_HEADERS: usize = 32;
const LAST_HEADS: Duration = Duration::from_millis(100);
const LAST_ANSWERS: Duration = Duration::from_millis(900);
const RETRY: Duration = Duration::from_millis(100);
