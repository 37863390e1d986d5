//! The user's encoder, on a thread of its own.
//!
//! # Who touches what
//!
//! - The encoder's thread owns the user's closure. It alone calls it, and drops it when the
//!   [`Encoder`] is dropped. Nothing of the user's is called or dropped elsewhere.
//! - A scrape, on any thread, joins the run that is under way, or begins one. It never waits on a lock
//!   for longer than another scrape needs to do the same.
//! - The lock protects which run was begun last. The thread does not take it, so that a closure that
//!   hangs holds up no scrape.
//! - The text of a run is written once: by the thread, or by the scrape that finds no thread.

use std::{
    any::Any,
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak, mpsc},
    thread,
    time::Duration,
};

use hyper::body::Bytes;
use tokio::{
    runtime::Handle as Runtime,
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::sync::{Mutex, lock};

/// How long a scrape waits for the encoder, from the beginning of its run.
const ENCODER_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) type Encode = Box<dyn Fn() -> String + Send + Sync>;

/// Runs the user's encoder, once at a time. Scrapes that come during a run share its text.
#[derive(Debug)]
pub(super) struct Encoder {
    requests: mpsc::Sender<RunRequest>,
    last_run: Mutex<Weak<Run>>,
}

/// Why there is no text.
#[derive(Clone, Copy, Debug)]
pub(super) enum NoText {
    /// The encoder has been running for too long, and still is.
    Hangs,
    /// The encoder has no thread.
    NoThread,
    Panicked,
}

/// One run of the encoder. The thread and the scrapes that wait for it keep it alive.
#[derive(Debug)]
struct Run {
    began: Instant,
    /// `None` until the run has ended.
    text: watch::Sender<Option<Result<Bytes, NoText>>>,
}

#[derive(Debug)]
struct RunRequest {
    run: Arc<Run>,
    /// The runtime of the scrape.
    runtime: Runtime,
}

impl Encoder {
    /// Starts the thread. What the encoder spawns runs on the current runtime; if there is none, on
    /// that of the scrape.
    pub(super) fn start(encode: Encode) -> io::Result<Self> {
        let (requests, requested) = mpsc::channel();
        let started_on = Runtime::try_current().ok();
        let work = move || encode_on_request(encode, requested, started_on.as_ref());
        thread::Builder::new().name("kunobi-ha-metrics".into()).spawn(work)?;
        Ok(Self { requests, last_run: Mutex::default() })
    }

    /// Returns the text of the run that is under way, or of a new one.
    pub(super) async fn text(&self) -> Result<Bytes, NoText> {
        let run = self.join_or_begin();
        let mut text = run.text.subscribe();
        let encoded = text.wait_for(Option::is_some);
        match timeout_at(run.began + ENCODER_TIMEOUT, encoded).await {
            Ok(Ok(text)) => text.clone().unwrap_or(Err(NoText::NoThread)),
            Ok(Err(_)) => Err(NoText::NoThread),
            Err(_) => Err(NoText::Hangs),
        }
    }

    fn join_or_begin(&self) -> Arc<Run> {
        let mut last_run = lock(&self.last_run);
        if let Some(run) = last_run.upgrade().filter(|run| run.text.borrow().is_none()) {
            return run;
        }
        let run = Arc::new(Run { began: Instant::now(), text: watch::Sender::new(None) });
        let request = RunRequest { run: Arc::clone(&run), runtime: Runtime::current() };
        if self.requests.send(request).is_err() {
            run.text.send_replace(Some(Err(NoText::NoThread)));
        }
        *last_run = Arc::downgrade(&run);
        run
    }
}

/// Encodes at each request until the [`Encoder`] is dropped, and drops the user's closure here.
fn encode_on_request(
    encode: Encode,
    requests: mpsc::Receiver<RunRequest>,
    started_on: Option<&Runtime>,
) {
    let _entered = started_on.map(Runtime::enter);
    for RunRequest { run, runtime } in requests {
        let _entered = started_on.is_none().then(|| runtime.enter());
        let text = match catch_unwind(AssertUnwindSafe(&encode)) {
            Ok(text) => Ok(text.into()),
            Err(panic) => {
                discard(panic);
                Err(NoText::Panicked)
            }
        };
        run.text.send_replace(Some(text));
    }
    drop(encode);
}

/// Drops the payload of a panic of the user's code. Its `Drop` may panic as well.
fn discard(panic: Box<dyn Any + Send>) {
    mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
}
