//! The promises: what must hold of a step, given all that came before it.
//!
//! rule 2: belief has an answer or a proof, counts from its send, and is never revived
//! rule 3: a leader wakes at its deadline
//! rule 7: no version is made up
//! rule 9: renewTime strictly increases
//! rule 10: at most two attempts are outstanding
//! rule C4: news of a death makes no belief and ends none; the leader says that it is none of its own
//! rule 16: no release before the end, none of a lost term

use std::mem;

use kunobi_ha_core::{
    Attempt, Input, Instant, Leadership, Lease, LeaseRecord, LeaseTime, Notice, Observed, Outcome,
    Request, Step, StepDownReason,
};

use super::ledger::Ledger;

impl Ledger {
    /// Checks one step.
    pub(super) fn check(&mut self, input: &Input, step: &Step, now: Instant) -> Result<(), String> {
        if let Some(published) = &step.publish {
            self.check_publication(input, published, now)?;
            self.gives_up = false;
        } else if *input == Input::StepDown {
            self.gives_up |= self.belief.is_none();
        }
        // What was just answered may be dropped by the same step: the clock went back first.
        for dropped in &step.drop {
            let known = self.outstanding.remove(dropped).is_some();
            ensure(known, "an attempt was dropped that is not outstanding")?;
        }
        if let Input::Answered { attempt, .. } = input {
            self.outstanding.remove(attempt);
        }
        if let Some(attempt) = &step.send {
            self.check_attempt(attempt, now)?;
        }
        let wake_before = mem::replace(&mut self.wake_at, step.wake_at);
        let wakes = step.wake_at.is_some_and(|at| at >= now);
        ensure(wakes || step.wake_at.is_none(), "it wants to wake in the past")?;
        let in_time = step.wake_at.zip(self.belief).is_some_and(|(at, (_, until))| at <= until);
        ensure(in_time || self.belief.is_none(), "a leader sleeps past its deadline")?;
        self.check_news(input, step, wake_before.is_some_and(|at| now >= at))?;
        let overdue = self.belief.is_some_and(|(_, until)| now >= until);
        ensure(!overdue, "belief outlived its deadline")
    }

    fn check_news(&self, input: &Input, step: &Step, timely: bool) -> Result<(), String> {
        let Input::HolderDied { holder, acquire_time } = input else {
            let told = step.notices.contains(&Notice::ToldDead);
            return ensure(!told, "told dead by nobody");
        };
        let told = step.notices.contains(&Notice::ToldDead);
        let leads = self.belief.is_some_and(|(term, _)| term.acquire_time() == *acquire_time);
        ensure(told || !leads || **holder != *"me", "a leader believes that it is dead")?;
        ensure(
            timely || self.went_back || step.publish.is_none(),
            "news of a death published something",
        )
    }

    fn check_publication(
        &mut self,
        input: &Input,
        published: &Leadership,
        now: Instant,
    ) -> Result<(), String> {
        let name = match published {
            Leadership::Leading { term, valid_until } => {
                ensure(!self.gives_up, "it leads after it gave up")?;
                let kept = self.belief == Some((*term, *valid_until));
                let proved = self.is_proved(input, *valid_until);
                ensure(kept || proved, "it believes without an answer or a proof")?;
                ensure(now < *valid_until, "it believes in the past")?;
                ensure(!self.ended.contains(term), "an ended term was revived")?;
                let running = self.belief.is_none_or(|(running, _)| running == *term);
                ensure(running, "a term began inside another")?;
                let back = self.belief.is_some_and(|(_, until)| *valid_until < until);
                ensure(!back, "the deadline went back")?;
                self.belief = Some((*term, *valid_until));
                self.published.push("leading");
                return Ok(());
            }
            Leadership::Ended { term, reason } => {
                let running = self.belief.is_some_and(|(running, _)| running == *term);
                ensure(running, "a term ended that did not run")?;
                self.ended.push(*term);
                self.reason = Some(*reason);
                self.belief = None;
                "ended"
            }
            Leadership::Following { .. } => "following",
            Leadership::Released(_) => "released",
            Leadership::Failed(_) => "failed",
            Leadership::Withdrawn => "withdrawn",
        };
        self.published.push(name);
        ensure(self.belief.is_none(), "a term was left without its end")
    }

    /// A deadline comes from an attempt of ours that this very input shows to have succeeded.
    fn is_proved(&self, input: &Input, valid_until: Instant) -> bool {
        let (answered, shown) = match input {
            Input::Answered {
                attempt,
                outcome: Outcome::Written { lease: Lease { record, .. }, .. },
            } => (Some(*attempt), record),
            Input::Answered { outcome: Outcome::Found(Lease { record, .. }), .. }
            | Input::Observed(Observed::Found(Lease { record, .. })) => (None, record),
            Input::Acquire
            | Input::Answered { .. }
            | Input::HolderDied { .. }
            | Input::Observed(Observed::Deleted)
            | Input::StepDown
            | Input::Stop
            | Input::Wake => return false,
        };
        let deadline = self.elector.timing().config().renew_deadline;
        self.sent.iter().any(|(attempt, sent)| {
            record_of(attempt) == Some(shown)
                && sent.after(deadline) == valid_until
                && answered.is_none_or(|id| id == attempt.id)
        })
    }

    fn check_attempt(&mut self, attempt: &Attempt, now: Instant) -> Result<(), String> {
        let newer = self.sent.last().is_none_or(|(last, _)| last.id < attempt.id);
        ensure(newer, "ids do not increase")?;
        self.sent.push((attempt.clone(), now));
        self.outstanding.insert(attempt.id, attempt.clone());
        ensure(self.outstanding.len() <= 2, "more than two attempts are outstanding")?;
        if let Request::Update { version, .. } = &attempt.request {
            ensure(self.told.contains(version), "a version was made up")?;
        }
        let Some(record) = record_of(attempt) else {
            return Ok(());
        };
        if record.is_free() {
            ensure(self.belief.is_none(), "it released before it stopped")?;
            let asked = self.gives_up || self.reason == Some(StepDownReason::Cancelled);
            ensure(asked, "a lost term was released")?;
        }
        let LeaseTime::At(time) = record.renew_time else {
            return Err("it wrote no renewTime".into());
        };
        let last = self.last_renew_time.replace(time);
        ensure(last < Some(time), "renewTime did not increase")
    }
}

pub(super) fn record_of(attempt: &Attempt) -> Option<&LeaseRecord> {
    match &attempt.request {
        Request::Read => None,
        Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
    }
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}
