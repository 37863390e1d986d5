//! The commands: a file for each, with one `run`.

pub(crate) mod get;
pub(crate) mod list;
