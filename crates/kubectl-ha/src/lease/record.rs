//! Values of a Lease.

use std::fmt;

use jiff::Timestamp;

/// A time as it was served, and as it is understood, if it is a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Moment {
    pub(crate) text: String,
    pub(crate) at: Option<Timestamp>,
}

/// An entry of `managedFields`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Manager {
    pub(crate) name: String,
    pub(crate) operation: String,
    pub(crate) subresource: String,
    pub(crate) time: Option<Timestamp>,
    /// It wrote `spec.renewTime` last.
    pub(crate) renews: bool,
}

impl Moment {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), at: text.parse().ok() }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
