//! Promises, and what is said of one that was broken.

use std::fmt;

/// A promise that can be broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Promise {
    /// Two believe at once.
    Overlap,
    /// Belief that no applied write backs, or that outlives what it was shown.
    Belief,
    /// Belief in a Lease of one's own making before its grace is over.
    Grace,
    /// What is said of a release is not so.
    Release,
    /// Publications that make no sense one after the other.
    Order,
    /// A Lease that is held is taken too early.
    Wait,
    /// What is said of news, wishes and successors is not so.
    News,
    /// A version or a deadline goes back.
    Backwards,
    /// Too many requests or wake-ups.
    Rate,
    /// A request that may not be sent.
    Request,
    /// The Lease does not get better.
    Recovery,
    /// A call that is not a step of the protocol.
    Spec,
}

/// A promise that was broken, and how.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Broken {
    what: String,
}

/// The promises that are watched: all of them, or the one that a planted bug is to be found by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watched(pub(crate) Option<Promise>);

impl Watched {
    pub(crate) fn watches(self, promise: Promise) -> bool {
        self.0.is_none_or(|only| only == promise)
    }

    pub(crate) fn deny(
        self,
        promise: Promise,
        wrong: bool,
        what: impl FnOnce() -> String,
    ) -> Result<(), Broken> {
        if wrong && self.watches(promise) { Err(Broken::new(promise, &what())) } else { Ok(()) }
    }
}

impl Broken {
    pub(crate) fn new(promise: Promise, what: &str) -> Self {
        Self { what: format!("{promise:?}: {what}") }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
