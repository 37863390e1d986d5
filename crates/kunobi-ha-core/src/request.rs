//! What the machine asks of the API server.

use core::fmt;

use crate::{lease::Version, record::LeaseRecord};

/// A request to send.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a driver must know every field")]
pub struct Attempt {
    /// By which its answer is given back.
    pub id: AttemptId,
    /// What to send.
    pub request: Request,
    /// Over which connection.
    pub connection: Connection,
}

/// Identifies one request of one elector; later requests have larger ids.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttemptId(pub(crate) u64);

/// What to send.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must know every one of them")]
pub enum Request {
    /// GET the Lease, without a resourceVersion.
    Read,
    /// Create the Lease with this record.
    Create {
        /// The whole record.
        record: LeaseRecord,
        /// How.
        via: CreateVia,
    },
    /// PUT this record over exactly that version.
    Update {
        /// Goes out as `metadata.uid` and `metadata.resourceVersion`.
        version: Version,
        /// The whole record.
        record: LeaseRecord,
    },
}

/// How a Lease is created.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "HTTP knows no third way")]
pub enum CreateVia {
    /// PUT without uid and resourceVersion: it has a name, so that a Role can limit it by name.
    #[default]
    Put,
    /// POST, for servers that do not create on PUT.
    Post,
}

/// Over which connection a request goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a request can ask for nothing else")]
pub enum Connection {
    /// Any that is open.
    Any,
    /// A newly opened one: nothing was answered since the last request went out, so that all
    /// connections that are open may be dead.
    New,
}

/// What the server's access control calls a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the elector sends nothing else")]
pub enum Verb {
    /// A PUT without uid and version, or a POST.
    Create,
    /// A GET.
    Get,
    /// A PUT with uid and version.
    Update,
}

impl AttemptId {
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Returns the number, for logs.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Request {
    /// Returns what the server's access control calls this request.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Create { .. } => Verb::Create,
            Self::Read => Verb::Get,
            Self::Update { .. } => Verb::Update,
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::Update => "update",
        })
    }
}

#[cfg(feature = "model")]
impl AttemptId {
    /// Not public API.
    #[doc(hidden)]
    pub fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        names.attempt(&mut self.0);
    }
}

#[cfg(feature = "model")]
impl Request {
    /// Not public API.
    #[doc(hidden)]
    pub fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        match self {
            Self::Read => {}
            Self::Create { record, .. } => record.rename(names),
            Self::Update { version, record } => {
                version.rename(names);
                record.rename(names);
            }
        }
    }
}
