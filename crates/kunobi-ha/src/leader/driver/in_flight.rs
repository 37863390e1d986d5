//! Requests that are not answered yet.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::{
    Method, Request,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use kunobi_ha_core::{AttemptId, Instant, Verb};

use crate::{error::BoxError, leader::transport::Answer};

/// A request without an answer yet.
pub(super) struct InFlight {
    pub(super) id: AttemptId,
    pub(super) verb: Verb,
    pub(super) sent: Instant,
    /// Whether it renews a term.
    pub(super) renews: bool,
    pub(super) answer: Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>,
}

/// Waits for the first answer.
pub(super) fn poll(
    requests: &mut Vec<InFlight>,
    context: &mut Context<'_>,
) -> Poll<(InFlight, Result<Answer, BoxError>)> {
    for index in 0..requests.len() {
        if let Poll::Ready(answer) = requests[index].answer.as_mut().poll(context) {
            return Poll::Ready((requests.remove(index), answer));
        }
    }
    Poll::Pending
}

pub(super) fn request(
    method: Method,
    uri: &str,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, http::Error> {
    let request =
        Request::builder().method(method).uri(uri).header(ACCEPT, JSON).header(USER_AGENT, AGENT);
    let request = if body.is_empty() { request } else { request.header(CONTENT_TYPE, JSON) };
    request.body(body)
}

const JSON: &str = "application/json";
/// The API server notes what stands before the slash as the manager of the fields that are written.
const AGENT: &str = concat!("kunobi-ha/", env!("CARGO_PKG_VERSION"));
