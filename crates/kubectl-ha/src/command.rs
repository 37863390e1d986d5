//! The commands: a file for each, with one `run`.

pub(crate) mod completion;
pub(crate) mod explain;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod step_down;
pub(crate) mod wait;
pub(crate) mod watch;
