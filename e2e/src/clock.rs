//! The clock that all processes of a machine share.

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// Returns `CLOCK_BOOTTIME` in nanoseconds.
#[must_use]
pub fn boottime() -> u64 {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Returns what a wall-clock time that was read a moment ago was on [`boottime`].
#[must_use]
pub fn on_boottime(wall: Timestamp) -> u64 {
    let before = boottime();
    let now = Timestamp::now();
    let middle = before.midpoint(boottime());
    let ago = now.duration_since(wall).as_nanos();
    let at = i128::from(middle) - ago;
    u64::try_from(at).unwrap_or(0)
}
