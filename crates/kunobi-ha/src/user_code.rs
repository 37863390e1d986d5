//! What belongs to the user: it runs and is dropped anywhere but on the supervisor's thread.
//!
//! That thread keeps signals, budgets, probes and the runner. Futures, closures, errors and panic
//! payloads of the user's bring code along (`Drop`, `Display`) that may panic, block, or start tasks
//! on whatever runtime it finds. So whatever is held there of the user's is held in a
//! [`UserOwned`], is run by [`spawn`], and comes back as something of [`Ours`].

use std::{
    any::Any,
    cell::Cell,
    fmt::{Display, Write},
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    thread,
};

#[cfg(feature = "shutdown")]
use tokio::task::AbortHandle;
use tokio::{runtime::Handle as Runtime, sync::watch, task::JoinHandle};

/// A value of the user's. It can be held on any thread; on the supervisor's it is neither used nor
/// dropped.
pub(crate) struct UserOwned<T: Send + 'static> {
    /// Gone once it was taken.
    value: Option<T>,
    /// Where it comes from: what its `Drop` finds as the current runtime.
    runtime: Option<Runtime>,
}

/// A type that runs nothing of the user's when it is dropped or displayed: all that comes back
/// from [`spawn`].
pub(crate) trait Ours: Send + 'static {}

/// A type that is the user's only by what it holds: its methods run nothing of the user's.
#[cfg(feature = "operator")]
pub(crate) trait Peek: Send + 'static {}

/// What came of something of the user's.
#[derive(Debug)]
pub(crate) enum Ran<T> {
    Done(T),
    /// With its message.
    Panicked(String),
    /// It was aborted, or its runtime is gone.
    Cancelled,
}

/// Something of the user's that was started. Dropped, it goes on.
pub(crate) struct Spawned<T>(JoinHandle<Ran<T>>);

/// A future of the user's: its panics end here, also those of its `Drop`.
struct Contained<F: Future + Send + 'static>(UserOwned<Pin<Box<F>>>);

/// Counts a value that is being dropped by a thread of its own.
struct BeingDropped;

thread_local! {
    static ON_SUPERVISOR: Cell<bool> = const { Cell::new(false) };
}

static BEING_DROPPED: LazyLock<watch::Sender<usize>> = LazyLock::new(watch::Sender::default);

/// Says that this thread is the supervisor's.
#[cfg(feature = "shutdown")]
pub(crate) fn keep_off_this_thread() {
    ON_SUPERVISOR.set(true);
}

/// Tells whether this thread is the supervisor's.
pub(crate) fn on_supervisor() -> bool {
    // A thread that ends has no such value any more, and the supervisor's never ends.
    ON_SUPERVISOR.try_with(Cell::get).unwrap_or(false)
}

/// Runs a future of the user's on the user's runtime.
pub(crate) fn spawn<F>(runtime: &Runtime, work: F) -> Spawned<F::Output>
where
    F: Future<Output: Ours> + Send + 'static,
{
    spawn_owned(runtime, UserOwned::new(Box::pin(work)))
}

/// Runs a future of the user's, which was held until now, on the user's runtime.
pub(crate) fn spawn_owned<F>(
    runtime: &Runtime,
    mut work: UserOwned<Pin<Box<F>>>,
) -> Spawned<F::Output>
where
    F: Future<Output: Ours> + Send + 'static,
{
    work.runtime = Some(runtime.clone());
    Spawned(runtime.spawn(Contained(work)))
}

/// Waits until all that was given away to be dropped is dropped.
#[cfg(feature = "shutdown")]
pub(crate) async fn all_dropped() {
    // The sender is never dropped, so that this can't fail.
    let _ = BEING_DROPPED.subscribe().wait_for(|values| *values == 0).await;
}

/// Returns the text of an error, to be called where the user's code may run: its `Display` may
/// fail or panic.
pub(crate) fn text(error: &dyn Display) -> String {
    let mut text = String::new();
    match catch(|| write!(text, "{error}")) {
        Ok(Ok(())) => text,
        Ok(Err(_)) | Err(_) => NO_TEXT.into(),
    }
}

/// Calls something of the user's; returns the message if it panics.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        discard_payload(panic);
        text.unwrap_or_else(|| "no message".into())
    })
}

/// Drops what a panic left behind, which may panic once more.
fn discard_payload(panic: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // Somewhere this must end.
        std::mem::forget(another);
    }
}

