//! One process, from its start to its end.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{self, Instant},
};

use crate::{
    accidents::Accident,
    check::check,
    plan::Plan,
    probe::{Kind, Outcome, ProbeEffect, Probes},
    shutdown::{Shutdown, Stop},
};

#[derive(Debug)]
pub(super) struct Run {
    /// `None` until kubelet has seen that it runs.
    pub(super) probes: Option<Probes>,
    pub(super) checks: JoinSet<(Kind, Outcome)>,
    /// Whether a probe decided on its end.
    pub(super) failed: bool,
    /// What befell it.
    pub(super) accident: Option<Accident>,
    shutdown: Shutdown,
    started: Instant,
}

impl Run {
    pub(super) fn new() -> Self {
        Self {
            probes: None,
            checks: JoinSet::new(),
            failed: false,
            accident: None,
            shutdown: Shutdown::None,
            started: Instant::now(),
        }
    }

    pub(super) fn is_seen(&self) -> bool {
        self.probes.is_some()
    }

    /// `born`: when the tickers of the probes began.
    pub(super) fn see(&mut self, plan: &Plan, born: Instant, is_ending: bool) {
        let rhythms = plan.probes.iter().map(|(kind, probe)| (*kind, probe.rhythm));
        let mut probes = Probes::new(rhythms, self.started - born, self.started.elapsed());
        if is_ending {
            probes.delete();
        }
        self.probes = Some(probes);
    }

    pub(super) fn begin_checks(&mut self, plan: &Plan) {
        let now = self.started.elapsed();
        for kind in self.probes.iter_mut().flat_map(|probes| probes.take_due(now)) {
            if let Some(probe) = plan.probes.get(&kind) {
                let probe = probe.check.clone();
                self.checks.spawn(async move { (kind, check(&probe).await) });
            }
        }
    }

    /// Takes the result of a probe; one that failed too often ends the process.
    ///
    /// `kuberuntime/kuberuntime_container.go`, `setTerminationGracePeriod`: the grace period of the
    /// probe comes before that of the pod.
    pub(super) fn probed(&mut self, plan: &Plan, kind: Kind, outcome: Outcome) -> ProbeEffect {
        let now = self.started.elapsed();
        let Some(probes) = &mut self.probes else {
            return ProbeEffect::Unchanged;
        };
        let effect = probes.report(kind, outcome, now);
        if effect == ProbeEffect::Restart {
            let grace = plan.probes.get(&kind).and_then(|probe| probe.grace).unwrap_or(plan.grace);
            self.failed = true;
            self.shutdown.begin(now, grace, plan.hook);
        }
        effect
    }

    /// Ends it with its pod.
    pub(super) fn end(&mut self, plan: &Plan, grace: Duration) {
        if let Some(probes) = &mut self.probes {
            probes.delete();
        }
        self.shutdown.begin(self.started.elapsed(), grace, plan.hook);
    }

    pub(super) fn kill(&mut self) {
        self.shutdown = Shutdown::Terminated { kill_at: Duration::ZERO };
    }

    pub(super) fn is_killed(&self) -> bool {
        self.shutdown == Shutdown::Killed
    }

    /// Returns the signal that is due.
    pub(super) fn act(&mut self) -> Option<Stop> {
        self.shutdown.act(self.started.elapsed())
    }

    /// Returns when a probe or a signal is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let probes = self.probes.as_ref().and_then(Probes::next);
        let next = probes.into_iter().chain(self.shutdown.next()).min();
        next.map(|next| self.started + next)
    }
}

pub(super) async fn until(due: Option<Instant>) {
    match due {
        Some(due) => time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
