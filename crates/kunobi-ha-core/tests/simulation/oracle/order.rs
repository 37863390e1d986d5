//! The publications of one elector, one a step, tell a story that makes sense.
//!
//! rule 16: publications come in an order that makes sense

use kunobi_ha_core::{Input, Leadership, Release, StepDownReason, Term};

use super::{Broken, Promise, Scene, Witness};

/// What a reader of the publications makes of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Order {
    #[default]
    Idle,
    Contending,
    Leading(Term),
    Releasing,
    /// Given up with a write under way: what it wins is released.
    Withdrawing,
}

impl Witness {
    pub(super) fn check_order(&mut self, scene: &Scene) -> Result<(), Broken> {
        let before = self.order;
        let after = before.after(scene.input, scene.step.publish.as_ref(), self.went_back(scene));
        self.order = after.unwrap_or_default();
        let published = &scene.step.publish;
        self.watched.deny(Promise::Order, after.is_none(), || {
            format!("{before:?} was told {:?} and published {published:?}", scene.input)
        })
    }
}

impl Order {
    /// Returns what is to be made of one step, if anything can.
    fn after(self, input: &Input, published: Option<&Leadership>, back: bool) -> Option<Self> {
        let Some(published) = published else {
            return self.in_silence(input);
        };
        let asked = matches!(input, Input::StepDown | Input::Stop);
        match (self, published) {
            (Self::Idle, Leadership::Following { .. }) => {
                (*input == Input::Acquire).then_some(Self::Contending)
            }
            (Self::Contending, Leadership::Following { .. }) => {
                (!asked).then_some(Self::Contending)
            }
            (Self::Contending, Leadership::Leading { term, .. }) => {
                (!asked).then_some(Self::Leading(*term))
            }
            (Self::Contending, Leadership::Failed(_)) => (!asked).then_some(Self::Idle),
            (Self::Contending, Leadership::Withdrawn) => asked.then_some(Self::Idle),
            (Self::Withdrawing, Leadership::Withdrawn) => Some(Self::Idle),
            (Self::Leading(running), Leadership::Leading { term, .. }) => {
                (running == *term && !asked).then_some(self)
            }
            (Self::Leading(running), Leadership::Ended { term, reason }) => (running == *term)
                .then_some(match (reason, input) {
                    (StepDownReason::Cancelled, Input::StepDown) => Self::Releasing,
                    (_, _) => next(input),
                }),
            (Self::Releasing | Self::Withdrawing, Leadership::Released(release)) => {
                // A release that time ends is over after the input, one that the clock ends before.
                let after = if back { next(input) } else { Self::Idle };
                (*release != Release::NotHeld).then_some(after)
            }
            // There may be no time to find out what became of a candidate's write.
            (Self::Contending, Leadership::Released(Release::StillHeld { .. }))
            | (Self::Idle, Leadership::Released(Release::NotHeld)) => {
                (*input == Input::StepDown).then_some(Self::Idle)
            }
            (
                Self::Idle
                | Self::Contending
                | Self::Leading(_)
                | Self::Releasing
                | Self::Withdrawing,
                _,
            ) => None,
        }
    }

    /// A user that asks for something is told at once, unless something has to be found out first.
    fn in_silence(self, input: &Input) -> Option<Self> {
        if (self, input) == (Self::Contending, &Input::StepDown) {
            return Some(Self::Withdrawing);
        }
        let quiet = match (self, input) {
            (Self::Idle, Input::Acquire | Input::StepDown)
            | (Self::Contending | Self::Leading(_), Input::StepDown | Input::Stop)
            | (Self::Releasing | Self::Withdrawing, Input::Stop) => false,
            (
                _,
                Input::Acquire
                | Input::Answered { .. }
                | Input::HolderDied { .. }
                | Input::Observed(_)
                | Input::StepDown
                | Input::Stop
                | Input::Wake,
            ) => true,
        };
        quiet.then_some(self)
    }
}

/// What comes after an end that was noticed in the step that was told this.
fn next(input: &Input) -> Order {
    if *input == Input::Acquire { Order::Contending } else { Order::Idle }
}
