//! A request that has taken too long.

use http::StatusCode;

use super::Rejection;

impl Rejection {
    /// 504: its time was over before it was done. Nothing was written.
    pub(crate) fn out_of_time() -> Self {
        let message = "Timeout: request did not complete within the allotted timeout";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "Timeout", message.into()).by_router()
    }
}
