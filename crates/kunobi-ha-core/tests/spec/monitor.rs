//! Finds the rows that each call of an elector takes, and what the elector may say and do then.
//!
//! It is a black box for the monitor: versions become numbers, records and terms the numbers of the
//! [`Book`]. What the concrete machine adds is decided here, and nowhere in the table:
//!
//! - A row that must be taken is: a write that is known to have succeeded counts, what is shown is
//!   adopted. Only when to send, to give up and to fail is left to the elector.
//! - There are as many slots as writes that are outstanding or unconfirmed.
//! - A dropped write becomes unconfirmed. A newer version that it did not write settles it.
//! - A write that is proved leaves its slot, and its answer says nothing more.
//! - A create has no uid: the identity of its record comes from its answer.

use std::{
    collections::{BTreeMap, VecDeque},
    num::NonZeroU64,
    time::Duration,
};

use kunobi_ha_core::{
    AttemptId, Input, Instant, Leadership, Lease, Observed, Outcome, Request, Step, Term,
    Timestamp, TimingConfig,
};

use super::{
    attempts::{Answer, Sent},
    book::Book,
    early::Early,
    rows::Clause,
    sight::Sight,
    state::{CONTENDING, IDLE, LEADING, PROBATION, RELEASING, State, WITHDRAWING},
    table::Take,
    turn::{Ending, Turn, Why},
    violation::Violation,
};

/// One elector, as the protocol sees it.
#[derive(Clone, Debug)]
pub(crate) struct Monitor {
    pub(super) identity: Box<str>,
    pub(super) config: TimingConfig,
    pub(super) state: State,
    pub(super) book: Book,
    pub(super) sight: Sight,
    pub(super) attempts: BTreeMap<AttemptId, Sent>,
    /// Which attempt is in which slot.
    pub(super) in_slot: Vec<Option<AttemptId>>,
    /// What readers see.
    pub(super) published: Option<(Term, i64)>,
    pub(super) last_renew_time: Option<Timestamp>,
    /// When the last writes were sent.
    pub(super) sends: VecDeque<i64>,
    /// Rule 16: the next acquire sends nothing before this.
    pub(super) quiet_after: i64,
    pub(super) quiet_until: i64,
    pub(super) turn: Turn,
    pub(super) early: Early,
    /// The oldest version of each Lease that was shown or answered.
    pub(super) oldest: BTreeMap<String, NonZeroU64>,
    /// Something happened that assumption A1 excludes: from then on numbers say nothing, and nothing is
    /// judged.
    pub(super) is_over: bool,
}

impl Monitor {
    pub(crate) fn new(identity: &str, config: &TimingConfig) -> Self {
        let state = State {
            lease: nanos(config.lease_duration),
            deadline: nanos(config.renew_deadline),
            retry: nanos(config.retry_period),
            grace_length: nanos(config.create_grace),
            ..State::default()
        };
        Self {
            identity: identity.into(),
            config: config.clone(),
            state,
            book: Book::default(),
            sight: Sight::default(),
            attempts: BTreeMap::new(),
            in_slot: Vec::new(),
            published: None,
            last_renew_time: None,
            sends: VecDeque::new(),
            quiet_after: 0,
            quiet_until: 0,
            turn: Turn::default(),
            early: Early::default(),
            oldest: BTreeMap::new(),
            is_over: false,
        }
    }

    /// Tells whether calls are judged: until something happens that A1 excludes.
    pub(crate) const fn judges(&self) -> bool {
        !self.is_over
    }

    /// Judges one call of `handle`: what went in, and what came out.
    pub(crate) fn watch(
        &mut self,
        now: Instant,
        input: &Input,
        step: &Step,
    ) -> Result<(), Box<Violation>> {
        self.is_over |= self.breaks_a1(input);
        if self.is_over {
            return Ok(());
        }
        self.turn = Turn::default();
        let judged = self.judge(at(now), input, step);
        judged.map_err(|mut violation| {
            violation.call = format!("{input:?} at {now:?} -> {step:?}");
            violation
        })
    }

    fn judge(&mut self, now: i64, input: &Input, step: &Step) -> Result<(), Box<Violation>> {
        self.pass_time(now)?;
        self.hear(input, step)?;
        for dropped in &step.drop {
            self.dropped(*dropped)?;
        }
        self.read_publication(input, step)?;
        self.check_belief()?;
        if let Some(attempt) = &step.send {
            self.sends(attempt)?;
        }
        self.forget_what_is_too_old()
    }

    fn pass_time(&mut self, now: i64) -> Result<(), Box<Violation>> {
        let before = self.state.mode;
        if now < self.state.now {
            self.take(Take::ClockBack { t: now })?;
            self.turn.ended = (before == LEADING).then_some(Why::Clock);
            self.turn.lost = before == PROBATION;
            let releases = before == RELEASING || before == WITHDRAWING;
            self.turn.finished = releases.then_some(Ending::StillHeld);
            if let Some((_, until)) = &mut self.sight.grace {
                *until = now.saturating_add(self.state.grace_length);
            }
            self.quiet();
            self.quiet_until = now;
            self.early.restart(now);
            return Ok(());
        }
        self.take(Take::Pass { t: now })?;
        if self.state.holds() && now >= self.state.until {
            self.take(Take::Lapse)?;
            self.turn.ended = (before == LEADING).then_some(Why::Deadline);
            self.turn.lost = before == PROBATION;
        }
        Ok(())
    }

