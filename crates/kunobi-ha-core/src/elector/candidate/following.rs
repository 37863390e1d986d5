//! Who holds the Lease, as an operator is told: anybody can edit it a thousand times a second.

use alloc::boxed::Box;
use core::time::Duration;

use crate::{
    observation::{Sight, View},
    step::{Notice, Step},
    time::Instant,
};

/// What was told last, if anything was.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Following {
    told: Option<Seen>,
    next_from: Option<Instant>,
}

/// A look at the Lease has shown this.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Seen {
    holder: Option<Box<str>>,
}

impl Following {
    pub(super) fn tell(&mut self, sight: &Sight, spacing: Duration, now: Instant, step: &mut Step) {
        if self.tell_at(sight).is_some_and(|at| now >= at)
            && let Some(seen) = Seen::of(sight)
        {
            step.notices.push(Notice::Following { holder: seen.holder.clone() });
            self.told = Some(seen);
            self.next_from = Some(now.after(spacing));
        }
    }

    /// Returns when there is something to tell.
    pub(super) fn tell_at(&self, sight: &Sight) -> Option<Instant> {
        let seen = Seen::of(sight);
        let is_news = seen.is_some() && seen != self.told;
        is_news.then(|| self.next_from.unwrap_or(Instant::from_nanos(0)))
    }
}

impl Seen {
    fn of(sight: &Sight) -> Option<Self> {
        let holder = match &sight.view {
            View::Unknown => return None,
            View::Absent { .. } => None,
            View::Present(seen) => seen.record.holder.clone(),
        };
        Some(Self { holder })
    }
}
