//! Values of the user's.

use std::{
    mem::ManuallyDrop,
    sync::{Arc, LazyLock},
    thread,
};

use tokio::{runtime::Handle as Runtime, sync::watch};

#[cfg(feature = "operator")]
use super::Peek;
use super::{catch, on_supervisor};

/// A value of the user's, which can be held on any thread. On the supervisor's thread it is not used,
/// and a thread of its own drops it.
pub(crate) struct UserOwned<T: Send + 'static> {
    /// `None` once it was taken or dropped.
    value: Option<T>,
    /// What the value's `Drop` finds as the current runtime.
    runtime: Option<Runtime>,
}

/// Counts a value that a thread of its own is dropping.
struct BeingDropped;

static BEING_DROPPED: LazyLock<watch::Sender<usize>> = LazyLock::new(watch::Sender::default);

/// Waits until all values that were given to threads of their own are dropped.
#[cfg(feature = "shutdown")]
pub(crate) async fn all_dropped() {
    // The sender is never dropped, so that this can't fail.
    let _ = BEING_DROPPED.subscribe().wait_for(|values| *values == 0).await;
}

impl<T: Send + 'static> UserOwned<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), runtime: Runtime::try_current().ok() }
    }

    /// As [`new`](Self::new), but its `Drop` finds this runtime.
    pub(super) fn on(mut self, runtime: &Runtime) -> Self {
        self.runtime = Some(runtime.clone());
        self
    }

    /// Returns the value, where the user's code may run.
    ///
    /// # Panics
    ///
    /// On the supervisor's thread: that would be a bug.
    #[cfg(feature = "readiness")]
    pub(crate) fn take(mut self) -> T {
        assert!(!on_supervisor(), "user code does not run on the supervisor's thread");
        self.value.take().expect("only this takes it, and drops what it was taken from")
    }

    /// Lends the value to be used, where the user's code may run; `None` once it was dropped.
    pub(super) const fn lend(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// Drops the value now; returns the message if that panics here.
    pub(super) fn discard(&mut self) -> Result<(), String> {
        let Some(value) = self.value.take() else { return Ok(()) };
        if !on_supervisor() {
            return catch(|| drop(value));
        }
        let counted = BeingDropped::new();
        // If no thread can be had, the value is leaked: it is not dropped with the closure.
        let value = ManuallyDrop::new(value);
        let runtime = self.runtime.take();
        let dropping = thread::Builder::new().name(DROPPER.into()).spawn(move || {
            let _inside = runtime.as_ref().map(Runtime::enter);
            // The panic hook has printed the message, and there is nothing to return it to.
            let _ = catch(|| drop(ManuallyDrop::into_inner(value)));
            drop(counted);
        });
        // The thread is not joined: `all_dropped` waits for what it does.
        drop(dropping);
        Ok(())
    }
}

#[cfg(feature = "operator")]
impl<T: Peek> UserOwned<T> {
    /// Lends the value, on any thread.
    pub(crate) fn peek(&self) -> &T {
        self.value.as_ref().expect("only `take` and `discard` leave nothing behind, at the end")
    }
}

/// The clone is another handle of the same value; making it runs nothing of the user's.
impl<T: Send + Sync + ?Sized> Clone for UserOwned<Arc<T>> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), runtime: self.runtime.clone() }
    }
}

impl<T: Send + 'static> Drop for UserOwned<T> {
    fn drop(&mut self) {
        // The panic hook has printed the message, and there is nothing to return it to.
        let _ = self.discard();
    }
}

impl<T: Send + 'static> std::fmt::Debug for UserOwned<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserOwned").finish_non_exhaustive()
    }
}

impl BeingDropped {
    fn new() -> Self {
        BEING_DROPPED.send_modify(|values| *values += 1);
        Self
    }
}

impl Drop for BeingDropped {
    fn drop(&mut self) {
        BEING_DROPPED.send_modify(|values| *values -= 1);
    }
}

/// The name of a thread that drops a value.
pub(super) const DROPPER: &str = "kunobi-ha-drop";

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::user_code::supervised;

    struct Telling(mpsc::Sender<Option<String>>);

    /// Its `Drop` blocks until the sender is gone.
    struct Held(mpsc::Receiver<()>);

    impl Drop for Telling {
        fn drop(&mut self) {
            self.0.send(thread::current().name().map(Into::into)).unwrap();
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }

    #[test]
    fn a_value_is_dropped_where_it_is_but_not_on_the_supervisors_thread() {
        let (tell, told) = mpsc::channel();
        drop(UserOwned::new(Telling(tell.clone())));
        assert_eq!(told.recv().unwrap().as_deref(), thread::current().name());
        supervised(move || drop(UserOwned::new(Telling(tell))));
        assert_eq!(told.recv().unwrap().as_deref(), Some(DROPPER));
    }

    #[tokio::test]
    async fn what_is_given_away_to_be_dropped_can_be_waited_for() {
        let (let_go, held) = mpsc::channel();
        supervised(move || drop(UserOwned::new(Held(held))));
        let waiting = tokio::spawn(all_dropped());
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(let_go);
        waiting.await.unwrap();
    }
}
