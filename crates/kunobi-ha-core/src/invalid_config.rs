//! Why a configuration cannot work.

use alloc::string::String;
use core::{fmt, time::Duration};

use thiserror::Error;

/// Why a configuration cannot work.
#[derive(Clone, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// `renew_deadline` is not less than `lease_duration`: two replicas could lead at once.
    #[error("renew_deadline ({renew:?}) must be strictly less than lease_duration ({lease:?})")]
    RenewDeadlineNotLess {
        /// Configured `renew_deadline`.
        renew: Duration,
        /// Configured `lease_duration`.
        lease: Duration,
    },
    /// `lease_duration` is below one second, the unit of `leaseDurationSeconds`.
    #[error("lease_duration ({lease:?}) must be at least one whole second")]
    LeaseDurationTooSmall {
        /// Configured `lease_duration`.
        lease: Duration,
    },
    /// `lease_duration` is not a whole number of seconds, the unit of `leaseDurationSeconds`.
    #[error("lease_duration ({lease:?}) must be a whole number of seconds")]
    LeaseDurationNotWholeSeconds {
        /// Configured `lease_duration`.
        lease: Duration,
    },
    /// `lease_duration` does not fit into `leaseDurationSeconds`.
    #[error("lease_duration ({lease:?}) must be at most {max_seconds} s")]
    LeaseDurationTooLarge {
        /// Configured `lease_duration`.
        lease: Duration,
        /// The largest number of seconds that fits.
        max_seconds: u64,
    },
    /// `retry_period` is greater than `renew_deadline`: the leader could never renew in time.
    #[error("retry_period ({retry:?}) must be at most renew_deadline ({renew:?})")]
    RetryPeriodTooLong {
        /// Configured `retry_period`.
        retry: Duration,
        /// Configured `renew_deadline`.
        renew: Duration,
    },
    /// `renew_request_timeout` is greater than `renew_deadline`: a second request would come too
    /// late.
    #[error("renew_request_timeout ({timeout:?}) must be at most renew_deadline ({renew:?})")]
    RenewRequestTimeoutTooLong {
        /// Configured `renew_request_timeout`.
        timeout: Duration,
        /// Configured `renew_deadline`.
        renew: Duration,
    },
    /// `renew_request_timeout` is zero: every request would be sent twice.
    #[error("renew_request_timeout must be greater than zero")]
    RenewRequestTimeoutZero,
    /// `retry_period` is zero: the API server would be asked without a pause.
    #[error("retry_period must be greater than zero")]
    RetryPeriodZero,
    /// `observe_timeout` is zero: no answer could come in time.
    #[error("observe_timeout must be greater than zero")]
    ObserveTimeoutZero,
    /// Certificates of death do not work without the name of the container in which this process runs,
    /// and no container has this name.
    #[error("container {container:?} cannot certify deaths: {rule}")]
    ContainerInvalid {
        /// Configured name.
        container: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The path of the termination message is not absolute.
    #[error(
        "the path of the termination message must be absolute, as the terminationMessagePath of the \
         container is, not {path:?}"
    )]
    TerminationMessagePathInvalid {
        /// Configured path.
        path: String,
    },
    /// The identity is empty: such a holder counts as nobody.
    #[error("identity must not be empty")]
    IdentityEmpty,
    /// The name of the Lease is empty.
    #[error("lease name must not be empty")]
    NameEmpty,
    /// The namespace of the Lease is empty.
    #[error("namespace must not be empty")]
    NamespaceEmpty,
    /// Kubernetes would not store a Lease with this label.
    #[error("label {key:?}: {value:?} cannot be stored: {rule}")]
    LabelInvalid {
        /// Its key.
        key: String,
        /// Its value.
        value: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// Kubernetes would not store a Lease of this name.
    #[error("lease name {name:?} cannot be stored: {rule}")]
    NameInvalid {
        /// Configured name.
        name: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// Kubernetes would not store a Lease in a namespace of this name.
    #[error("namespace {namespace:?} cannot exist: {rule}")]
    NamespaceInvalid {
        /// Configured namespace.
        namespace: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
}

/// As [`Display`](fmt::Display) has it, for that is what a `main` that returns it prints.
impl fmt::Debug for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
