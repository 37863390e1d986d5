//! Accepts connections and answers.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener as StdListener},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody},
};
use hyper::{
    body::{Bytes, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::{
    connections::{Activity, Connections, Writing},
    stream::Stream,
};
use crate::{journal::warn, readiness::Health};

/// A bound address that is not served yet.
#[derive(Debug)]
#[must_use = "nothing is served before `serve_until`"]
pub struct BoundProbe {
    listener: StdListener,
    address: SocketAddr,
    health: Health,
    router: Router,
}

/// The body of an answer. It counts as being written while it lives.
struct AnswerBody {
    body: Body,
    _writing: Writing,
}

impl BoundProbe {
    pub(super) fn new(listener: StdListener, health: Health, router: Router) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { listener, address, health, router })
    }

    /// Returns the address that is bound, with the port that the system chose if 0 was asked for.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` resolves. Then it accepts no more connections, closes those that have sent
    /// no request, gives the others 0.7 s to end, and closes what is left.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, it accepts no more connections. Open ones are served to their end, on tasks of
    /// their own.
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
        let mut warned = None;
        loop {
            let stream = tokio::select! {
                () = &mut stop => break,
                stream = accept(&listener, &connections, &mut warned) => stream,
            };
            let (slot, activity) = tokio::select! {
                () = &mut stop => break,
                entered = connections.enter(CONNECTIONS) => entered,
            };
            let id = slot.id();
            let serving = serve(stream, self.router.clone(), activity, stopping.clone());
            let task = tokio::spawn(async move {
                serving.await;
                drop(slot);
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

async fn accept(
    listener: &TcpListener,
    connections: &Connections,
    warned: &mut Option<Instant>,
) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                if warned.is_none_or(|warned| warned.elapsed() > BETWEEN_WARNINGS) {
                    warn!("no connection can be accepted: {error}");
                    *warned = Some(Instant::now());
                }
                // Most likely the process is out of file descriptors. A silent connection gives one back.
                connections.wait_for_room().await;
            }
        }
    }
}

/// Tells whether only the one connection failed, and not the listener.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve(stream: TcpStream, router: Router, activity: Activity, stopping: CancellationToken) {
    let stream = Stream::new(stream, activity.clone());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answering = activity.answering();
        let response = router.clone().call(request);
        async move {
            let response = response.await?;
            Ok::<_, Infallible>(
                response.map(|body| AnswerBody { body, _writing: answering.writing() }),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // An error of a connection concerns its client alone.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopping.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How many connections are open at a time.
const CONNECTIONS: usize = 64;
/// How long a client may take to send a head; also how long it may keep a connection without one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST_HEAD: usize = 8 * 1024;
const MOST_HEADERS: usize = 32;
const LAST_HEADS: Duration = Duration::from_millis(100);
// Together with the last heads it is less than the second that a shutdown gives the probes by default.
const LAST_ANSWERS: Duration = Duration::from_millis(600);
const BETWEEN_WARNINGS: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
