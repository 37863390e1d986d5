//! A term in which readers see a leader.

mod wish;

use self::wish::Wish;
use super::{
    holder::Holder,
    holding::{Held, Holding},
    next::{Ending, Next},
    turn::Turn,
};
use crate::{
    leadership::{Leadership, StepDownReason},
    notice::Notice,
    time::Instant,
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Leading {
    pub(super) holding: Holding,
    began: Instant,
    wish: Wish,
}

impl Leading {
    pub(super) fn begin(holding: Holding, turn: &mut Turn<'_>) -> Self {
        turn.memory.grace.over(holding.tenure.term.acquire_time());
        turn.publish(holding.leadership());
        turn.memory.retake.forget();
        Self { holding, began: turn.now(), wish: Wish::before(&turn.memory.view) }
    }

    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) {
        let from = self.began.after(turn.config().lease_duration);
        self.wish.tell(from, turn);
        self.holding.proceed(turn);
    }

    fn lose(&mut self, reason: StepDownReason, turn: &mut Turn<'_>) -> Next {
        let cause = self.holding.cause(turn);
        self.holding.drop_all(turn);
        self.count_flap(reason, turn);
        turn.publish(Leadership::Ended { term: self.holding.tenure.term, reason });
        if reason == StepDownReason::RenewDeadlineExceeded {
            let Holding { tenure, valid_until, .. } = &self.holding;
            let (lasted, lease) = (valid_until.since(self.began), turn.config().lease_duration);
            turn.memory.retake.lapsed(tenure, lasted, *valid_until, lease);
        }
        if let (StepDownReason::RenewDeadlineExceeded, Some((verb, setback))) = (reason, cause) {
            turn.notice(Notice::Lapsed { verb, setback });
        }
        // Rule 16: a lost term is never released.
        Next::End
    }

    fn count_flap(&self, reason: StepDownReason, turn: &mut Turn<'_>) {
        if turn.now().since(self.began) >= turn.config().lease_duration {
            turn.memory.flaps = 0;
        } else if reason != StepDownReason::Cancelled {
            turn.memory.flaps = turn.memory.flaps.saturating_add(1);
        }
    }

    /// Ends the term; then the Lease is released (rule 16).
    pub(super) fn step_down(&mut self, turn: &mut Turn<'_>) -> Next {
        self.cancel(turn);
        let Holding { traffic, tenure, valid_until, .. } = &mut self.holding;
        let config = turn.config();
        let remaining = config.lease_duration.saturating_sub(config.renew_deadline);
        Next::Release(Ending {
            tenure: tenure.clone(),
            attempts: core::mem::take(&mut traffic.attempts),
            deadline: turn.now().after(config.release_timeout),
            held_until: valid_until.after(remaining),
        })
    }

    pub(super) fn stop(&mut self, turn: &mut Turn<'_>) -> Next {
        self.cancel(turn);
        self.holding.drop_all(turn);
        Next::End
    }

    fn cancel(&self, turn: &mut Turn<'_>) {
        let reason = StepDownReason::Cancelled;
        self.count_flap(reason, turn);
        turn.publish(Leadership::Ended { term: self.holding.tenure.term, reason });
    }
}

impl Holder for Leading {
    fn holding(&mut self) -> &mut Holding {
        &mut self.holding
    }

    fn take(&mut self, held: Held, turn: &mut Turn<'_>) -> Next {
        match held {
            Held::On => {}
            Held::Recreated | Held::Renewed => turn.publish(self.holding.leadership()),
            Held::Lost(reason) => return self.lose(reason, turn),
        }
        Next::Stay
    }
}

#[cfg(feature = "model")]
impl Leading {
    pub(super) fn canonical(
        &mut self,
        horizon: core::time::Duration,
        config: &crate::timing::TimingConfig,
        frame: &crate::model::Frame,
    ) {
        self.holding.canonical(horizon, frame);
        self.suppose(config, frame);
        self.wish.canonical();
    }

    pub(super) fn suppose(
        &mut self,
        config: &crate::timing::TimingConfig,
        frame: &crate::model::Frame,
    ) {
        self.began = frame.led_since(config);
    }
}
