//! What came of a candidacy.

use kunobi_ha_core::Release;

use super::guard::LeaderGuard;

/// What came of a candidacy that its user could end: returned by
/// [`acquire_unless`](super::LeaderElection::acquire_unless).
#[derive(Debug)]
#[must_use = "leadership ends when the guard is dropped"]
#[expect(clippy::exhaustive_enums, reason = "there is no third end but an error")]
pub enum Acquired {
    /// This replica leads.
    Leading(LeaderGuard),
    /// The user ended it, and this became of the Lease. This replica never led.
    ///
    /// [`Release::NotHeld`] if no write of its own was under way, or if none was applied.
    Stopped(Release),
}
