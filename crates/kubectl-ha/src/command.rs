//! The commands: a file for each, with one `run`.

pub(crate) mod list;
