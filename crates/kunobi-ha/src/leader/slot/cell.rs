//! Who has what is kept in a slot.
//!
//! One lock protects the whole of it; nothing that runs under it waits, or calls code of the user.

use std::mem;

use crate::sync::{Mutex, lock};

/// Keeps one `D`, or remembers the `C` for which it was checked out.
pub(super) struct SlotCell<D, C>(Mutex<SlotState<D, C>>);

enum SlotState<D, C> {
    /// It was never made, or was lost to a panic.
    Empty,
    In(D),
    Out(C),
}

/// What comes of asking for what is kept.
pub(super) enum CheckOut<D, C> {
    /// Another candidacy has it, and is not over.
    InUse,
    /// Another candidacy has it, and is over: it comes back soon.
    Returning,
    /// It was checked out; `None`: it has to be made.
    CheckedOut(C, Option<D>),
}

impl<D, C: Clone> SlotCell<D, C> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(SlotState::Empty))
    }

    /// Checks it out for the candidacy that `begin` begins, unless another one has it.
    pub(super) fn check_out(
        &self,
        begin: impl FnOnce() -> C,
        is_over: impl FnOnce(&C) -> bool,
    ) -> CheckOut<D, C> {
        let mut state = lock(&self.0);
        let kept = match mem::replace(&mut *state, SlotState::Empty) {
            SlotState::Empty => None,
            SlotState::In(kept) => Some(kept),
            SlotState::Out(whose) => {
                let answer = if is_over(&whose) { CheckOut::Returning } else { CheckOut::InUse };
                *state = SlotState::Out(whose);
                return answer;
            }
        };
        let whose = begin();
        *state = SlotState::Out(whose.clone());
        CheckOut::CheckedOut(whose, kept)
    }

    /// Puts it back; `None`: it has to be made again.
    pub(super) fn put_back(&self, kept: Option<D>) {
        *lock(&self.0) = kept.map_or(SlotState::Empty, SlotState::In);
    }
}
