//! The signals that ask a program to end.

use std::io;

/// The handlers, live from the time they are made.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
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
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one, and returns its number.
    pub(super) async fn next(&mut self) -> i32 {
        use super::phase::{SIGINT, SIGTERM};

        tokio::select! {
            _ = self.terminate.recv() => SIGTERM,
            _ = self.interrupt.recv() => SIGINT,
        }
    }
}

#[cfg(windows)]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

        Ok(Self {
            ctrl_break: ctrl_break()?,
            ctrl_c: ctrl_c()?,
            ctrl_close: ctrl_close()?,
            ctrl_shutdown: ctrl_shutdown()?,
        })
    }

    /// Waits for the next one, and returns the number of the signal that it stands for.
    pub(super) async fn next(&mut self) -> i32 {
        use super::phase::{SIGINT, SIGTERM};

        tokio::select! {
            _ = self.ctrl_c.recv() => SIGINT,
            _ = self.ctrl_break.recv() => SIGINT,
            _ = self.ctrl_close.recv() => SIGTERM,
            _ = self.ctrl_shutdown.recv() => SIGTERM,
        }
    }
}
