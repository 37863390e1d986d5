//! The part of `tokio::sync::watch` that a candidacy uses, over the lock of the model checker.
//!
//! As in tokio, a value and its version change under one lock, and those that wait are woken after that.

use std::{
    convert::Infallible,
    fmt,
    future::poll_fn,
    ops::Deref,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use super::{Mutex, lock};

pub(crate) struct Sender<T>(Arc<Mutex<Shared<T>>>);

pub(crate) struct Receiver<T> {
    shared: Arc<Mutex<Shared<T>>>,
    seen: u64,
}

/// A copy of the value, where tokio lends it.
pub(crate) struct Seen<T>(T);

struct Shared<T> {
    value: T,
    version: u64,
    waiting: Vec<Waker>,
}

impl<T> Sender<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Shared { value, version: 0, waiting: Vec::new() })))
    }

    pub(crate) fn subscribe(&self) -> Receiver<T> {
        Receiver { shared: Arc::clone(&self.0), seen: lock(&self.0).version }
    }

    pub(crate) fn send_replace(&self, value: T) {
        self.send_if_modified(|current| {
            *current = value;
            true
        });
    }

    pub(crate) fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let mut shared = lock(&self.0);
        let modified = modify(&mut shared.value);
        if !modified {
            return false;
        }
        shared.version += 1;
        let waiting = std::mem::take(&mut shared.waiting);
        drop(shared);
        waiting.into_iter().for_each(Waker::wake);
        true
    }
}

impl<T: Clone> Sender<T> {
    pub(crate) fn borrow(&self) -> Seen<T> {
        Seen(lock(&self.0).value.clone())
    }
}

impl<T: Clone> Receiver<T> {
    pub(crate) async fn wait_for(
        &mut self,
        mut wanted: impl FnMut(&T) -> bool,
    ) -> Result<Seen<T>, Infallible> {
        poll_fn(|context| self.poll(context, |shared, _| wanted(&shared.value))).await;
        Ok(Seen(lock(&self.shared).value.clone()))
    }

    pub(crate) async fn changed(&mut self) {
        poll_fn(|context| self.poll(context, |shared, seen| shared.version != seen)).await;
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
        wanted: impl FnOnce(&Shared<T>, u64) -> bool,
    ) -> Poll<()> {
        let mut shared = lock(&self.shared);
        if wanted(&shared, self.seen) {
            self.seen = shared.version;
            return Poll::Ready(());
        }
        shared.waiting.push(context.waker().clone());
        Poll::Pending
    }
}

impl<T> Deref for Seen<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}
