//! What hears every call of every elector.

use std::fmt;

use kunobi_ha_core::{Elector, Input, Step, TimingConfig};

/// Instants of the virtual real time are in nanoseconds.
pub(crate) trait Listener: fmt::Debug {
    fn started(&mut self, start: &Start);
    fn called(&mut self, real: u64, call: &Call);
    /// Something happened around the electors.
    fn noted(&mut self, real: u64, what: &dyn fmt::Debug);
}

/// An elector that knows nothing begins.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) replica: usize,
    pub(crate) identity: &'a str,
    pub(crate) config: &'a TimingConfig,
    pub(crate) seed: u64,
}

/// One call of one elector.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) replica: usize,
    /// Nanoseconds of the monotonic clock.
    pub(crate) now: u64,
    /// Microseconds of the wall clock, as they were read.
    pub(crate) wall: i64,
    pub(crate) digits: u32,
    pub(crate) input: &'a Input,
    pub(crate) step: &'a Step,
    /// As it is after the call.
    pub(crate) elector: &'a Elector,
}
