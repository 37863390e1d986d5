//! What comes out of the machine.

use alloc::vec::Vec;

use crate::{
    leadership::Leadership,
    notice::Notice,
    request::{Attempt, AttemptId},
    time::Instant,
};

/// What to do now, in the order of the fields (rule 16).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[must_use = "a step that is not carried out leaves the election hanging"]
#[expect(clippy::exhaustive_structs, reason = "a driver must carry out every field")]
pub struct Step {
    /// First: make this visible to every reader.
    pub publish: Option<Leadership>,
    /// Then: report these to the operator.
    pub notices: Vec<Notice>,
    /// Then: stop waiting for these requests. They may be applied all the same.
    pub drop: Vec<AttemptId>,
    /// Then: send this.
    pub send: Option<Attempt>,
    /// Last: call [`Input::Wake`](crate::Input::Wake) at this instant, and at no earlier step's.
    pub wake_at: Option<Instant>,
}

impl Step {
    /// Publishes this: the end of a term that was noticed in the same step is never overwritten.
    pub(crate) fn publish(&mut self, leadership: Leadership) {
        debug_assert!(
            matches!(self.publish, None | Some(Leadership::Following { .. })),
            "{leadership:?} would hide {:?}",
            self.publish
        );
        self.publish = Some(leadership);
    }
}
