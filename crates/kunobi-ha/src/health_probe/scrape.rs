//! Answers scrapes of `/metrics`: a few at a time, each within a limited time.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};

use super::encoder::{Encode, Encoder, NoText};
use crate::journal::error;

/// How many scrapes of `/metrics` are answered at a time.
const SCRAPES: usize = 4;
/// How long a client may take to read its metrics, and how long it may read nothing of any answer.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The headers of every answer, of a probe or of a scrape.
pub(super) const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

/// All scrapes of a process.
#[derive(Debug)]
pub(super) struct Scrapes {
    encoder: Option<Encoder>,
    room: Arc<Semaphore>,
}

/// A body that is handed over piece by piece, so that a client that does not read holds one piece and
/// not the whole text.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    left: u64,
}

impl Scrapes {
    pub(super) fn of(encode: Encode) -> Arc<Self> {
        let encoder = Encoder::start(encode);
        if let Err(error) = &encoder {
            error!("there are no metrics, because the encoder has no thread: {error}");
        }
        Arc::new(Self { encoder: encoder.ok(), room: Arc::new(Semaphore::new(SCRAPES)) })
    }

    async fn text(&self) -> Result<Bytes, NoText> {
        match &self.encoder {
            Some(encoder) => encoder.text().await,
            None => Err(NoText::NoThread),
        }
    }
}

/// Answers a scrape.
pub(super) async fn metrics(State(scrapes): State<Arc<Scrapes>>) -> Response {
    let Ok(permit) = Arc::clone(&scrapes.room).try_acquire_owned() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many scrapes at a time\n");
    };
    match scrapes.text().await {
        Ok(text) => answer(text, permit),
        Err(NoText::Hangs) => {
            refuse(StatusCode::SERVICE_UNAVAILABLE, "the encoder does not return\n")
        }
        Err(NoText::Panicked) => {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "the encoder panicked\n")
        }
        Err(NoText::NoThread) => {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "the encoder has no thread\n")
        }
    }
}

fn answer(text: Bytes, permit: OwnedSemaphorePermit) -> Response {
    let kind = if text.ends_with(b"# EOF\n") { OPEN_METRICS } else { PROMETHEUS };
    let left = text.len() as u64;
    let (pieces, handed) = mpsc::channel(1);
    tokio::spawn(async move {
        // A client that reads too slowly is cut off: its body ends before its announced length.
        let _ = timeout(WRITE_TIMEOUT, hand_over(&text, pieces)).await;
        drop(permit);
    });
    let mut response = (HEADERS, Body::new(Pieces { pieces: handed, left })).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn hand_over(text: &[u8], pieces: mpsc::Sender<Bytes>) {
    for piece in text.chunks(PIECE) {
        // Copied: a slice of the text would keep all of it.
        if pieces.send(Bytes::copy_from_slice(piece)).await.is_err() {
            return;
        }
    }
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    let mut response = (status, HEADERS, why).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    response
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(match ready!(self.pieces.poll_recv(cx)) {
            Some(piece) => {
                self.left -= piece.len() as u64;
                Some(Ok(Frame::data(piece)))
            }
            None if self.left > 0 => Some(Err(io::ErrorKind::TimedOut.into())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

const PIECE: usize = 16 * 1024;
const RETRY_AFTER: &str = "1";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
