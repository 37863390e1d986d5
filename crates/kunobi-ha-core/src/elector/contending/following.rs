//! Who holds the Lease, as an operator is told: anybody can edit it a thousand times a second.

use alloc::boxed::Box;

use crate::{
    elector::turn::Turn,
    lease_view::{Known, LeaseView},
    notice::Notice,
    time::Instant,
};

/// What was told last, if anything was.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Following {
    told: Option<Seen>,
    next_from: Option<Instant>,
}

/// A read has shown this.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Seen {
    holder: Option<Box<str>>,
}

impl Following {
    pub(super) fn tell(&mut self, turn: &mut Turn<'_>) {
        if self.tell_at(&turn.memory.view).is_some_and(|at| turn.now() >= at)
            && let Some(seen) = Seen::of(&turn.memory.view)
        {
            turn.notice(Notice::Following { holder: seen.holder.clone() });
            self.told = Some(seen);
            self.next_from = Some(turn.now().after(turn.config().retry_period));
        }
    }

    /// Returns when there is something to tell.
    pub(super) fn tell_at(&self, view: &LeaseView) -> Option<Instant> {
        let seen = Seen::of(view);
        let is_news = seen.is_some() && seen != self.told;
        is_news.then(|| self.next_from.unwrap_or(Instant::from_nanos(0)))
    }
}

impl Seen {
    fn of(view: &LeaseView) -> Option<Self> {
        let holder = match &view.known {
            Known::Nothing => return None,
            Known::Absent { .. } => None,
            Known::Present(seen) => seen.lease.record.holder.clone(),
        };
        Some(Self { holder })
    }
}
