//! A successful answer.

use bytes::Bytes;
use http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::Target;
use crate::{failure::Failure, time::ServerTime};

/// What was answered, and what the server's clock said then.
#[derive(Clone, Debug)]
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    pub(crate) time: ServerTime,
}

impl<T> Answer<T> {
    pub(super) const fn new(value: T, date: Timestamp, at: Instant) -> Self {
        Self { value, time: ServerTime::new(date, at) }
    }

    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: map(self.value), time: self.time }
    }
}

impl Answer<Bytes> {
    pub(super) fn parsed(self, target: &Target) -> Result<Answer<Value>, Failure> {
        let value = serde_json::from_slice(&self.value)
            .map_err(|error| Failure::Unreadable(target.to_string(), error.to_string()))?;
        Ok(self.map(|_| value))
    }
}

/// Reads the header `Date`, whose seconds are whole.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let headers = HeaderMap::from_iter([(
            header::DATE,
            HeaderValue::from_static("Fri, 27 Nov 2026 10:00:07 GMT"),
        )]);
        assert_eq!(date(&headers), "2026-11-27T10:00:07Z".parse().ok());
        assert_eq!(date(&HeaderMap::new()), None);
    }
}
