//! The options of `doctor`.

use clap::{Args, ValueEnum};

use super::{LeaseName, ObjectFormat, Timeout, timeout};

/// What is examined, and how it is reported.
#[derive(Args, Debug)]
pub(crate) struct DoctorOptions {
    /// The Lease [default: all of the namespace]
    #[arg(value_name = "LEASE")]
    pub(crate) lease: Option<LeaseName>,
    /// In all namespaces
    #[arg(short = 'A', long, conflicts_with = "lease")]
    pub(crate) all_namespaces: bool,
    /// How long to watch for renewals at most; two of each Lease are enough. 0s looks once
    #[arg(long, value_name = "TIME", value_parser = timeout, default_value = "6s")]
    pub(crate) observe: Timeout,
    /// The lowest severity with which the exit code is 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub(crate) fail_on: FailOn,
    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<ObjectFormat>,
}

/// What makes the doctor fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Errors and warnings
    Warning,
    /// Any finding
    Note,
    /// Nothing
    Never,
}
