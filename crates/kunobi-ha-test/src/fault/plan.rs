//! From the faults of a client to what happens to one request.

use std::time::Duration;

use super::{Fault, FaultRule, Faults, WatchFault, rule::Progress};
use crate::matcher::Subject;

/// The faults of a client, and their progress.
#[derive(Debug, Default)]
pub(crate) struct ClientFaults {
    pub(crate) faults: Faults,
    /// Of each rule.
    progress: Vec<Progress>,
    seen: u64,
    random: Option<fastrand::Rng>,
}

/// What to do with one request.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) before: Duration,
    pub(crate) fault: Fault,
    pub(crate) after: Duration,
    /// What the log tells.
    pub(crate) shown: Option<Fault>,
    /// What becomes of the watch, after so many events.
    pub(crate) watch: Option<(u64, WatchFault)>,
}

impl ClientFaults {
    pub(crate) fn new(faults: Faults) -> Self {
        let progress = vec![Progress::default(); faults.rules.len()];
        let random = Some(fastrand::Rng::with_seed(faults.seed));
        Self { random, progress, faults, seen: 0 }
    }

    pub(crate) fn add_rule(&mut self, rule: FaultRule) {
        self.faults.rules.push(rule);
        self.progress.push(Progress::default());
    }

    /// Each rule, and how many requests it has hit.
    pub(crate) fn hits(&self) -> impl Iterator<Item = (&FaultRule, u64)> {
        let rules = self.faults.rules.iter().zip(&self.progress);
        rules.map(|(rule, progress)| (rule, progress.hits))
    }

    /// The rules that have not hit a request.
    pub(crate) fn unused(&self) -> Vec<FaultRule> {
        self.hits().filter(|(_, hits)| *hits == 0).map(|(rule, _)| rule.clone()).collect()
    }

    pub(crate) fn plan(&mut self, subject: &Subject) -> Plan {
        self.seen += 1;
        let turn = self.ruled(subject).unwrap_or_else(|| self.scripted(subject));
        let mut plan = Plan {
            before: Duration::from_millis(self.faults.latency_before_ms),
            fault: Fault::Pass,
            after: Duration::from_millis(self.faults.latency_after_ms),
            shown: (turn != Fault::Pass).then(|| turn.clone()),
            watch: None,
        };
        match turn {
            Fault::Delay { before_ms, after_ms } => {
                plan.before += Duration::from_millis(before_ms);
                plan.after += Duration::from_millis(after_ms);
            }
            Fault::Watch { after_events, then } => plan.watch = Some((after_events, then)),
            Fault::Hang
            | Fault::HangReply
            | Fault::LoseReply
            | Fault::Pass
            | Fault::Refuse
            | Fault::Reset
            | Fault::Status { .. } => plan.fault = turn,
        }
        if plan.fault == Fault::Pass {
            plan.fault = self.common();
            if plan.fault != Fault::Pass {
                plan.shown = Some(plan.fault.clone());
            }
        }
        plan
    }

    /// The fault of the first rule whose turn it is. All of them count the request.
    fn ruled(&mut self, subject: &Subject) -> Option<Fault> {
        let mut chosen = None;
        for (rule, progress) in self.faults.rules.iter().zip(&mut self.progress) {
            let turn = rule.turn(subject, progress);
            if let (None, Some(fault)) = (&chosen, turn) {
                progress.hits += 1;
                chosen = Some(fault.clone());
            }
        }
        chosen
    }

    fn scripted(&mut self, subject: &Subject) -> Fault {
        let script = &mut self.faults.script;
        if script.front().is_some_and(Fault::is_of_watches) && !subject.is_watch() {
            return Fault::Pass;
        }
        script.pop_front().unwrap_or(Fault::Pass)
    }

    /// What happens to requests without a turn of their own.
    fn common(&mut self) -> Fault {
        let faults = &self.faults;
        if faults.cut_requests {
            Fault::Hang
        } else if faults.refuse {
            Fault::Refuse
        } else if faults.hang_every > 0 && self.seen.is_multiple_of(faults.hang_every) {
            Fault::Hang
        } else if let Some(share) = &faults.share
            && self.random.get_or_insert_with(fastrand::Rng::new).f64() < share.ratio
        {
            Fault::Status { code: share.code, retry_after: share.retry_after }
        } else if faults.cut_answers {
            Fault::HangReply
        } else {
            Fault::Pass
        }
    }
}
