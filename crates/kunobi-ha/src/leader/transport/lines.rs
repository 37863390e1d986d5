//! The lines of an answer that has no end.

use bytes::BytesMut;
use http_body_util::BodyExt;

use super::{LARGEST_BODY, Stream};
use crate::error::BoxError;

/// Reads a stream line by line, each of up to 1 MiB.
pub(in crate::leader) struct Lines {
    stream: Stream,
    /// What came after the last line that was returned.
    buffer: BytesMut,
    /// How much of the buffer has no end of a line. A line that comes in many small pieces is not
    /// searched again with each of them.
    searched: usize,
}

impl Lines {
    pub(in crate::leader) fn new(stream: Stream) -> Self {
        Self { stream, buffer: BytesMut::new(), searched: 0 }
    }

    /// Returns the next line; `None` at the end of the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was received is kept.
    pub(in crate::leader) async fn next(&mut self) -> Result<Option<BytesMut>, BoxError> {
        loop {
            let fresh = &self.buffer[self.searched..];
            let length = match fresh.iter().position(|byte| *byte == b'\n') {
                Some(end) => self.searched + end + 1,
                None => self.buffer.len(),
            };
            if length > LARGEST_BODY {
                return Err("a line of the stream is longer than 1 MiB".into());
            }
            if self.buffer[..length].ends_with(b"\n") {
                self.searched = 0;
                return Ok(Some(self.buffer.split_to(length)));
            }
            self.searched = length;
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
