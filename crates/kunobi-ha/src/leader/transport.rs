//! The one trait through which a Kubernetes client comes in, and an adapter for each kube major.

mod adapter;
#[cfg(any(feature = "kube-3", feature = "kube-4", feature = "kube-5"))]
mod clients;
#[cfg(feature = "kube-3")]
mod kube3;
#[cfg(feature = "kube-4")]
mod kube4;
#[cfg(feature = "kube-5")]
mod kube5;
mod lines;
mod standalone;

use std::{fmt::Debug, io, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, header::RETRY_AFTER};
use http_body_util::{BodyExt, Limited, combinators::UnsyncBoxBody};
use kunobi_ha_core::Connection;

pub(super) use self::{lines::Lines, standalone::Standalone};
use crate::error::BoxError;

/// How Leases are read and written: a `kube::Config` or a `kube::Client` of any major whose feature
/// is on.
///
/// # Which of the two
///
/// Give a `kube::Config`, unless one process has hundreds of elections. The election then makes a
/// client of its own at its first request, and a new one when it needs new connections:
///
/// - When a machine of the control plane loses power, all connections to it go silent and stay open.
///   A second attempt then goes over a connection that is opened for it, however many silent ones
///   there are. The new client is used from its first answer on, and the watch moves to it. Until
///   then, each request has a connection of its own there; an outage takes one new client, and runs
///   an exec plugin once more.
/// - A client runs on a thread of its own. An exec plugin that hangs, while a client is made or its
///   token renewed, blocks no thread of the program; and the requests of a client do not wait for
///   the blocking pool of the program, where kube resolves names and renews tokens. While a plugin
///   hangs, one attempt waits for it, and others go over the client that is in use.
/// - After a 401, the next request goes over a new client, which reads the credentials again.
/// - The election can move to another runtime. A `kube::Client` ends with the runtime that it was
///   made in.
///
/// If a client can't be made, that request fails, and the next one tries again. An election has one
/// such thread, and a second one while nothing is answered; they end with it. What kube logs on that
/// thread is discarded: the election itself reports the requests that fail.
///
/// With a `kube::Client`, the connections are those of the rest of the program. A second attempt may
/// go over another idle connection, which may be as silent as the first. The number of these that a
/// leader survives is [`Bounds::dead_connections`](super::Bounds::dead_connections).
///
/// A test under a paused clock needs a `kube::Client` without sockets: the clients that are made from
/// a `kube::Config` have the real clock.
///
/// A `read_timeout` or a `connect_timeout` in the `kube::Config` cuts off requests that the election
/// would still wait for. Keep them as long as its `renew_deadline` or longer; the defaults of kube
/// (none, and 30 s) are, for a deadline of up to 30 s.
///
/// It is sealed for now.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used for an election",
    label = "neither a `kube::Config` nor a `kube::Client` of a kube major whose feature is on",
    note = "kube 5 needs the feature `kube-5` of kunobi-ha, kube 4 needs `kube-4`, kube 3 needs \
            `kube-3`",
    note = "`kube-5` is on by default, but not where kunobi-ha has `default-features = false`"
)]
pub trait LeaseStore: sealed::Sealed {
    #[doc(hidden)]
    fn into_transport(self) -> Arc<dyn Transport>;
}

/// Sends requests.
#[expect(unnameable_types, reason = "the trait that returns it is sealed")]
pub trait Transport: Debug + Send + Sync {
    /// Sends one request, once, and returns the head of its answer.
    fn send(&self, request: Request<Vec<u8>>) -> Sending;

    /// Sends one request, once, and returns its whole answer.
    ///
    /// What shares its connections with others can't choose among them.
    fn exchange(&self, request: Request<Vec<u8>>, _: Connection) -> Exchanging {
        Box::pin(exchange(self.send(request)))
    }
}

#[expect(unreachable_pub, reason = "as public as the sealed trait that returns it")]
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<Stream>, BoxError>> + Send>>;
#[expect(unreachable_pub, reason = "as public as the sealed trait that returns it")]
pub type Exchanging = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;
#[expect(unreachable_pub, reason = "as public as the sealed trait that returns it")]
pub type Stream = UnsyncBoxBody<Bytes, io::Error>;

/// A whole answer.
#[derive(Debug)]
#[expect(unnameable_types, reason = "the trait that returns it is sealed")]
pub struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Bytes,
}

/// Sends a request and reads its whole answer, up to 1 MiB.
async fn exchange(sending: Sending) -> Result<Answer, BoxError> {
    let (head, body) = sending.await?.into_parts();
    let retry_after = head
        .headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .map(Duration::from_secs);
    let body = Limited::new(body, LARGEST_BODY).collect().await?.to_bytes();
    Ok(Answer { status: head.status.as_u16(), retry_after, body })
}

impl Answer {
    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed {}
}

const LARGEST_BODY: usize = 1 << 20;
