//! The thread that nothing of the program's can block.
//!
//! # Concurrency
//!
//! An installed shutdown has one thread, `kunobi-ha`, with a runtime of its own. Three kinds of tasks
//! run there: the phases, the signals, and what the operator puts there (elections, probes). They
//! share one thread, so that none may block, and none waits for the program's runtime without a
//! deadline.
//!
//! Nothing of the program's is polled, called, displayed or dropped on this thread:
//! [`user_code`] sees to that, and the journal writes its lines on a thread of its own. The exception
//! are wakers. A task here that completes a future of the program's calls its waker, which may be any
//! code; if it panics, the process ends.
//!
//! The thread lives as long as the process. It holds no lock while it waits; the locks that it takes
//! are those of the [`Coordinator`] and of its tasks.

mod history;
mod signals;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    io, process,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    time::Instant,
};

use self::{
    history::{History, SignalEffect},
    signals::Signals,
};
use super::{coordinator::Coordinator, exit_code, phase::Reason, phases, stop_signal::StopSignal};
use crate::{
    journal::{self, error, info, warn},
    user_code,
};

/// Starts the thread. When this returns, the handlers are live.
pub(super) fn start(
    coordinator: &Arc<Coordinator>,
    wanted: BTreeSet<StopSignal>,
) -> io::Result<()> {
    journal::open()?;
    let (ready, started) = mpsc::channel();
    let coordinator = Arc::clone(coordinator);
    thread::Builder::new().name(THREAD.into()).spawn(move || {
        user_code::keep_off_this_thread();
        match set_up(&wanted) {
            Ok((runtime, signals)) => {
                coordinator.supervised_by(runtime.handle().clone());
                // The receiver is there until this arrives.
                let _ = ready.send(Ok(()));
                run(&runtime, coordinator, signals);
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    })?;
    started.recv().unwrap_or_else(|_| Err(io::Error::other("the supervisor's thread is gone")))
}

fn set_up(wanted: &BTreeSet<StopSignal>) -> io::Result<(Runtime, Signals)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signals = runtime.block_on(async { Signals::new(wanted) })?;
    Ok((runtime, signals))
}

/// Runs until the process ends. If that fails, the process ends, because nothing would hear a signal
/// from then on.
fn run(runtime: &Runtime, coordinator: Arc<Coordinator>, signals: Signals) -> ! {
    let why = user_code::catch(|| runtime.block_on(supervise(coordinator, signals)));
    let why = why.unwrap_or_else(|panic| panic);
    error!("the shutdown failed: {why}");
    end_at_once(i32::from(exit_code::TASK_FAILED));
}

/// Goes through the phases and handles signals until one of the two fails; says why.
async fn supervise(coordinator: Arc<Coordinator>, signals: Signals) -> String {
    let phases = tokio::spawn(phases::run(Arc::clone(&coordinator)));
    tokio::select! {
        never = handle_signals(coordinator, signals) => match never {},
        Err(panic) = phases => panic.to_string(),
    }
}

/// Does what [`History`] decides.
async fn handle_signals(coordinator: Arc<Coordinator>, mut signals: Signals) -> Infallible {
    let mut history = History::default();
    loop {
        let signal = signals.next().await;
        let (with_it, verdict) = history.followed_by(signal, Instant::now());
        history = with_it;
        match verdict {
            SignalEffect::Begin => coordinator.trigger(Reason::Signal(signal.number())),
            SignalEffect::Ignore => info!("{signal} again, soon after the signal before: ignored"),
            SignalEffect::Hurry => {
                warn!("{signal} during the shutdown");
                coordinator.hurry();
            }
            SignalEffect::End => {
                warn!("{signal} during the shutdown: ending at once, without a release");
                end_at_once(128 + signal.number());
            }
        }
    }
}

fn end_at_once(code: i32) -> ! {
    journal::flush(LAST_WORDS);
    process::exit(code);
}

const THREAD: &str = "kunobi-ha";
/// How long a writer of the log that blocks may hold up the end.
const LAST_WORDS: Duration = Duration::from_millis(100);
