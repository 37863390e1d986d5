//! What an elector may publish: exactly what its rows say, and belief never longer.

use kunobi_ha_core::{Input, Leadership, Notice, Release, Step, StepDownReason, Term};

use super::{
    monitor::{Monitor, at, nanos},
    state::{
        ABSENT, CONTENDING, IDLE, LEADING, OUTSTANDING, PROBATION, RELEASING, Slot, WITHDRAWING,
    },
    table::Take,
    turn::{Ending, Why},
    violation::Violation,
};

impl Monitor {
    pub(super) fn read_publication(
        &mut self,
        input: &Input,
        step: &Step,
    ) -> Result<(), Box<Violation>> {
        let rewound = step.notices.iter().any(|notice| matches!(notice, Notice::Rewound { .. }));
        let forgot = matches!(self.turn.refused, Some(("13", "after a rewind nothing counts")));
        self.must("13", "forget", rewound == forgot, "a rewind is reported, and nothing else is")?;
        match &step.publish {
            None => self.says_nothing(input),
            Some(Leadership::Leading { term, valid_until }) => self.leads(*term, at(*valid_until)),
            Some(Leadership::Ended { term, reason }) => self.ended(*term, *reason),
            Some(Leadership::Following { holder }) => {
                self.published = None;
                let follows = self.state.mode == CONTENDING || self.state.mode == PROBATION;
                self.must("16", "acquire", follows, "who follows is a candidate or in probation")?;
                let known = self.lease_seen().and_then(|lease| lease.record.holder.clone());
                let rule = self.turn.refused.map_or("16", |(rule, _)| rule);
                self.must(rule, "show", known == *holder, "the holder that is known is followed")
            }
            Some(Leadership::Released(release)) => self.released(input, release),
            Some(Leadership::Failed(_)) => {
                self.published = None;
                self.take(Take::Fail)
            }
            Some(Leadership::Withdrawn) => self.withdrawn(),
        }
    }

    fn leads(&mut self, term: Term, until: i64) -> Result<(), Box<Violation>> {
        let ended = self.turn.ended.map(|why| (why.rule(), "the term has ended"));
        let refused = ended.or(self.turn.refused);
        let (rule, why) = refused.unwrap_or(("2", "no write of the term succeeded"));
        let again = self.published == Some((term, until)) && self.state.mode == LEADING;
        if self.turn.success.is_none() && !again {
            return Err(self.violation(rule, "renewed", format!("belief, but {why}")));
        }
        let graced = self.state.mode == PROBATION;
        self.must("16", "won", !graced, "nobody leads in the create grace")?;
        self.must(rule, "won", self.state.mode == LEADING, why)?;
        if until != self.state.until {
            let sent = until - nanos(self.config.renew_deadline);
            let others = self.attempts_sent_at(sent);
            let rule = match self.turn.success {
                Some(true) if others => "15",
                Some(false) if others => "10",
                Some(_) | None => "2",
            };
            let what = format!("belief lasts until {until} and not {}", self.state.until);
            return Err(self.violation(rule, "renewed", what));
        }
        let id = self.state.term;
        let ours = self.book.term(id).is_some_and(|ours| {
            ours.fence == term.fence()
                && ours.transitions == term.transitions()
                && ours.acquire_time == kunobi_ha_core::LeaseTime::At(term.acquire_time())
        });
        self.must("9", "won", ours, "the term that is published is the one that was won")?;
        self.published = Some((term, until));
        Ok(())
    }

    fn ended(&mut self, term: Term, reason: StepDownReason) -> Result<(), Box<Violation>> {
        let Some(why) = self.turn.ended else {
            let what = format!("term {term} ended for no reason: {reason:?}");
            let rule = self.turn.refused.map_or("14", |(rule, _)| rule);
            return Err(self.violation(rule, "end", what));
        };
        let fits = match reason {
            StepDownReason::Cancelled => why == Why::Asked,
            StepDownReason::ClockWentBack => why == Why::Clock,
            StepDownReason::HolderChanged => why == Why::Holder,
            StepDownReason::RecreationLost => why == Why::Recreation,
            StepDownReason::RenewDeadlineExceeded => why == Why::Deadline,
            StepDownReason::Rewound => why == Why::Rewind,
            _ => false,
        };
        let last = self.published.take().is_some_and(|(published, _)| published == term);
        self.must(why.rule(), "end", fits && last, "the term that ran ends, for its reason")
    }

    fn released(&mut self, input: &Input, release: &Release) -> Result<(), Box<Violation>> {
        self.published = None;
        if *release == Release::NotHeld {
            let asked = *input == Input::StepDown && self.state.mode == IDLE;
            return self.must("16", "finish", asked, "nothing was held");
        }
        let ending = match release {
            Release::NotOurs => Ending::NotOurs,
            Release::Released => Ending::Released,
            _ => Ending::StillHeld,
        };
        if self.turn.finished.is_none() {
            // Time is up, or the Lease is deleted.
            let gone = self.state.mode == RELEASING && self.state.known == ABSENT;
            let fits = ending == Ending::StillHeld || (ending == Ending::NotOurs && gone);
            self.must(
                "16",
                "released",
                fits,
                "a release that succeeded is known by its own proof",
            )?;
            return self.finish(ending);
        }
        let fits = self.turn.finished == Some(ending);
        self.must("16", "finish", fits, "what became of the release is said")
    }

    fn withdrawn(&mut self) -> Result<(), Box<Violation>> {
        self.published = None;
        if self.turn.finished.is_some() {
            let fits = self.turn.finished == Some(Ending::Withdrawn);
            return self.must("16", "finish", fits, "what was given up has won nothing");
        }
        self.must("16", "finish", self.state.mode == WITHDRAWING, "a candidate gives up")?;
        let outstanding = |slot: &Slot| slot.bids() && slot.state == OUTSTANDING;
        let settled = !self.state.slots.iter().any(outstanding);
        self.must("16", "finish", settled, "no bid is outstanding")?;
        self.finish(Ending::Withdrawn)
    }

    fn says_nothing(&mut self, input: &Input) -> Result<(), Box<Violation>> {
        if let Some(why) = self.turn.ended {
            return Err(self.violation(why.rule(), "end", format!("nobody is told: {why:?}")));
        }
        let told = self.turn.success.is_none() || self.state.mode != LEADING;
        self.must("2", "won", told, "a success is published")?;
        let finished = self.turn.finished.is_none() && !self.turn.lost;
        self.must("16", "finish", finished, "the end of a phase is published")?;
        let asked = *input == Input::StepDown && self.state.mode == IDLE;
        self.must("16", "finish", !asked, "who asks is answered")
    }

    pub(super) fn check_belief(&self) -> Result<(), Box<Violation>> {
        let believed = self.published.map(|(_, until)| until).filter(|at| self.state.now < *at);
        let longer =
            believed.is_some_and(|until| !self.state.believes() || until > self.state.until);
        self.must("2", "lapse", !longer, "belief is never longer than the protocol's")
    }

    pub(super) fn must(
        &self,
        rule: &'static str,
        row: &'static str,
        holds: bool,
        what: &str,
    ) -> Result<(), Box<Violation>> {
        if holds { Ok(()) } else { Err(self.violation(rule, row, what.into())) }
    }
}
