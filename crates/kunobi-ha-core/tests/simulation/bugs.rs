//! Planted bugs: each changes what goes into an elector or comes out of it as if the elector, or
//! its driver, had that bug.

mod hearing;
mod saying;

use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

use kunobi_ha_core::{
    AttemptId, Input, Instant, Leadership, Lease, LeaseRecord, Observed, Outcome, Request, Step,
    StepDownReason, Timing, Uid, Version,
};

use crate::simulation::oracle::{Promise, Witness};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    /// A deadline counts from the answer of a write and not from its send.
    ValidityFromTheAnswer,
    /// A candidate waits half of what it should.
    HalfTheWait,
    /// A renewed record does not start the wait again.
    NoNewWaitOnAChangedRecord,
    /// A read that shows our name makes a leader.
    BeliefFromAnyRead,
    /// Readers see the end of a term only when the release is through.
    ReleaseBeforeTheStop,
    /// The driver renews with an old renewTime, and a PUT that changed nothing counts.
    NoOpRenewalCounted,
    /// A record under our name is taken as ours, and retaken at once.
    ForeignRecordTakenAsOurs,
    /// The answer of one attempt counts for the other one, which was sent later.
    SiblingsAnswerCounted,
    /// The driver renews with an old renewTime, and says so: no bug of the elector.
    NoOpRenewalSent,
    /// Writes carry no version.
    NoGuard,
    /// The clock stands still while the process is paused.
    ClockStopsInPauses,
    /// A creator knows of no grace.
    NoGrace,
    /// Candidates and leaders ask ten times as often as they should.
    Impatience,
    /// Each step asks to be woken at once.
    NoSleep,
    /// A release that could not be confirmed is said to have succeeded.
    UnconfirmedRelease,
    /// A release that could not be confirmed is said to have come too late.
    GuessedLoss,
    /// The Lease is said to be held until now, whatever was written last.
    HeldTooShort,
    /// The end of a term and what comes after it are published in one step.
    OverwrittenEnd,
    /// A leader overlooks that the Lease shows something else.
    OverlookedEnd,
    /// A renewal shortens belief.
    ShortenedBelief,
    /// What a watch shows counts as newer than it is.
    EventsMadeNew,
    /// A record that somebody cleared is taken for a release.
    ClearedTakenForReleased,
    /// The driver takes processes for dead that are not.
    RumoursTold,
}

/// A bug, and the promise by which it is to be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plant {
    pub(crate) bug: Bug,
    pub(crate) found_by: Promise,
}

/// What a bug has to remember about its elector.
#[derive(Debug, Default)]
pub(crate) struct Disguise {
    sent: BTreeMap<AttemptId, Instant>,
    first_seen: Option<(Uid, LeaseRecord)>,
    last_served: Option<LeaseRecord>,
    /// The version that was served, for the one that was made up.
    served: BTreeMap<u64, Version>,
    pub(crate) late: Duration,
    /// How often leadership was published.
    published: u64,
}

impl Bug {
    /// Changes what an elector makes of its configuration.
    pub(crate) fn misread(self, timing: &Timing) -> Timing {
        let mut config = timing.config().clone();
        if self == Self::NoGrace {
            config.create_grace = Duration::ZERO;
        }
        if self == Self::Impatience {
            config.retry_period /= 10;
        }
        Timing::new(config).unwrap()
    }
}

impl Disguise {
    /// Changes what the elector is told.
    pub(crate) fn incoming(
        &mut self,
        bug: Bug,
        me: &Witness,
        identity: &str,
        now: Instant,
        input: &mut Input,
    ) {
        if let Input::Answered { attempt, .. } = input {
            let sent = self.sent.remove(attempt);
            self.late = sent.map_or(Duration::ZERO, |sent| now.since(sent));
        }
        if let Input::Answered {
            outcome:
                Outcome::Written { lease: Lease { record, .. }, .. }
                | Outcome::Found(Lease { record, .. }),
            ..
        } = input
        {
            self.last_served = Some(record.clone());
        }
        match bug {
            Bug::NoNewWaitOnAChangedRecord => self.freeze(identity, input),
            Bug::NoOpRenewalCounted => self.claim_new_version(me, input),
            Bug::SiblingsAnswerCounted => credit_the_sibling(me, input),
            Bug::ForeignRecordTakenAsOurs => {
                if let Some((_, record)) = shown(input)
                    && record.holder.as_deref() == Some(identity)
                    && me.belief.is_none()
                {
                    record.holder = None;
                }
            }
            Bug::EventsMadeNew | Bug::ClearedTakenForReleased => hearing::mishear(bug, input),
            Bug::BeliefFromAnyRead
            | Bug::ClockStopsInPauses
            | Bug::GuessedLoss
            | Bug::HalfTheWait
            | Bug::HeldTooShort
            | Bug::Impatience
            | Bug::NoGrace
            | Bug::NoGuard
            | Bug::NoOpRenewalSent
            | Bug::NoSleep
            | Bug::OverlookedEnd
            | Bug::OverwrittenEnd
            | Bug::ReleaseBeforeTheStop
            | Bug::RumoursTold
            | Bug::ShortenedBelief
            | Bug::UnconfirmedRelease
            | Bug::ValidityFromTheAnswer => {}
        }
    }

