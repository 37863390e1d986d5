//! What an action does.

use kunobi_ha_core::{Input, LeaseRecord, Observed, Outcome, Refusal, Request};

use super::{Action, Call, Orphan, Served, Stage, World, author, register::Handled};
use crate::{
    marks::Mark,
    setup::{Setup, TICK},
};

impl World {
    pub(crate) fn perform(&mut self, action: &Action, setup: &Setup) {
        match *action {
            Action::Tick { fast, paused } => self.tick(fast, paused, setup),
            Action::Handle { of, call, served } => self.handle(of, call, served, setup),
            Action::Answer { to, call } => {
                let Call { id, sent, stage } = self.replicas[to].calls.remove(call);
                if let Stage::Answered(outcome) = stage {
                    self.answered(to, id, sent, outcome, setup);
                }
            }
            Action::Reset { to, call } => self.reset(to, call, setup),
            Action::Double { of, call } => {
                let call = &self.replicas[of].calls[call];
                if let Stage::Asked(request) = &call.stage {
                    let (sent, request) = (call.sent, request.clone());
                    self.orphans.push(Orphan { by: Some(of), sent, request });
                }
            }
            Action::Land { orphan } => {
                let Orphan { by, sent, request } = self.orphans.remove(orphan);
                let handled = self.register.handle(request.clone(), setup);
                self.check(by, sent, &request, &handled, setup);
            }
            Action::Lose { orphan } => drop(self.orphans.remove(orphan)),
            Action::Event { to, stale } => {
                let Self { register, .. } = &*self;
                let shown = if stale { &register.previous } else { &register.lease };
                if let Some(lease) = shown.clone() {
                    self.tell(to, Input::Observed(Observed::Found(lease)), setup);
                }
            }
            Action::DeletionTold { to } => {
                self.tell(to, Input::Observed(Observed::Deleted), setup);
            }
            Action::StepDown(who) => self.tell(who, Input::StepDown, setup),
            Action::Stop(who) => self.tell(who, Input::Stop, setup),
            Action::Crash(who) => {
                self.end(who, setup);
                self.start(who, setup);
            }
            Action::End(who) => {
                self.register.deaths_left -= 1;
                self.end(who, setup);
            }
            Action::Start(who) => self.start(who, setup),
            Action::News { to, of } => self.tell_of_death(to, of, setup),
            Action::Rumour { to } => self.spread_a_rumour(to, setup),
            Action::ClockBack(who) => self.clock_back(who, setup),
            Action::Relabel => {
                if let Some(lease) = self.register.lease.clone() {
                    self.register.store(lease.version.uid, lease.record, setup);
                }
            }
            Action::Edit => self.register.edit(setup),
            Action::Delete => {
                self.register.deletions_left -= 1;
                let before = self.register.lease.take();
                self.register.previous = before.filter(|_| setup.faults.stale);
            }
        }
    }

    fn tick(&mut self, fast: u8, paused: u8, setup: &Setup) {
        for (who, settings) in setup.replicas.iter().enumerate() {
            let rate = settings.rate[usize::from(fast >> who & 1)];
            let replica = &mut self.replicas[who];
            // A paused process may have missed its time already.
            let wake_at = if setup.faults.pauses { None } else { replica.wake_at() };
            replica.now = replica.now.after(TICK * u32::try_from(rate).unwrap_or(u32::MAX));
            if paused >> who & 1 == 1 || replica.has_ended {
                continue;
            }
            let early = wake_at.is_some_and(|at| at > replica.now);
            let before = replica.calls.len();
            self.tell(who, Input::Wake, setup);
            let replica = &self.replicas[who];
            if early && replica.calls.len() != before {
                self.breaks("it comes back in time");
            }
            let replica = &self.replicas[who];
            if setup.extra_belief == 0 && replica.until.is_some_and(|until| replica.now >= until) {
                self.breaks("rule 3: a timer ends the term");
            }
        }
    }

    fn handle(&mut self, of: usize, at: usize, served: Served, setup: &Setup) {
        let call = self.replicas[of].calls[at].clone();
        let Stage::Asked(mut request) = call.stage else { return };
        if served == Served::Refused {
            let outcome = Outcome::Refused(Refusal::Forbidden);
            self.replicas[of].calls[at].stage = Stage::Answered(outcome);
            return;
        }
        if let (Served::Altered, Some(record)) = (served, record_mut(&mut request)) {
            record.strategy = Some("altered".into());
        }
        let stale = self.register.previous.clone().filter(|_| served == Served::Stale);
        let handled = match stale {
            Some(lease) => Handled { outcome: Outcome::Found(lease), applied: false, over: None },
            None => self.register.handle(request.clone(), setup),
        };
        self.check(Some(of), call.sent, &request, &handled, setup);
        self.replicas[of].calls[at].stage = Stage::Answered(handled.outcome);
    }

    fn reset(&mut self, to: usize, at: usize, setup: &Setup) {
        let Call { id, sent, stage } = self.replicas[to].calls.remove(at);
        self.orphan(Some(to), sent, stage, setup);
        setup.marks.set(Mark::Retried);
        self.answered(to, id, sent, Outcome::Unknown { retry_after: None }, setup);
    }

    /// Nobody waits for the answer any more.
    pub(super) fn orphan(
        &mut self,
        by: Option<usize>,
        sent: kunobi_ha_core::Instant,
        stage: Stage,
        setup: &Setup,
    ) {
        match stage {
            Stage::Answered(_) | Stage::Asked(Request::Read) => {}
            Stage::Asked(request) => {
                if self.orphans.len() < setup.faults.orphans {
                    self.orphans.push(Orphan { by, sent, request });
                }
            }
        }
    }

    fn clock_back(&mut self, who: usize, setup: &Setup) {
        let replica = &mut self.replicas[who];
        let back = replica.now.as_nanos() - u64::try_from(TICK.as_nanos()).unwrap_or(0);
        replica.now = kunobi_ha_core::Instant::from_nanos(back);
        // Nothing that was sent before counts any more.
        replica.applied_until = None;
        let led = replica.leads;
        self.tell(who, Input::Wake, setup);
        if self.replicas[who].leads {
            self.breaks("rule 3: a clock that steps back ends the term");
        }
        setup.marks.set_if(Mark::ClockBack, led);
    }

    /// Notes what was applied, and checks that it might be.
    fn check(
        &mut self,
        by: Option<usize>,
        sent: kunobi_ha_core::Instant,
        request: &Request,
        handled: &Handled,
        setup: &Setup,
    ) {
        let (Some(who), true) = (by, handled.applied) else { return };
        let own = Some(u64::try_from(who).unwrap_or(u64::MAX) + 1);
        let until = sent.after(setup.replicas[who].timing.config().renew_deadline);
        let replica = &mut self.replicas[who];
        replica.applied_until = replica.applied_until.max(Some(until));
        let record = match request {
            Request::Read => return,
            Request::Create { record, .. } | Request::Update { record, .. } => record,
        };
        let Some(over) = &handled.over else { return };
        let identity = setup.replicas[who].identity;
        if record.is_free() {
            if over.is_free() || author(over) != own || over.holder.as_deref() != Some(identity) {
                self.breaks("rule 16: only a term of its own is released");
            }
        } else if record.acquire_time != over.acquire_time
            && record.transitions() <= over.transitions()
        {
            self.breaks("rule 16: every takeover increases the transitions");
        }
    }
}

fn record_mut(request: &mut Request) -> Option<&mut LeaseRecord> {
    match request {
        Request::Read => None,
        Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
    }
}