impl<T: Send + 'static> UserOwned<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), runtime: Runtime::try_current().ok() }
    }

    /// Returns it, where the user's code may run.
    ///
    /// # Panics
    ///
    /// On the supervisor's thread: that would be a bug.
    #[cfg(feature = "readiness")]
    pub(crate) fn take(mut self) -> T {
        assert!(!on_supervisor(), "user code does not run on the supervisor's thread");
        self.value.take().expect("only this takes it, and drops what it was taken from")
    }

    /// Drops it now; returns the message if that panics.
    fn discard(&mut self) -> Result<(), String> {
        let Some(value) = self.value.take() else { return Ok(()) };
        if !on_supervisor() {
            return catch(|| drop(value));
        }
        let counted = BeingDropped::new();
        // What can't get a thread is leaked: it is not dropped with the closure.
        let value = ManuallyDrop::new(value);
        let runtime = self.runtime.take();
        let dropping = thread::Builder::new().name(DROPPER.into()).spawn(move || {
            let _inside = runtime.as_ref().map(Runtime::enter);
            // A panic was printed by its hook, and has nobody to be told to.
            let _ = catch(|| drop(ManuallyDrop::into_inner(value)));
            drop(counted);
        });
        // Nobody waits for the thread.
        drop(dropping);
        Ok(())
    }
}

#[cfg(feature = "operator")]
impl<T: Peek> UserOwned<T> {
    /// Lends it, on any thread.
    pub(crate) fn peek(&self) -> &T {
        self.value.as_ref().expect("only `take` and `discard` leave nothing behind, at the end")
    }
}

/// The clone is another handle of the same value, made without code of the user's.
impl<T: Send + Sync + ?Sized> Clone for UserOwned<Arc<T>> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), runtime: self.runtime.clone() }
    }
}

impl<T: Send + 'static> Drop for UserOwned<T> {
    fn drop(&mut self) {
        // A panic was printed by its hook, and has nobody to be told to.
        let _ = self.discard();
    }
}

impl<T: Send + 'static> std::fmt::Debug for UserOwned<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserOwned").finish_non_exhaustive()
    }
}

impl<F> Future for Contained<F>
where
    F: Future<Output: Ours> + Send + 'static,
{
    type Output = Ran<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.0.value else { return Poll::Ready(Ran::Cancelled) };
        let polled = catch(|| work.as_mut().poll(context));
        if matches!(polled, Ok(Poll::Pending)) {
            return Poll::Pending;
        }
        let dropped = self.0.discard();
        match (polled, dropped) {
            (Ok(Poll::Ready(output)), Ok(())) => Poll::Ready(Ran::Done(output)),
            (Ok(_), Err(text)) | (Err(text), _) => Poll::Ready(Ran::Panicked(text)),
            (Ok(Poll::Pending), Ok(())) => Poll::Pending,
        }
    }
}

impl<T> Spawned<T> {
    #[cfg(feature = "shutdown")]
    pub(crate) fn abort_handle(&self) -> AbortHandle {
        self.0.abort_handle()
    }

    /// Cancels it, where it runs.
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

impl Ours for () {}
impl Ours for bool {}
impl Ours for String {}
impl<T: Ours> Ours for Option<T> {}
impl<T: Ours, E: Ours> Ours for Result<T, E> {}

/// What stands for the text of an error that fails to give one.
const NO_TEXT: &str = "an error whose Display fails";
const DROPPER: &str = "kunobi-ha-drop";

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Telling(mpsc::Sender<Option<String>>);

    impl Drop for Telling {
        fn drop(&mut self) {
            self.0.send(thread::current().name().map(Into::into)).unwrap();
        }
    }

    /// Is dropped when it is let go.
    struct Held(mpsc::Receiver<()>);

    struct Panicking;

    impl Drop for Held {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }

    impl Drop for Panicking {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }

    struct Failing;

    impl Display for Failing {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half of it")?;
            Err(std::fmt::Error)
        }
    }

    /// Runs this on a thread that counts as the supervisor's.
    fn supervised(work: impl FnOnce() + Send + 'static) {
        let thread = thread::Builder::new().name("supervisor".into());
        let running = thread.spawn(|| {
            keep_off_this_thread();
            work();
        });
        running.unwrap().join().unwrap();
    }

    #[test]
    fn a_value_is_dropped_where_it_is_but_not_on_the_supervisors_thread() {
        let (tell, told) = mpsc::channel();
        drop(UserOwned::new(Telling(tell.clone())));
        assert_eq!(told.recv().unwrap().as_deref(), thread::current().name());
        supervised(move || drop(UserOwned::new(Telling(tell))));
        assert_eq!(told.recv().unwrap().as_deref(), Some(DROPPER));
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

    #[test]
    fn an_error_that_cannot_be_displayed_has_a_text_of_ours() {
        struct Silent;
        impl Display for Silent {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                panic!("no words")
            }
        }
        assert_eq!(text(&"away"), "away");
        assert_eq!(text(&Failing), NO_TEXT);
        assert_eq!(text(&Silent), NO_TEXT);
    }
}
