//! Futures of the user's.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(feature = "shutdown")]
use tokio::task::AbortHandle;
use tokio::{runtime::Handle as Runtime, task::JoinHandle};

use super::{Ours, UserOwned, catch};

/// What came of a future of the user's.
#[derive(Debug)]
pub(crate) enum Ran<T> {
    Done(T),
    /// With its message.
    Panicked(String),
    /// It was aborted, or its runtime is gone.
    Cancelled,
}

/// A task that runs a future of the user's. Dropped, it goes on.
pub(crate) struct Spawned<T>(JoinHandle<Ran<T>>);

/// A future of the user's: its panics end here, also those of its `Drop`.
struct Contained<F: Future + Send + 'static>(UserOwned<Pin<Box<F>>>);

/// Runs a future of the user's on the user's runtime.
pub(crate) fn spawn<F>(runtime: &Runtime, work: F) -> Spawned<F::Output>
where
    F: Future<Output: Ours> + Send + 'static,
{
    spawn_owned(runtime, UserOwned::new(Box::pin(work)))
}

/// Runs a future of the user's, which was held until now, on the user's runtime.
pub(crate) fn spawn_owned<F>(runtime: &Runtime, work: UserOwned<Pin<Box<F>>>) -> Spawned<F::Output>
where
    F: Future<Output: Ours> + Send + 'static,
{
    Spawned(runtime.spawn(Contained(work.on(runtime))))
}

impl<F> Future for Contained<F>
where
    F: Future<Output: Ours> + Send + 'static,
{
    type Output = Ran<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = self.0.lend() else { return Poll::Ready(Ran::Cancelled) };
        let ran = match catch(|| work.as_mut().poll(context)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ran::Done(output),
            Err(message) => Ran::Panicked(message),
        };
        let dropped = self.0.discard();
        Poll::Ready(match (ran, dropped) {
            (Ran::Done(_), Err(message)) => Ran::Panicked(message),
            (ran, _) => ran,
        })
    }
}

impl<T> Spawned<T> {
    #[cfg(feature = "shutdown")]
    pub(crate) fn abort_handle(&self) -> AbortHandle {
        self.0.abort_handle()
    }

    /// Cancels the future, which its own runtime then drops.
    #[cfg(feature = "readiness")]
    pub(crate) fn abort(&self) {
        self.0.abort();
    }

    #[cfg(feature = "readiness")]
    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Future for Spawned<T> {
    type Output = Ran<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ran<T>> {
        // No panic gets out of what is contained.
        Pin::new(&mut self.0).poll(context).map(|result| result.unwrap_or(Ran::Cancelled))
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;
    use crate::user_code::{owned::DROPPER, supervised};

    struct Telling(mpsc::Sender<Option<String>>);

    struct Panicking;

    impl Drop for Telling {
        fn drop(&mut self) {
            self.0.send(thread::current().name().map(Into::into)).unwrap();
        }
    }

    impl Drop for Panicking {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }

    #[test]
    fn a_future_for_a_runtime_that_is_gone_is_not_dropped_on_the_supervisors_thread() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let (tell, told) = mpsc::channel();
        supervised(move || {
            let telling = Telling(tell);
            drop(spawn(&handle, async move { drop(telling) }));
        });
        assert_eq!(told.recv().unwrap().as_deref(), Some(DROPPER));
    }

    #[tokio::test]
    async fn a_panic_ends_where_it_began_whatever_it_leaves_behind() {
        let here = Runtime::current();
        let said = spawn(&here, async { panic!("no configuration") });
        assert!(matches!(said.await, Ran::<()>::Panicked(text) if text == "no configuration"));
        let left = spawn(&here, async { std::panic::panic_any(Panicking) });
        assert!(matches!(left.await, Ran::<()>::Panicked(text) if text == "no message"));
        let held = Panicking;
        let dropped = spawn(&here, async move {
            let _held = &held;
        });
        assert!(matches!(dropped.await, Ran::Panicked(text) if text == "in drop"));
        let held = Panicking;
        let aborted = spawn(&here, async move {
            let _held = &held;
            std::future::pending::<()>().await;
        });
        tokio::task::yield_now().await;
        aborted.abort_handle().abort();
        assert!(matches!(aborted.await, Ran::Cancelled));
    }
}
