//! Spans that are opened, entered and closed on the writer's thread, because a subscriber may write
//! at each of these.
//!
//! A thread enters a [`Span`] of ours, which runs no code of the user's: it only notes in a value of
//! that thread which span its lines belong to. The span of `tracing` behind it is made by the writer,
//! once, before any line that is in it: both go through the same queue. It is closed there too, when
//! the last handle and the last line that is in it are gone.

use std::{
    cell::RefCell,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use super::write_always;

/// A span. Clones are handles of the same span.
#[derive(Clone, Debug)]
pub(crate) struct Span(Option<Opened>);

/// Keeps the lines of this thread in a span while it lives.
#[must_use = "the span is left when this is dropped"]
pub(crate) struct Entered<'a> {
    before: Option<Opened>,
    /// A guard must be dropped on the thread that entered: it is not `Send`.
    span: PhantomData<(&'a Span, *const ())>,
}

/// The span of `tracing`; empty until the writer has opened it.
type Opened = Arc<OnceLock<tracing::Span>>;

thread_local! {
    static CURRENT: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

impl Span {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// Opens a span by calling `make`, in the span that this thread is in.
    pub(crate) fn open(make: impl FnOnce() -> tracing::Span + Send + 'static) -> Self {
        let opened = Opened::default();
        let of = Arc::clone(&opened);
        write_always(move || {
            of.get_or_init(make);
        });
        Self(Some(opened))
    }

    pub(crate) fn enter(&self) -> Entered<'_> {
        let before = match &self.0 {
            Some(opened) => CURRENT.replace(Some(Arc::clone(opened))),
            None => CURRENT.with_borrow(Clone::clone),
        };
        Entered { before, span: PhantomData }
    }

    pub(crate) fn in_scope<T>(&self, say: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        say()
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        // If a line that waits in the queue still holds it, that line closes it.
        if let Some(span) = self.0.take().and_then(Arc::into_inner) {
            write_always(move || drop(span));
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        // A thread that ends has lost its value already.
        let _ = CURRENT.try_with(|current| current.replace(self.before.take()));
    }
}

/// Returns a function that calls `line` in the span that this thread is in now.
pub(super) fn within(line: impl FnOnce() + Send + 'static) -> impl FnOnce() + Send + 'static {
    let current = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten();
    move || match current.as_ref().and_then(|current| current.get()) {
        Some(span) => span.in_scope(line),
        None => line(),
    }
}
