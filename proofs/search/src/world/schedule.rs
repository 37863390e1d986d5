//! When requests may follow each other: rules 6, 11 and 12, as far as one call of an elector shows;
//! and which bids meet.

use kunobi_ha_core::{Failure, Input, Instant, Leadership, Outcome, Refusal, Request, Step, Verb};

use super::{Replica, Stage, World};
use crate::{
    marks::Mark,
    setup::{Faults, Setup},
};

/// What an elector was told in this instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// A write met another version.
    conflict: bool,
    /// A read was answered.
    read: bool,
}

impl Told {
    pub(super) fn of(input: &Input) -> Self {
        let Input::Answered { outcome, .. } = input else {
            return Self { conflict: false, read: false };
        };
        let read = matches!(outcome, Outcome::Found(_) | Outcome::Absent);
        Self { conflict: *outcome == Outcome::Conflict, read }
    }
}

impl World {
    /// Judges what an elector asks for, before it is carried out.
    pub(super) fn judge(&mut self, who: usize, told: Told, step: &Step, setup: &Setup) {
        let replica = &self.replicas[who];
        let writes = step.send.as_ref().is_some_and(|attempt| attempt.request != Request::Read);
        if told.conflict && writes {
            self.breaks("rule 11: no write follows a conflict before a read");
        } else if replica.renews_early(who, step, setup) {
            self.breaks("rule 11: a renewal is due R after the send of the last success");
        } else if replica.fails_after_contact(step, setup) {
            self.breaks("rule 12: a refusal is final at first contact only");
        }
    }

    /// Judges when an elector wants to be called, after what it asked for was carried out.
    pub(super) fn judge_wake(
        &mut self,
        who: usize,
        told: Told,
        wake_at: Option<Instant>,
        setup: &Setup,
    ) {
        let Faults { events, refusals, step_downs, .. } = setup.faults;
        // Elsewhere polls are put off: by an event, by a refusal, and after a release.
        let polls = !events && !step_downs && refusals == 0;
        let replica = &self.replicas[who];
        // In whole ticks.
        let retry = setup.replicas[who].timing.config().retry_period.as_secs_f64().ceil();
        let by = replica.now.after(std::time::Duration::from_secs_f64(retry));
        let waits = told.read && !replica.leads && replica.calls.is_empty();
        if polls && waits && wake_at.is_some_and(|at| at > by) {
            self.breaks("rule 6: a read that was answered is followed by another within R");
        }
    }

    /// Tells whether another replica has bid for the same Lease, and has not been heard yet.
    pub(super) fn race(&self, who: usize, request: &Request) -> Option<Mark> {
        let others = self.replicas.iter().enumerate().filter(|(at, _)| *at != who);
        let calls = others.flat_map(|(_, replica)| &replica.calls);
        let mut bids = calls.filter_map(|call| match &call.stage {
            Stage::Asked(request) => Some(request),
            Stage::Answered(_) => None,
        });
        bids.find_map(|other| match (request, other) {
            (Request::Create { .. }, Request::Create { .. }) => Some(Mark::CreateRace),
            (
                Request::Update { version, record },
                Request::Update { version: same, record: others },
            ) if version == same && !record.is_free() && !others.is_free() => {
                let lease = self.register.lease.as_ref()?;
                let free = lease.record.is_free() && lease.version == *version;
                free.then_some(Mark::TakeoverRace)
            }
            (Request::Read | Request::Create { .. } | Request::Update { .. }, _) => None,
        })
    }
}

impl Replica {
    fn renews_early(&self, who: usize, step: &Step, setup: &Setup) -> bool {
        let config = setup.replicas[who].timing.config();
        let renews = step.send.as_ref().is_some_and(|attempt| match &attempt.request {
            Request::Read => false,
            Request::Create { record, .. } | Request::Update { record, .. } => !record.is_free(),
        });
        // A hint at a deletion is followed by a read, and that by a write.
        let hinted = setup.faults.events && setup.faults.deletions > 0;
        let until = self.until.filter(|_| self.leads && renews && !hinted);
        let now = self.now.after(config.renew_deadline);
        until.is_some_and(|until| now < until.after(config.retry_period))
    }

    /// Tells whether a refused read ends a candidacy, although an earlier one was answered: without
    /// events, nothing else can have shown the Lease first.
    fn fails_after_contact(&self, step: &Step, setup: &Setup) -> bool {
        let failed = Failure::Refused { verb: Verb::Get, refusal: Refusal::Forbidden };
        let fails = matches!(&step.publish, Some(Leadership::Failed(it)) if *it == failed);
        fails && !setup.faults.events && self.newest().is_some()
    }
}
