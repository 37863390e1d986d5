//! The thread that nothing of the user's can block.

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

use tokio::{runtime::Builder, time::Instant};

use self::{
    history::{History, Verdict},
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
    let of = Arc::clone(coordinator);
    thread::Builder::new().name("kunobi-ha".into()).spawn(move || {
        user_code::keep_off_this_thread();
        let begin = || -> io::Result<_> {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let signals = runtime.block_on(async { Signals::new(&wanted) })?;
            Ok((runtime, signals))
        };
        match begin() {
            Ok((runtime, signals)) => {
                of.supervised_by(runtime.handle().clone());
                // The receiver is there until this arrives.
                let _ = ready.send(Ok(()));
                // Nobody would hear a signal any more: a waker of the program's may panic here.
                let why = user_code::catch(|| runtime.block_on(supervise(of, signals)));
                let why = why.unwrap_or_else(|panic| panic);
                error!("the shutdown failed: {why}");
                end_at_once(i32::from(exit_code::TASK_FAILED));
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    })?;
    started.recv().unwrap_or_else(|_| Err(io::Error::other("the supervisor's thread is gone")))
}

/// Goes through the phases and handles signals until one of the two fails; says why.
async fn supervise(coordinator: Arc<Coordinator>, signals: Signals) -> String {
    let going = tokio::spawn(phases::run(Arc::clone(&coordinator)));
    tokio::select! {
        never = handle_signals(coordinator, signals) => match never {},
        Err(panic) = going => panic.to_string(),
    }
}

/// Does what [`History`] decides.
async fn handle_signals(coordinator: Arc<Coordinator>, mut signals: Signals) -> Infallible {
    let mut history = History::default();
    loop {
        let signal = signals.next().await;
        match history.hear(signal, Instant::now()) {
            Verdict::Begin => {
                coordinator.trigger(Reason::Signal(signal.number()));
            }
            Verdict::Ignore => info!("{signal} again, soon after the signal before: ignored"),
            Verdict::Hurry => {
                warn!("{signal} during the shutdown");
                coordinator.hurry();
            }
            Verdict::End => {
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

/// How long a writer that blocks may hold up the end.
const LAST_WORDS: Duration = Duration::from_millis(100);
