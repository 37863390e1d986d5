//! The user's encoder, on a thread of its own.

use std::{
    any::Any,
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak, mpsc},
    thread,
    time::Duration,
};

use hyper::body::Bytes;
use tokio::{
    runtime::Handle as Runtime,
    sync::watch,
    time::{Instant, timeout_at},
};

/// How long a scrape waits for the encoder.
pub const ENCODER_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) type Encode = Box<dyn Fn() -> String + Send + Sync>;

/// Runs the encoder once at a time: all who ask meanwhile share what it returns.
///
/// Its thread owns what is the user's. That is called there, and dropped there when this is.
#[derive(Debug)]
pub(super) struct Encoder {
    orders: mpsc::Sender<Order>,
    running: Mutex<Weak<Run>>,
}

/// Why there is no text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    /// It has been running for too long, and still is.
    Hangs,
    Panicked,
    /// It has no thread.
    Unstarted,
}

type Outcome = Result<Bytes, Failure>;

/// One run of the encoder. Its thread keeps it to the end, and who asks for the text longer.
#[derive(Debug)]
struct Run {
    began: Instant,
    outcome: watch::Sender<Option<Outcome>>,
}

#[derive(Debug)]
struct Order {
    run: Arc<Run>,
    asked_on: Runtime,
}

impl Encoder {
    /// Starts the thread. What the encoder spawns runs on the current runtime; without one, on that
    /// of the scrape.
    pub(super) fn start(encode: Encode) -> io::Result<Self> {
        let (orders, ordered) = mpsc::channel();
        let home = Runtime::try_current().ok();
        let work = move || obey(encode, ordered, home.as_ref());
        thread::Builder::new().name("kunobi-ha-metrics".into()).spawn(work)?;
        Ok(Self { orders, running: Mutex::default() })
    }

    /// Returns the encoder's text, of the run that is under way if there is one.
    pub(super) async fn text(&self) -> Outcome {
        let run = self.run();
        let mut outcome = run.outcome.subscribe();
        let encoded = outcome.wait_for(Option::is_some);
        match timeout_at(run.began + ENCODER_TIMEOUT, encoded).await {
            Ok(Ok(outcome)) => outcome.clone().unwrap_or(Err(Failure::Unstarted)),
            Ok(Err(_)) => Err(Failure::Unstarted),
            Err(_) => Err(Failure::Hangs),
        }
    }

    fn run(&self) -> Arc<Run> {
        // What is stored under this lock is whole at any time.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = running.upgrade().filter(|run| run.outcome.borrow().is_none()) {
            return run;
        }
        let run = Arc::new(Run { began: Instant::now(), outcome: watch::Sender::new(None) });
        let order = Order { run: Arc::clone(&run), asked_on: Runtime::current() };
        if self.orders.send(order).is_err() {
            run.outcome.send_replace(Some(Err(Failure::Unstarted)));
        }
        *running = Arc::downgrade(&run);
        run
    }
}

/// Encodes until nobody can ask any more, and drops the encoder.
fn obey(encode: Encode, orders: mpsc::Receiver<Order>, home: Option<&Runtime>) {
    let _entered = home.map(Runtime::enter);
    for Order { run, asked_on } in orders {
        let _entered = home.is_none().then(|| asked_on.enter());
        let outcome = match catch_unwind(AssertUnwindSafe(&encode)) {
            Ok(text) => Ok(text.into()),
            Err(panic) => {
                discard(panic);
                Err(Failure::Panicked)
            }
        };
        run.outcome.send_replace(Some(outcome));
    }
    drop(encode);
}

/// Drops what the user's code panicked with, which may panic in its turn.
fn discard(panic: Box<dyn Any + Send>) {
    mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
}
