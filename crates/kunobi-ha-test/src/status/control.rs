//! What `/_ha` refuses.

use http::StatusCode;

use super::Rejection;

impl Rejection {
    /// 404, in words of its own.
    pub(crate) fn no_such_page(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// 405, in words of its own.
    pub(crate) fn no_such_method(message: String) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
    }
}
