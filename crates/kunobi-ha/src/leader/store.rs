//! The one trait through which a Kubernetes client comes in, and an adapter for each kube major.

mod adapter;
#[cfg(feature = "kube-3")]
mod kube3;
#[cfg(feature = "kube-4")]
mod kube4;
#[cfg(feature = "kube-5")]
mod kube5;
mod standalone;

use std::{fmt::Debug, io, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, header::RETRY_AFTER};
use http_body_util::{BodyExt, Limited, combinators::UnsyncBoxBody};

pub(super) use self::standalone::Standalone;

/// A client through which Leases are read and written: a `kube::Client` of any major whose feature
/// is on.
///
/// It is sealed for now.
pub trait LeaseStore: sealed::Sealed {
    #[doc(hidden)]
    fn into_transport(self) -> Arc<dyn Transport>;
}

/// Sends requests.
#[allow(unnameable_types)] // The trait that returns it is sealed.
pub trait Transport: Debug + Send + Sync {
    /// Sends one request, once, and returns the head of its answer.
    fn send(&self, request: Request<Vec<u8>>) -> Sending;
}

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
#[allow(unreachable_pub)] // As public as the sealed trait that returns it.
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<Stream>, BoxError>> + Send>>;
#[allow(unreachable_pub)] // As public as the sealed trait that returns it.
pub type Stream = UnsyncBoxBody<Bytes, io::Error>;

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Bytes,
}

/// Sends a request and reads its whole answer, up to 1 MiB.
pub(super) async fn exchange(sending: Sending) -> Result<Answer, BoxError> {
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

mod sealed {
    #[allow(unnameable_types)] // That is what seals.
    pub trait Sealed {}
}

pub(super) const LARGEST_BODY: usize = 1 << 20;
