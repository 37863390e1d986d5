//! A call of an elector, and what its step asks for.

use kunobi_ha_core::{
    Attempt, AttemptId, ClockReading, Failure, Input, Instant, Leadership, Notice, Observed,
    Outcome, Release, Request, Step, StepDownReason, Term, Version,
};

use super::{Call, LIFE, Replica, Stage, World, author, canonical::frame, schedule::Told};
use crate::{marks::Mark, setup::Setup};

impl World {
    pub(super) fn answered(
        &mut self,
        to: usize,
        attempt: AttemptId,
        sent: Instant,
        outcome: Outcome,
        setup: &Setup,
    ) {
        let (replica, marks) = (&self.replicas[to], &setup.marks);
        let deadline = setup.replicas[to].timing.config().renew_deadline;
        match &outcome {
            Outcome::Written { .. } => {
                marks.set_if(Mark::LateAnswer, replica.now >= sent.after(deadline));
            }
            Outcome::Found(lease) => {
                let known = replica.elector.version();
                let old =
                    known.is_some_and(|v| v.resource_version > lease.version.resource_version);
                marks.set_if(Mark::OldAnswer, old);
                let named = lease.record.holder.as_deref() == Some(replica.elector.identity());
                marks.set_if(Mark::Namesake, named && author(&lease.record) != Some(own(to)));
            }
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Rejected { .. }
            | Outcome::Unknown { .. } => {}
        }
        self.tell(to, Input::Answered { attempt, outcome }, setup);
    }

    /// Tells an elector, and calls it again while it wants to be called at once.
    pub(super) fn tell(&mut self, who: usize, input: Input, setup: &Setup) {
        let told = Told::of(&input);
        let mut next = Some(input);
        for _ in 0..MOST_CALLS {
            let Some(input) = next else { return };
            let shows = matches!(
                input,
                Input::Observed(Observed::Found(_))
                    | Input::Answered { outcome: Outcome::Found(_), .. }
            );
            let refused = matches!(input, Input::Answered { outcome: Outcome::Refused(_), .. });
            let wakes = input == Input::Wake;
            let ends = self.shows_another_holder(who, &input, setup);
            let replica = &mut self.replicas[who];
            let known = replica.newest();
            let at = reading(who, replica);
            let otherwise = replica.otherwise(at, &input, setup);
            let step = replica.elector.handle(at, input.clone());
            replica.elector.suppose(&frame(replica.now, replica.now, who, setup));
            let back = replica.newest().is_some_and(|now| known.is_some_and(|known| now < known));
            let rewound = step.notices.iter().any(|it| matches!(it, Notice::Rewound { .. }));
            setup.marks.set_if(Mark::Rewound, rewound);
            replica.digits += 1;
            let failed = matches!(step.publish, Some(Leadership::Failed(Failure::Refused { .. })));
            setup.marks.set_if(Mark::RefusedForNow, refused && !failed);
            setup.marks.set_if(Mark::RefusedForGood, failed);
            let proved = shows && matches!(step.publish, Some(Leadership::Leading { .. }));
            setup.marks.set_if(Mark::Proved, proved);
            next = match step.wake_at {
                None => Some(Input::Acquire),
                Some(at) if at <= self.replicas[who].now => Some(Input::Wake),
                Some(_) => None,
            };
            let wake_at = step.wake_at;
            self.judge(who, told, &step, setup);
            self.judge_early(who, &step, otherwise, setup);
            self.judge_news(who, &input, &step, setup);
            self.carry_out(who, step, wakes, setup);
            self.judge_wake(who, told, wake_at, setup);
            if back && !rewound {
                self.breaks("rule 13: the known version never goes back");
            } else if ends && self.replicas[who].leads {
                self.breaks("rule 14: another holder's record ends the term");
            }
        }
        if next.is_some() {
            self.breaks("it does not spin");
        }
    }

    /// Tells whether this input shows a newer record, and another replica or an editor as its holder.
    fn shows_another_holder(&self, who: usize, input: &Input, setup: &Setup) -> bool {
        let (Input::Observed(Observed::Found(lease))
        | Input::Answered { outcome: Outcome::Found(lease), .. }) = input
        else {
            return false;
        };
        let newer = self.replicas[who].newest().is_some_and(|newest| newest < rv(&lease.version));
        let own_name = lease.record.holder.as_deref() == Some(setup.replicas[who].identity);
        newer && !(own_name && author(&lease.record) == Some(own(who)))
    }

    fn carry_out(&mut self, who: usize, step: Step, wakes: bool, setup: &Setup) {
        if let Some(leadership) = step.publish {
            self.publish(who, leadership, setup);
        }
        for notice in step.notices {
            let altered = matches!(notice, Notice::Altered { .. } | Notice::NothingWritten);
            setup.marks.set_if(Mark::Altered, altered);
            let absent = matches!(notice, Notice::SuccessorAbsent { .. });
            setup.marks.set_if(Mark::SuccessorAbsent, absent);
        }
        let full = self.replicas[who].calls.len() >= 2 && step.drop.len() == 1;
        for id in step.drop {
            let calls = &mut self.replicas[who].calls;
            if let Some(at) = calls.iter().position(|call| call.id == id) {
                let Call { sent, stage, .. } = calls.remove(at);
                self.orphan(Some(who), sent, stage, setup);
            }
        }
        if let Some(attempt) = step.send {
            setup.marks.set_if(Mark::Replaced, full);
            self.send(who, attempt, wakes, setup);
        }
        let replica = &self.replicas[who];
        if replica.calls.len() > 2 {
            self.breaks("rule 10: at most two attempts are outstanding");
        } else if replica.calls.iter().any(|call| !replica.elector.awaits(call.id)) {
            self.breaks("rule 10: a step names the attempts to drop");
        }
    }

