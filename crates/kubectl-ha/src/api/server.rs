//! Which API server is asked, as errors name it.

use std::{fmt, sync::Arc};

/// The address of an API server, and where that was found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Server(Arc<str>);

impl Server {
    /// Names the server of a context.
    pub(super) fn of_context(url: &impl fmt::Display, context: &str) -> Self {
        let url = url.to_string();
        Self(format!(" {} of the context {context}", url.trim_end_matches('/')).into())
    }

    /// Names the server of the cluster in which the program runs as a pod.
    pub(super) fn of_pod(url: &impl fmt::Display) -> Self {
        let url = url.to_string();
        Self(format!(" {} of this pod's cluster", url.trim_end_matches('/')).into())
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the API server{}", self.0)
    }
}
