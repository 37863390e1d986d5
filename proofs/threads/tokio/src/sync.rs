//! Channels and locks of tokio and tokio-util; before each operation another task may run.

pub mod watch;

use std::sync::Arc;

pub use real::sync::{OwnedMutexGuard, futures::Notified, mpsc, oneshot};

use crate::point;

#[derive(Debug, Default)]
pub struct Notify(real::sync::Notify);

#[derive(Debug)]
pub struct Mutex<T>(Arc<real::sync::Mutex<T>>);

#[derive(Clone, Debug)]
pub struct CancellationToken(real_util::sync::CancellationToken);

pub use real_util::sync::WaitForCancellationFutureOwned;

impl Notify {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn notified(&self) -> Notified<'_> {
        point();
        self.0.notified()
    }

    pub fn notify_waiters(&self) {
        point();
        self.0.notify_waiters();
    }
}

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self(Arc::new(real::sync::Mutex::new(value)))
    }

    pub async fn lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        point();
        Arc::clone(&self.0).lock_owned().await
    }
}

impl CancellationToken {
    pub fn new() -> Self {
        Self(real_util::sync::CancellationToken::new())
    }

    pub fn child_token(&self) -> Self {
        point();
        Self(self.0.child_token())
    }

    pub fn cancel(&self) {
        point();
        self.0.cancel();
    }

    pub fn is_cancelled(&self) -> bool {
        point();
        self.0.is_cancelled()
    }

    pub async fn cancelled(&self) {
        point();
        self.0.cancelled().await;
    }

    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        point();
        self.0.cancelled_owned()
    }

    pub async fn run_until_cancelled<F: Future>(&self, work: F) -> Option<F::Output> {
        point();
        self.0.run_until_cancelled(work).await
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}