    /// Shows every record of one term as it was first seen.
    fn freeze(&mut self, identity: &str, input: &mut Input) {
        let Some((version, record)) = shown(input) else {
            return;
        };
        if record.holder.as_deref() == Some(identity) || record.is_free() {
            return;
        }
        match &self.first_seen {
            Some((uid, first))
                if *uid == version.uid && first.acquire_time == record.acquire_time =>
            {
                *record = first.clone();
            }
            Some(_) | None => self.first_seen = Some((version.uid.clone(), record.clone())),
        }
    }

    /// Tells a renewal that changed nothing as one that did.
    fn claim_new_version(&mut self, me: &Witness, input: &mut Input) {
        let Input::Answered {
            attempt,
            outcome: Outcome::Written { lease: Lease { version, record, .. }, .. },
        } = input
        else {
            return;
        };
        let Some(Request::Update { version: base, record: ours }) =
            me.outstanding.get(attempt).map(|attempt| &attempt.request)
        else {
            return;
        };
        let made_up = base.resource_version.get().max(version.resource_version.get()) + 1;
        self.served.insert(made_up, version.clone());
        version.resource_version = NonZeroU64::new(made_up).unwrap();
        *record = ours.clone();
    }

    /// Changes what the elector says; returns until when a reader believes that should not.
    pub(crate) fn outgoing(
        &mut self,
        bug: Bug,
        identity: &str,
        now: Instant,
        deadline: Duration,
        input: &mut Input,
        step: &mut Step,
    ) -> Option<Instant> {
        if let Some(attempt) = &step.send {
            self.sent.insert(attempt.id, now);
        }
        match (bug, &mut step.publish) {
            (Bug::ValidityFromTheAnswer, Some(Leadership::Leading { valid_until, .. })) => {
                *valid_until = valid_until.after(self.late);
            }
            (
                Bug::ValidityFromTheAnswer,
                Some(Leadership::Ended { reason: StepDownReason::RenewDeadlineExceeded, .. }),
            )
            | (
                Bug::ReleaseBeforeTheStop,
                Some(Leadership::Ended { reason: StepDownReason::Cancelled, .. }),
            ) => step.publish = None,
            (Bug::BeliefFromAnyRead, None | Some(Leadership::Following { .. })) => {
                step.publish = None;
                let (_, record) = shown(input)?;
                let named = record.holder.as_deref() == Some(identity);
                return named.then(|| now.after(deadline));
            }
            (_, Some(_) | None) => self.misstate(bug, now, step),
        }
        None
    }

    /// Changes what goes over the wire.
    pub(crate) fn wire(&mut self, bug: Bug, identity: &str, request: &mut Request) {
        if !matches!(bug, Bug::NoOpRenewalCounted | Bug::NoOpRenewalSent) {
            return;
        }
        let Request::Update { version, record } = request else {
            return;
        };
        if let Some(served) = self.served.get(&version.resource_version.get()) {
            *version = served.clone();
        }
        if let Some(last) = &self.last_served
            && last.holder.as_deref() == Some(identity)
            && last.acquire_time == record.acquire_time
        {
            *record = last.clone();
        }
    }
}

/// Returns the Lease that an input shows, unless it is the answer to a write.
fn shown(input: &mut Input) -> Option<(&mut Version, &mut LeaseRecord)> {
    match input {
        Input::Observed(Observed::Found(Lease { version, record, .. }))
        | Input::Answered { outcome: Outcome::Found(Lease { version, record, .. }), .. } => {
            Some((version, record))
        }
        Input::Acquire
        | Input::Answered { .. }
        | Input::HolderDied { .. }
        | Input::Observed(Observed::Deleted)
        | Input::StepDown
        | Input::Stop
        | Input::Wake => None,
    }
}

fn credit_the_sibling(me: &Witness, input: &mut Input) {
    let Input::Answered { attempt, outcome: Outcome::Written { lease: Lease { record, .. }, .. } } =
        input
    else {
        return;
    };
    let sibling = me.outstanding.values().rfind(|other| other.id != *attempt);
    if let Some(sibling) = sibling
        && let Request::Update { record: ours, .. } | Request::Create { record: ours, .. } =
            &sibling.request
        && sibling.id > *attempt
        && !ours.is_free()
    {
        *attempt = sibling.id;
        *record = ours.clone();
    }
}
