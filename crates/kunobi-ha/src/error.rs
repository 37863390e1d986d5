//! What can go wrong, and what is to be done about it.

use std::{fmt, time::Duration};

pub use kunobi_ha_core::InvalidConfig;

/// Why an election ended without a term.
///
/// After each of these this election does not lead, and `acquire()` can be called again.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This election has a candidate or a leader already: one [`LeaderElection`] takes part once.
    ///
    /// [`LeaderElection`]: crate::leader::LeaderElection
    #[error("this election already contends or leads; build another one to take part twice")]
    AlreadyLeading,
    /// A request failed.
    #[error("kubernetes api error: {message}")]
    Api {
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// What the server or the client said.
        message: String,
        /// What the client said, if there was no answer.
        source: Option<BoxError>,
    },
    /// Access to the Lease is not granted. Nothing was written.
    #[error("not allowed to {verb} the lease: {message}\nThis is missing:\n{role}")]
    Forbidden {
        /// What was not allowed: `get`, `create` or `update`.
        verb: &'static str,
        /// A Role that grants all that is needed, as YAML.
        role: String,
        /// What the server said.
        message: String,
    },
    /// The API server denied it with a 403 that no Role changes. Nothing was written.
    #[error("the API server denied to {verb} the lease: {message}\n{by}")]
    Denied {
        /// What was denied: `get`, `create` or `update`.
        verb: &'static str,
        /// Who denied it, as far as the answer tells.
        by: Denier,
        /// What the server said.
        message: String,
    },
    /// The configuration cannot work. Nothing was sent.
    #[error("invalid leader-election config: {0}")]
    InvalidConfig(#[from] InvalidConfig),
    /// The environment does not tell the name of the Lease: set `HA_LEASE`, as the chart does.
    #[error(
        "the name of the lease is not known: set HA_LEASE (the chart sets it to the name in the \
         Role), or name the lease with LeaderElection::builder"
    )]
    LeaseNameUnknown,
    /// The namespace does not exist: create it, or name another one.
    ///
    /// An account that has rights in some namespaces only gets [`Forbidden`](Self::Forbidden)
    /// instead, because the server checks rights first.
    #[error("namespace {namespace:?} does not exist")]
    NamespaceMissing {
        /// Its name.
        namespace: String,
    },
    /// The environment does not tell in which namespace this process runs: set `POD_NAMESPACE`.
    #[error(
        "the namespace is not known: set POD_NAMESPACE (the downward API field metadata.namespace), \
         or run in a pod with a service account"
    )]
    NamespaceUnknown,
    /// The API server serves something under the name of the Lease that could not be written back as
    /// one. It was not touched.
    #[error("{message}")]
    NotALease {
        /// What is wrong with it.
        message: String,
    },
    /// No request made progress for this long: no write succeeded, and no read showed a Lease that
    /// another replica holds. Exit, so that the pod is restarted, or try again.
    #[error("failed to observe or acquire leader lease within {0:?}: {1}")]
    ObserveTimeout(Duration, #[source] Box<Self>),
    /// The API server does not accept who this client says it is. Nothing was written.
    #[error(
        "the API server does not accept the credentials of this client (401): {message}\n\
         Check that the token or the certificate is of this cluster and has not expired; in a pod, \
         that its service account still exists"
    )]
    Unauthorized {
        /// What the server said.
        message: String,
    },
}

/// Who denied a request with a 403 that is not about roles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Denier {
    /// A webhook or a policy that looks at what is written.
    Admission,
    /// The namespace is being deleted: nothing can be created in it.
    NamespaceTerminating,
    /// A proxy or a gateway on the way, whose answer is not one of Kubernetes.
    Other,
    /// A quota of the namespace is used up.
    Quota,
}

/// The text of [`Display`](fmt::Display): a `main` that returns it prints its `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Says what is to be done.
impl fmt::Display for Denier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admission => {
                "No role is missing: let the policy or webhook that denied it admit this Lease"
            }
            Self::NamespaceTerminating => {
                "No role is missing: the namespace is being deleted; create it again, or name \
                 another one"
            }
            Self::Other => {
                "That is not how Kubernetes says that a role is missing: look at what is between \
                 this client and the API server"
            }
            Self::Quota => "No role is missing: raise the quota, or delete what uses it up",
        })
    }
}

/// Any error: what the work that a program hands over may end with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A result with this crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;
