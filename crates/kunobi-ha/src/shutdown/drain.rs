//! What waits for the drain to begin, and what its end waits for.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::tasks::Running;

/// Keeps the drain waiting until it is dropped; made by [`Handle::hold`](super::Handle::hold).
///
/// If it is dropped by a panic, the work that it stands for did not end by itself, so that nothing of
/// [`Handle::on_release`](super::Handle::on_release) is done.
#[must_use = "the drain waits only as long as this lives"]
pub struct DrainGuard(Option<Running>);

/// A future that resolves when work has to stop, or when a shutdown is asked for.
///
/// It is `'static`, as kube-runtime's `Controller::graceful_shutdown_on` takes it.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Draining(Pin<Box<WaitForCancellationFutureOwned>>);

impl DrainGuard {
    /// A guard of nothing, if it was asked for too late.
    pub(super) const fn new(running: Option<Running>) -> Self {
        Self(running)
    }
}

impl Draining {
    /// Waits until this token is cancelled.
    pub(crate) fn new(token: CancellationToken) -> Self {
        Self(Box::pin(token.cancelled_owned()))
    }
}

impl Future for Draining {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}

impl Drop for DrainGuard {
    fn drop(&mut self) {
        if let Some(running) = self.0.take().filter(|_| !std::thread::panicking()) {
            running.end();
        }
    }
}

impl fmt::Debug for DrainGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DrainGuard")
    }
}
