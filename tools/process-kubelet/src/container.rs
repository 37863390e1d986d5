//! The driver of one container: starts, probes, ends and restarts it as it is told.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task::JoinSet,
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{
    backoff::Backoff,
    check::check,
    files::Files,
    logs::Logs,
    plan::Plan,
    pod::Seen,
    probe::{Kind, Outcome, ProbeEffect, Probes},
    process::Process,
    shutdown::{Shutdown, Stop},
    status::{Exit, State, View},
    termination,
};

/// What the driver of a pod shares with those of its containers.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    /// `namespace/name`
    pub(crate) pod: String,
    pub(crate) uid: String,
    /// The newest of what the API server says of the pod.
    pub(crate) seen: watch::Receiver<Seen>,
    pub(crate) logs: Logs,
    pub(crate) files: Files,
    /// Reports the state of the container with this number.
    pub(crate) reports: UnboundedSender<(usize, View)>,
    /// The grace period of the pod, once it is to end.
    pub(crate) ending: watch::Receiver<Option<Duration>>,
    /// Kill it without a report.
    pub(crate) stop: CancellationToken,
}

#[derive(Debug)]
pub(crate) struct Container {
    number: usize,
    plan: Plan,
    view: View,
    backoff: Backoff,
    links: Links,
    born: Instant,
}

/// One process, from its start to its end.
#[derive(Debug)]
struct Run {
    probes: Probes,
    shutdown: Shutdown,
    checks: JoinSet<(Kind, Outcome)>,
    started: Instant,
}

impl Container {
    pub(crate) fn new(
        number: usize,
        plan: Plan,
        view: View,
        backoff: Backoff,
        links: Links,
    ) -> Self {
        Self { number, plan, view, backoff, links, born: Instant::now() }
    }

    pub(crate) async fn run(mut self) {
        loop {
            let exit = self.once().await;
            let code = exit.code;
            self.show(State::Ended(exit.clone()));
            if self.is_ending() || !self.plan.policy.restarts(code) {
                return;
            }
            self.view.last = Some(exit.clone());
            let pause = self.backoff.pause(self.born.elapsed());
            if !pause.is_zero() && !self.pause(pause).await {
                self.show(State::Ended(exit));
                return;
            }
            self.view.restarts += 1;
        }
    }

    async fn once(&mut self) -> Exit {
        let since = Timestamp::now();
        let file = self.file();
        let (pod, logs) = (&self.links.pod, &self.links.logs);
        let spawned = Process::spawn(&self.plan, pod, logs, file.as_deref());
        let mut process = match spawned {
            Ok(process) => process,
            Err(error) => {
                let message = Some(format!("{}: {error}", self.plan.program.display()));
                let (code, until) = (START_ERROR, since);
                let reason = "StartError";
                return Exit { process: None, code, reason, since, until, message };
            }
        };
        let id = process.id();
        let mut run = Run::new(&self.plan, self.born.elapsed());
        self.observe(&run.probes);
        self.show(State::Running { process: id, since });
        let stop = self.links.stop.clone();
        let code = loop {
            run.begin_checks(&self.plan);
            let due = run.due();
            tokio::select! {
                code = process.wait() => break code,
                Some(Ok((kind, outcome))) = run.checks.join_next() => {
                    self.probed(&mut run, kind, outcome);
                }
                Ok(()) = self.links.ending.changed() => self.end(&mut run),
                () = until(due) => {}
                () = stop.cancelled(), if run.shutdown != Shutdown::Killed => run.kill(),
            }
            if let Some(stop) = run.act() {
                tracing::info!(pod = self.links.pod, process = id, ?stop, "a container is ended");
                process.send(stop);
            }
        };
        let until = Timestamp::now();
        process.drain().await;
        let lost = code.as_ref().err().map(ToString::to_string);
        let code = code.unwrap_or(UNKNOWN);
        tracing::info!(pod = self.links.pod, process = id, code, "a container ended");
        (self.view.started, self.view.ready) = (false, false);
        let log = (self.plan.falls_back_to_log && code != 0).then(|| process.last_lines());
        let written = termination::written(file.as_deref(), log.as_ref());
        let containers = termination::containers(self.links.seen.borrow().pod());
        let message = termination::message(lost.as_deref(), &written, containers);
        let reason = if code == 0 { "Completed" } else { "Error" };
        Exit { process: Some(id), code, reason, since, until, message }
    }

