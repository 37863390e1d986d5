//! One line of a watch, as it goes to the client.

use bytes::Bytes;

#[derive(Clone, Debug)]
pub(in crate::server) struct Line {
    pub(in crate::server) bytes: Bytes,
    pub(in crate::server) is_bookmark: bool,
    /// With it, everything up to this version is told.
    pub(in crate::server) version: u64,
}
