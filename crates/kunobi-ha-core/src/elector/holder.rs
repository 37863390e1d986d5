//! A phase that holds the Lease: what happens goes to its [`Holding`] first.

use super::{
    answer::Answer,
    holding::{Held, Holding},
    in_flight::InFlight,
    next::Next,
    turn::Turn,
};
use crate::{lease::Lease, lease_view::ShownBy};

pub(super) trait Holder {
    fn holding(&mut self) -> &mut Holding;

    /// Takes what came of a turn for the Lease that is held.
    fn take(&mut self, held: Held, turn: &mut Turn<'_>) -> Next;

    fn pass_time(&mut self, turn: &mut Turn<'_>) -> Next {
        let held = self.holding().pass_time(turn);
        self.take(held, turn)
    }

    fn answered(&mut self, attempt: InFlight, answer: Answer, turn: &mut Turn<'_>) -> Next {
        let held = self.holding().answered(attempt, answer, turn);
        self.take(held, turn)
    }

    fn event_showed(&mut self, lease: Lease, turn: &mut Turn<'_>) -> Next {
        let held = self.holding().shown(ShownBy::Event, lease, turn);
        self.take(held, turn)
    }
}
