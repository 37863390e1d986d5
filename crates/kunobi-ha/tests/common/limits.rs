//! The limits of the probe server, as its documentation promises them.

use std::time::Duration;

/// How many connections are open at a time.
pub(crate) const CONNECTIONS: usize = 64;
/// How long a client may take to send the head of a request.
pub(crate) const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
