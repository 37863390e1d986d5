//! Spans that are opened, entered and closed where lines are written: a subscriber may write at each
//! of these.

use std::{
    cell::RefCell,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use super::write_surely;

/// A span of `tracing`. Clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Span(Option<Opened>);

/// Lines of this thread are in the span while this lives.
#[must_use = "it is left when this is dropped"]
pub(crate) struct Entered<'a> {
    before: Option<Opened>,
    /// It belongs to this thread.
    span: PhantomData<(&'a Span, *const ())>,
}

/// The span, once it was its turn to be opened.
type Opened = Arc<OnceLock<tracing::Span>>;

thread_local! {
    static CURRENT: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

impl Span {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// Opens a span by calling this, within the one that this thread is in.
    pub(crate) fn open(make: impl FnOnce() -> tracing::Span + Send + 'static) -> Self {
        let opened = Opened::default();
        let of = Arc::clone(&opened);
        write_surely(move || {
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
        // A line that is still to be written closes it otherwise.
        if let Some(span) = self.0.take().and_then(Arc::into_inner) {
            write_surely(move || drop(span));
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        // A thread that ends is in no span any more.
        let _ = CURRENT.try_with(|current| current.replace(self.before.take()));
    }
}

/// Returns what calls this in the span that this thread is in.
pub(super) fn within(line: impl FnOnce() + Send + 'static) -> impl FnOnce() + Send + 'static {
    let current = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten();
    move || match current.as_ref().and_then(|current| current.get()) {
        Some(span) => span.in_scope(line),
        None => line(),
    }
}
