//! What can go wrong, in words that say what to do.

use std::{io, time::Duration};

use crate::{
    api::{Denied, Server},
    exit::Exit,
    time::fine,
};

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no cluster to ask.
    #[error("{0}")]
    NoCluster(String),
    /// The server can't be reached, or it did not answer.
    #[error(
        "{server} does not answer: {why}\n\
        Is the cluster running, and the network between? {} asks the same server.",
        server.command("cluster-info")
    )]
    Unreachable { server: Server, why: String },
    /// No answer came in time.
    #[error(
        "no answer of {server} within {}: it or the network is slow, or `--request-timeout` is too short",
        fine(*limit)
    )]
    Late { server: Server, limit: Duration },
    /// The server does not know who asks.
    #[error(
        "{server} refuses the credentials (401): {why}\n\
        Log in again, or choose another context with `--context`; {} shows who you are.",
        server.command("auth whoami")
    )]
    Unauthorized { server: Server, why: String },
    /// A right is missing.
    #[error("{0}")]
    Denied(Box<Denied>),
    /// An object does not exist.
    #[error("{0}")]
    NotFound(String),
    /// Another answer of the server that is no success.
    #[error("the API server answers {code} ({reason}): {message}")]
    Refused { code: u16, reason: String, message: String },
    /// An answer that is not what the API promises.
    #[error("the answer of the API server to {0} can't be read: {1}")]
    Unreadable(String, String),
    /// The state of the cluster does not allow it.
    #[error("{0}")]
    NotNow(String),
    /// The options contradict each other, or the cluster.
    #[error("{0}")]
    Usage(String),
    /// The output can't be written.
    #[error("the output can't be written: {0}")]
    Output(io::Error),
}

impl Failure {
    /// Returns what the shell is told.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::NoCluster(_)
            | Self::Unreachable { .. }
            | Self::Late { .. }
            | Self::Unauthorized { .. }
            | Self::Denied(_)
            | Self::NotFound(_)
            | Self::NotNow(_)
            | Self::Refused { .. }
            | Self::Unreadable(..)
            | Self::Output(_) => Exit::Failed,
        }
    }

    /// Returns what is wrong, without what to do.
    pub(crate) fn first_line(&self) -> String {
        self.to_string().lines().next().unwrap_or_default().to_owned()
    }

    /// Whether the object that was asked for does not exist.
    pub(crate) const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }
}
