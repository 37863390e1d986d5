//! For how long something was so, as far as looks can tell.

use std::time::Duration;

/// For how long something was so at two looks in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stopwatch {
    total: Duration,
    last: Duration,
    was_so: bool,
}

impl Stopwatch {
    pub(super) fn look(&mut self, at: Duration, is_so: bool) {
        if is_so && self.was_so {
            self.total += at.saturating_sub(self.last);
        }
        (self.last, self.was_so) = (at, is_so);
    }

    pub(crate) const fn total(&self) -> Duration {
        self.total
    }
}
