//! Who else is to lead, by the wish of somebody who may write annotations (rule P3).

use alloc::boxed::Box;

use crate::{elector::turn::Turn, lease_view::LeaseView, notice::Notice, time::Instant};

/// At most one wish of a term is told.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Wish {
    /// None was told yet.
    Open {
        /// This one is older than the term.
        older: Option<Box<str>>,
    },
    Told,
}

impl Wish {
    /// What was wished before a term does not count in it.
    pub(super) fn before(view: &LeaseView) -> Self {
        Self::Open { older: shown(view).map(Box::from) }
    }

    /// Tells of a wish for somebody else, from that instant on.
    pub(super) fn tell(&mut self, from: Instant, turn: &mut Turn<'_>) {
        let Self::Open { older } = self else { return };
        let wish = shown(&turn.memory.view);
        if wish.is_none() {
            // Wished again, it is a new wish.
            *older = None;
        }
        let is_new = |wish: &&str| Some(*wish) != older.as_deref();
        let is_other = |wish: &&str| *wish != turn.memory.writer.identity();
        if let Some(successor) = wish.filter(is_new).filter(is_other)
            && turn.now() >= from
        {
            let successor = successor.into();
            turn.notice(Notice::Wished { successor });
            *self = Self::Told;
        }
    }
}

fn shown(view: &LeaseView) -> Option<&str> {
    view.present().and_then(|seen| seen.lease.hints.wish.as_deref())
}

#[cfg(feature = "model")]
impl Wish {
    /// Only notices depend on it.
    pub(super) fn canonical(&mut self) {
        *self = Self::Told;
    }
}
