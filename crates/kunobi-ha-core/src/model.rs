//! What a canonical form is made with. **Not public API**: for the exhaustive search of this repository.
//!
//! Two states are one for the search if no sequence of inputs tells them apart. So each part of an
//! elector says in its `canonical` which of its instants are only compared with the clock (what is
//! past is past), how far back another one can still matter, and what only notices depend on. Its
//! `rename` names every number of which only the order or the identity counts.

use core::time::Duration;

use crate::{
    time::{Instant, Timestamp},
    timing::TimingConfig,
};

/// How instants are moved, and what the world around the elector never does.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the search sets every field")]
#[expect(clippy::struct_excessive_bools, reason = "each is a family of what may happen")]
pub struct Frame {
    /// What the elector's clock shows now.
    pub now: Instant,
    /// What it is to show.
    pub shown_as: Instant,
    /// Every reading of the clock is a multiple of this, so that an instant between two of them
    /// counts as the later one.
    pub tick: Duration,
    /// Whether a request may be refused. If not, what rule 12 remembers is forgotten.
    pub refusals: bool,
    /// Whether the last answer's latency is kept. If not, each request is paced as if the last answer
    /// had come at once.
    pub latency: bool,
    /// Whether every term may be taken back early, however short it was and however often that
    /// happens, or none (rule O1). Electors have to be [supposed](crate::Elector::suppose) to do so.
    pub retakes: bool,
    /// Whether news of deaths may come (rule C4). If not, neither a term's first sight nor what is
    /// ours matters.
    pub deaths: bool,
}

/// Gives numbers other names. Each method is called for every occurrence of a number of its kind.
pub trait Rename {
    /// A resourceVersion.
    fn version(&mut self, version: &mut u64);
    /// A number that is compared with later resourceVersions only.
    fn mark(&mut self, version: &mut u64);
    /// The acquireTime of a record, or of a term or a bid.
    fn acquire_time(&mut self, time: &mut Timestamp);
    /// The acquireTime of a term that is kept only to know its records again. Returns whether there is
    /// any record, term or bid of it; if not, one such term is like another.
    fn remembered(&mut self, time: &mut Timestamp) -> bool;
    /// The renewTime of a record.
    fn renew_time(&mut self, time: &mut Timestamp);
    /// The last renewTime that was drawn: the next one is later.
    fn last_renew_time(&mut self, time: &mut Timestamp);
    /// The transitions of a record or of a term.
    fn transitions(&mut self, transitions: &mut i64);
    /// The id of an attempt.
    fn attempt(&mut self, id: &mut u64);
}

impl Frame {
    /// Moves an instant.
    #[must_use]
    pub fn moved(&self, at: Instant) -> Instant {
        if at == Instant::LAST {
            return at;
        }
        let tick = self.tick.as_nanos();
        if at >= self.now {
            let ticks = at.since(self.now).as_nanos().div_ceil(tick);
            self.shown_as.after(nanos(ticks * tick))
        } else {
            let ticks = self.now.since(at).as_nanos() / tick;
            self.before(nanos(ticks * tick))
        }
    }

    /// Moves an instant that is only asked whether it has come.
    #[must_use]
    pub fn due(&self, at: Instant) -> Instant {
        self.moved(at).max(self.shown_as)
    }

    /// Moves an instant that is as good as any earlier one after so much time.
    #[must_use]
    pub fn within(&self, horizon: Duration, at: Instant) -> Instant {
        self.moved(at).max(self.before(horizon))
    }

    /// Returns since when a leader leads: long enough to take its term back, or not.
    pub(crate) fn led_since(&self, config: &TimingConfig) -> Instant {
        if self.retakes { self.before(config.lease_duration * 5) } else { self.shown_as }
    }

    fn before(&self, time: Duration) -> Instant {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Instant::from_nanos(self.shown_as.as_nanos().saturating_sub(time))
    }
}

/// Renames the transitions of a term.
pub(crate) fn rename_small(transitions: &mut i32, names: &mut dyn Rename) {
    let mut long = i64::from(*transitions);
    names.transitions(&mut long);
    *transitions = i32::try_from(long).unwrap_or(i32::MAX);
}

fn nanos(count: u128) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or(u64::MAX))
}