    /// Makes the termination message file of the next instance. Without one it runs all the same.
    fn file(&self) -> Option<PathBuf> {
        let Links { uid, files, pod, .. } = &self.links;
        files
            .create(uid, &self.view.name, self.view.restarts)
            .inspect_err(|error| tracing::error!(%error, pod, "no termination message file"))
            .ok()
    }

    fn probed(&mut self, run: &mut Run, kind: Kind, outcome: Outcome) {
        let now = run.started.elapsed();
        match run.probes.report(kind, outcome, now) {
            ProbeEffect::Unchanged => {}
            ProbeEffect::Changed => {
                self.observe(&run.probes);
                self.report();
            }
            ProbeEffect::Restart => {
                tracing::info!(pod = self.links.pod, ?kind, "a probe failed too often");
                let probe = self.plan.probes.get(&kind);
                let grace = probe.and_then(|probe| probe.grace).unwrap_or(self.plan.grace);
                run.shutdown.begin(now, grace, self.plan.hook);
            }
        }
    }

    fn end(&self, run: &mut Run) {
        if let Some(grace) = *self.links.ending.borrow() {
            run.probes.delete();
            run.shutdown.begin(run.started.elapsed(), grace, self.plan.hook);
        }
    }

    /// Waits out a back-off; false if the pod is to end meanwhile.
    async fn pause(&mut self, pause: Duration) -> bool {
        let message = format!("back-off {} s before the next restart", pause.as_secs_f64());
        self.show(State::Waiting { reason: "CrashLoopBackOff", message: Some(message) });
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = self.links.ending.wait_for(Option::is_some) => {}
            () = self.links.stop.cancelled() => {}
        }
        !self.is_ending()
    }

    fn is_ending(&self) -> bool {
        self.links.ending.borrow().is_some() || self.links.stop.is_cancelled()
    }

    fn observe(&mut self, probes: &Probes) {
        (self.view.started, self.view.ready) = (probes.started(), probes.ready());
    }

    fn show(&mut self, state: State) {
        self.view.state = state;
        self.report();
    }

    fn report(&self) {
        // The driver of the pod is gone only if all is being killed.
        let _ = self.links.reports.send((self.number, self.view.clone()));
    }
}

impl Run {
    fn new(plan: &Plan, age: Duration) -> Self {
        let rhythms = plan.probes.iter().map(|(kind, probe)| (*kind, probe.rhythm));
        Self {
            probes: Probes::new(rhythms, age),
            shutdown: Shutdown::None,
            checks: JoinSet::new(),
            started: Instant::now(),
        }
    }

    fn begin_checks(&mut self, plan: &Plan) {
        for kind in self.probes.take_due(self.started.elapsed()) {
            if let Some(probe) = plan.probes.get(&kind) {
                let probe = probe.check.clone();
                self.checks.spawn(async move { (kind, check(&probe).await) });
            }
        }
    }

    /// When a probe or a signal is due.
    fn due(&self) -> Option<Instant> {
        let next = self.probes.next().into_iter().chain(self.shutdown.next()).min();
        next.map(|next| self.started + next)
    }

    fn kill(&mut self) {
        self.shutdown = Shutdown::Terminated { kill_at: Duration::ZERO };
    }

    fn act(&mut self) -> Option<Stop> {
        self.shutdown.act(self.started.elapsed())
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// What container runtimes say of what they could not start.
const START_ERROR: i32 = 128;
/// What they say of what they lost.
const UNKNOWN: i32 = 255;
