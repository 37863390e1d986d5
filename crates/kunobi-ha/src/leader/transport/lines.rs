//! The lines of an answer that has no end.

use http_body_util::BodyExt;

use super::{LARGEST_BODY, Stream};
use crate::error::BoxError;

/// Reads a stream line by line, each of up to 1 MiB.
pub(in crate::leader) struct Lines {
    stream: Stream,
    /// What came after the last line that was returned.
    buffer: Vec<u8>,
}

impl Lines {
    pub(in crate::leader) const fn new(stream: Stream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Returns the next line; `None` at the end of the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was received is kept.
    pub(in crate::leader) async fn next(&mut self) -> Result<Option<Vec<u8>>, BoxError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.buffer.drain(..=end).collect()));
            }
            if self.buffer.len() > LARGEST_BODY {
                return Err("a line of the stream is longer than 1 MiB".into());
            }
            let Some(frame) = self.stream.frame().await else {
                return Ok(None);
            };
            // Trailers are not data.
            if let Ok(data) = frame?.into_data() {
                self.buffer.extend_from_slice(&data);
            }
        }
    }
}
