//! A term in its create grace: the Lease is held and renewed, and nobody believes in it yet.

use super::{
    holder::Holder,
    holding::{Held, Holding},
    next::Next,
    turn::Turn,
};
use crate::{leadership::Leadership, record::LeaseTime, request::Request};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Probation {
    pub(super) holding: Holding,
}

impl Probation {
    pub(super) fn begin(holding: Holding, turn: &mut Turn<'_>) -> Self {
        turn.publish(turn.memory.following());
        Self { holding }
    }

    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) {
        self.holding.proceed(turn);
        let sent = turn.step.send.as_ref().map(|attempt| &attempt.request);
        if let Some(Request::Create { .. }) = sent {
            turn.memory.grace.create_sent(self.holding.tenure.term.acquire_time());
        }
    }

    /// Nobody believed in it: there is no term to end.
    pub(super) fn stop(&mut self, turn: &mut Turn<'_>) -> Next {
        self.holding.drop_all(turn);
        turn.publish(Leadership::Withdrawn);
        Next::End
    }
}

impl Holder for Probation {
    fn holding(&mut self) -> &mut Holding {
        &mut self.holding
    }

    fn take(&mut self, held: Held, turn: &mut Turn<'_>) -> Next {
        let uid = &self.holding.tenure.uid;
        match held {
            Held::On => return Next::Stay,
            Held::Recreated => {
                let acquire_time = LeaseTime::At(self.holding.tenure.term.acquire_time());
                turn.memory.grace.created(uid, &acquire_time, turn.now());
            }
            Held::Renewed => {}
            Held::Lost(_) => {
                self.holding.drop_all(turn);
                turn.publish_following();
                return Next::Contend(turn.now());
            }
        }
        if turn.memory.grace.covers(uid) { Next::Stay } else { Next::Believe(self.holding.clone()) }
    }
}