    fn hear(&mut self, input: &Input, step: &Step) -> Result<(), Box<Violation>> {
        match input {
            Input::Acquire if self.state.mode == IDLE => {
                self.quiet_until = self.quiet_after;
                self.early.contends(self.sight.last_sent);
                self.take(Take::Acquire)
            }
            Input::Acquire | Input::Wake | Input::Observed(Observed::Deleted) => Ok(()),
            Input::HolderDied { holder, acquire_time } => {
                self.told_dead(holder, *acquire_time, step)
            }
            Input::StepDown => self.steps_down(step),
            Input::Stop => self.stops(),
            Input::Observed(Observed::Found(lease)) => self.shown(None, lease),
            Input::Answered { attempt, outcome } => self.answered(*attempt, outcome),
        }
    }

    fn steps_down(&mut self, step: &Step) -> Result<(), Box<Violation>> {
        match self.state.mode {
            CONTENDING if step.publish == Some(Leadership::Withdrawn) => self.stops(),
            CONTENDING => self.take(Take::Withdraw),
            PROBATION => self.stops(),
            LEADING => {
                self.turn.ended = Some(Why::Asked);
                self.take(Take::StepDown)
            }
            _ => Ok(()),
        }
    }

    fn stops(&mut self) -> Result<(), Box<Violation>> {
        match self.state.mode {
            CONTENDING => {
                self.turn.finished = Some(Ending::Withdrawn);
                self.take(Take::Fail)
            }
            PROBATION => {
                self.turn.finished = Some(Ending::Withdrawn);
                self.take(Take::End { to: IDLE })
            }
            LEADING => {
                self.turn.ended = Some(Why::Asked);
                self.take(Take::End { to: IDLE })
            }
            RELEASING | WITHDRAWING => self.finish(Ending::StillHeld),
            _ => Ok(()),
        }
    }

    fn answered(&mut self, id: AttemptId, outcome: &Outcome) -> Result<(), Box<Violation>> {
        let Some(sent) = self.attempts.get_mut(&id).filter(|sent| sent.open) else {
            let lost = self.attempts.get(&id).and_then(|sent| sent.slot.err());
            self.turn.refused = Some((lost.unwrap_or("2"), "its answer is not waited for"));
            return Ok(());
        };
        sent.open = false;
        sent.answer = Answer::Other;
        let slot = sent.slot;
        match (&sent.request, outcome) {
            (Request::Read, Outcome::Found(lease)) => {
                self.shown(Some(id), lease)?;
                self.answered_promptly(id, lease);
                Ok(())
            }
            (Request::Read, Outcome::Absent) => self.absent(id),
            (Request::Read, _) => Ok(()),
            (Request::Create { .. } | Request::Update { .. }, _) => match slot {
                Ok(k) => self.write_answered(k, id, outcome),
                Err(rule) => {
                    self.turn.refused = Some((rule, "its answer says nothing any more"));
                    Ok(())
                }
            },
        }
    }

    pub(super) fn finish(&mut self, ending: Ending) -> Result<(), Box<Violation>> {
        self.turn.finished = Some(ending);
        if ending != Ending::Withdrawn {
            self.quiet();
        }
        self.take(Take::Finish)
    }

    pub(super) fn quiet(&mut self) {
        let retry = nanos(self.config.retry_period);
        self.quiet_after = self.state.now.saturating_add(retry.saturating_mul(2));
    }

    /// Takes a row, if its guard holds.
    pub(super) fn take(&mut self, take: Take) -> Result<(), Box<Violation>> {
        let row = take.at(&self.state);
        if let Some(Clause(rule, _, what)) = row.broken() {
            return Err(self.violation(rule, row.name, format!("{what}: {take:?}")));
        }
        self.early.turns(self.state.mode, &row.after);
        self.state = row.after;
        if take.ends_a_phase() {
            // Rule 2: the attempts of a phase end with it.
            self.attempts.values_mut().for_each(|sent| sent.open = false);
        }
        let (slots, attempts) = (&self.state.slots, &mut self.attempts);
        for (slot, id) in slots.iter().zip(&mut self.in_slot) {
            if !slot.is_live()
                && let Some(sent) = id.take().and_then(|id| attempts.get_mut(&id))
            {
                sent.slot = Err("2");
            }
        }
        Ok(())
    }

    pub(super) fn violation(
        &self,
        rule: &'static str,
        row: &'static str,
        what: String,
    ) -> Box<Violation> {
        let (call, state) = (String::new(), self.state.clone());
        Box::new(Violation { rule, row, what, call, state })
    }

    pub(super) fn lease_seen(&self) -> Option<&Lease> {
        self.sight.seen.as_ref()
    }
}

pub(super) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

pub(super) fn at(instant: Instant) -> i64 {
    i64::try_from(instant.as_nanos()).unwrap_or(i64::MAX)
}
