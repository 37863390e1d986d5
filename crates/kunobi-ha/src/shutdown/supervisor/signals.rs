//! The handlers of signals.

use std::{collections::BTreeSet, io};
#[cfg(unix)]
use std::{future::poll_fn, task::Poll};

use crate::shutdown::stop_signal::StopSignal;

/// Handlers of signals. They catch signals as soon as they are made, and keep one of each until it is
/// asked for.
pub(super) struct Signals {
    #[cfg(unix)]
    handlers: Vec<(StopSignal, tokio::signal::unix::Signal)>,
    #[cfg(windows)]
    ctrl_break: tokio::signal::windows::CtrlBreak,
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
    #[cfg(windows)]
    ctrl_close: tokio::signal::windows::CtrlClose,
    #[cfg(windows)]
    ctrl_shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new(wanted: &BTreeSet<StopSignal>) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let handler = |of: &StopSignal| {
            signal(SignalKind::from_raw(of.number())).map(|handler| (*of, handler))
        };
        Ok(Self { handlers: wanted.iter().map(handler).collect::<io::Result<_>>()? })
    }

    /// Waits for the next signal.
    pub(super) async fn next(&mut self) -> StopSignal {
        poll_fn(|context| {
            for (of, handler) in &mut self.handlers {
                if handler.poll_recv(context).is_ready() {
                    return Poll::Ready(*of);
                }
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(windows)]
impl Signals {
    pub(super) fn new(_: &BTreeSet<StopSignal>) -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

        Ok(Self {
            ctrl_break: ctrl_break()?,
            ctrl_c: ctrl_c()?,
            ctrl_close: ctrl_close()?,
            ctrl_shutdown: ctrl_shutdown()?,
        })
    }

    /// Waits for the next event of the console, and returns the signal that it stands for.
    pub(super) async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.ctrl_c.recv() => StopSignal::Interrupt,
            _ = self.ctrl_break.recv() => StopSignal::Interrupt,
            _ = self.ctrl_close.recv() => StopSignal::Terminate,
            _ = self.ctrl_shutdown.recv() => StopSignal::Terminate,
        }
    }
}