    fn send(&mut self, who: usize, attempt: Attempt, wakes: bool, setup: &Setup) {
        let replica = &mut self.replicas[who];
        let (leads, marks) = (replica.leads, &setup.marks);
        let names_the_newest = match &attempt.request {
            Request::Read => true,
            Request::Create { .. } => replica.elector.version().is_none(),
            Request::Update { version, .. } => replica.elector.version() == Some(version),
        };
        let releases = match &attempt.request {
            Request::Read => {
                marks.set_if(Mark::Polled, wakes && !leads && replica.calls.is_empty());
                false
            }
            Request::Create { .. } => {
                marks.set_if(Mark::CreatedAgain, self.register.uids > 0 && !leads);
                false
            }
            Request::Update { record, .. } => record.is_free(),
        };
        let hedges = |call: &Call| match (&call.stage, &attempt.request) {
            (
                Stage::Asked(Request::Update { version: first, .. }),
                Request::Update { version, .. },
            ) => first == version,
            (Stage::Asked(_) | Stage::Answered(_), _) => false,
        };
        marks.set_if(Mark::Hedged, replica.calls.iter().any(hedges));
        if let Some(race) = self.race(who, &attempt.request) {
            marks.set(race);
        }
        let replica = &mut self.replicas[who];
        let call = Call::of(attempt, replica.now);
        replica.calls.push(call);
        if !names_the_newest {
            self.breaks("rule 7: a write names the Lease that is known");
        } else if releases && leads {
            self.breaks("rule 16: leading ends before a release is sent");
        }
    }

    fn publish(&mut self, who: usize, leadership: Leadership, setup: &Setup) {
        let marks = &setup.marks;
        match leadership {
            Leadership::Leading { term, valid_until } => self.leads(who, term, valid_until, setup),
            Leadership::Ended { reason, .. } => {
                let busy = !self.replicas[who].calls.is_empty();
                match reason {
                    StepDownReason::RenewDeadlineExceeded => marks.set_if(Mark::Lapsed, busy),
                    StepDownReason::HolderChanged => marks.set(Mark::HolderChanged),
                    StepDownReason::RecreationLost => marks.set(Mark::RecreationLost),
                    _ => {}
                }
                let replica = &mut self.replicas[who];
                replica.leads = false;
                // Readers that believe longer than they may ignore that it ends in time, too.
                if setup.extra_belief == 0 || reason == StepDownReason::Cancelled {
                    replica.until = None;
                }
            }
            Leadership::Released(release) => {
                marks.set_if(Mark::Released, release == Release::Released);
                self.ends_without_a_term(who);
            }
            Leadership::Failed(_) | Leadership::Withdrawn => self.ends_without_a_term(who),
            Leadership::Following { .. } => {
                let replica = &self.replicas[who];
                marks.set_if(Mark::Probation, replica.applied_until.is_some() && !replica.leads);
                self.ends_without_a_term(who);
            }
        }
    }

    fn ends_without_a_term(&mut self, who: usize) {
        if self.replicas[who].leads {
            self.breaks("a term ends by its own publication");
        }
    }

    fn leads(&mut self, who: usize, term: Term, valid_until: Instant, setup: &Setup) {
        let Self { register, replicas, .. } = self;
        let replica = &mut replicas[who];
        let began = !replica.leads;
        // Canonically, two fences that are older than every version are equal. Only a term that was in
        // probation has one.
        let repeats = term.fence() == register.fence && replica.newest() == Some(term.fence());
        let broken = if valid_until <= replica.now {
            Some("rule 2: no belief begins at its deadline or later")
        } else if Some(valid_until) > replica.applied_until {
            Some("rule 2: belief counts from the send of a write that was applied")
        } else if !began && Some(valid_until) < replica.until {
            Some("rule 13: valid until never goes back")
        } else if began && (term.fence() < register.fence || repeats) {
            Some("the fence is greater with every term")
        } else {
            None
        };
        setup.marks.set_if(Mark::Leads, began);
        replica.leads = true;
        replica.until = Some(valid_until);
        if who < setup.faults.retakes {
            replica.led_in = replica.elector.version().map(|version| version.uid.clone());
        }
        if began {
            register.fence = term.fence();
        }
        if let Some(rule) = broken {
            self.breaks(rule);
        }
    }
}

impl Replica {
    /// Returns the version that its elector knows.
    pub(super) fn newest(&self) -> Option<u64> {
        self.elector.version().map(rv)
    }

    /// Asks when it wants to be called: an early call is harmless.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let mut copy = self.elector.clone();
        // It is asked as replica 0, for nothing of its is written.
        copy.handle(reading(0, self), Input::Wake).wake_at
    }
}

fn rv(version: &Version) -> u64 {
    version.resource_version.get()
}

fn own(who: usize) -> u64 {
    u64::try_from(who).unwrap_or(u64::MAX) + 1
}

fn reading(who: usize, replica: &Replica) -> ClockReading {
    let wall = i64::try_from(own(who) * LIFE).unwrap_or(i64::MAX);
    ClockReading::new(replica.now, wall, replica.digits)
}

/// In one instant.
const MOST_CALLS: usize = 12;
