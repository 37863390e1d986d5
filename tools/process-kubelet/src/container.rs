//! The driver of one container: starts, probes, ends and restarts it as it is told.

mod run;

use std::{collections::VecDeque, path::PathBuf, time::Duration};

use jiff::Timestamp;
use kube::ResourceExt;
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;

use self::run::{Run, until};
use super::{
    backoff::{Backoff, text_of},
    files::Files,
    logs::Logs,
    plan::{Plan, RestartPolicy},
    pod::Seen,
    probe::{Kind, Outcome, ProbeEffect},
    process::Process,
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
    /// Changes when kubelet looks at its containers.
    pub(crate) relist: watch::Receiver<()>,
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
    /// When the last instance ended.
    finished: Option<Duration>,
    links: Links,
    born: Instant,
}

/// What is left of an instance.
#[derive(Debug)]
struct End {
    exit: Exit,
    /// Counted from the start of the first one.
    finished: Duration,
    /// Whether a probe decided on it.
    failed: bool,
    file: Option<PathBuf>,
    /// The last lines of its output, if they may be its message.
    log: Option<VecDeque<String>>,
}

impl Container {
    pub(crate) fn new(
        number: usize,
        plan: Plan,
        view: View,
        backoff: Backoff,
        links: Links,
    ) -> Self {
        Self { number, plan, view, backoff, finished: None, links, born: Instant::now() }
    }

    pub(crate) async fn run(mut self) {
        loop {
            let end = self.once().await;
            let Some(exit) = self.until_next(end).await else {
                return;
            };
            self.view.last = Some(exit);
            self.view.restarts += 1;
        }
    }

    async fn once(&mut self) -> End {
        let since = Timestamp::now();
        let file = self.file();
        let (pod, logs) = (&self.links.pod, &self.links.logs);
        let mut process = match Process::spawn(&self.plan, pod, logs, file.as_deref()) {
            Ok(process) => process,
            Err(error) => {
                let message = Some(format!("{}: {error}", self.plan.program.display()));
                let (code, reason) = (START_ERROR, "StartError");
                let exit = Exit { process: None, code, reason, since, until: since, message };
                return End { exit, finished: self.age(), failed: false, file, log: None };
            }
        };
        let id = process.id();
        let mut run = Run::new();
        let code = self.attend(&mut run, &mut process, since).await;
        let (until, finished) = (Timestamp::now(), self.age());
        process.drain().await;
        tracing::info!(pod = self.links.pod, process = id, code, "a container ended");
        (self.view.started, self.view.ready) = (false, false);
        let reason = if code == 0 { "Completed" } else { "Error" };
        let exit = Exit { process: Some(id), code, reason, since, until, message: None };
        let log = (self.plan.falls_back_to_log && code != 0).then(|| process.last_lines());
        End { exit, finished, failed: run.failed, file, log }
    }

    /// Probes and ends a process until it has ended; returns its exit code.
    async fn attend(&mut self, run: &mut Run, process: &mut Process, since: Timestamp) -> i32 {
        let id = process.id();
        let stop = self.links.stop.clone();
        self.links.relist.mark_unchanged();
        loop {
            run.begin_checks(&self.plan);
            let due = run.due();
            tokio::select! {
                code = process.wait() => return code.unwrap_or(UNKNOWN),
                Ok(()) = self.links.relist.changed(), if !run.is_seen() => {
                    run.see(&self.plan, self.born, self.is_ending());
                    self.observe(run);
                    self.show(State::Running { process: id, since });
                }
                Some(Ok((kind, outcome))) = run.checks.join_next() => {
                    self.probed(run, kind, outcome);
                }
                Ok(()) = self.links.ending.changed() => self.end(run),
                () = until(due) => {}
                () = stop.cancelled(), if !run.is_killed() => run.kill(),
            }
            if let Some(stop) = run.act() {
                tracing::info!(pod = self.links.pod, process = id, ?stop, "a container is ended");
                process.send(stop);
            }
        }
    }

    /// Waits until the next instance is to be started; `None` if there is none.
    async fn until_next(&mut self, end: End) -> Option<Exit> {
        let before = self.finished.replace(end.finished);
        if end.failed && self.restarts_at_once(before) {
            return Some(self.told(&end));
        }
        self.relisted().await;
        let finished = end.finished;
        let exit = self.told(&end);
        self.show(State::Ended(exit.clone()));
        if self.is_ending() || !self.plan.policy.restarts(exit.code) {
            return None;
        }
        let pause = self.backoff.pause(finished, self.age());
        if !pause.is_zero() && !self.pause(pause, &exit).await {
            self.show(State::Ended(exit));
            return None;
        }
        self.backoff.restarted(finished, self.age());
        Some(exit)
    }

    /// A kill that a probe asked for and the start after it are one step: nobody looks in between, the
    /// exit code does not matter, and the back-off counts from the end of the instance before.
    ///
    /// `kuberuntime/kuberuntime_manager.go`, `computePodActions`, `SyncPod` and `doBackOff`, whose
    /// status is that from before the kill.
    fn restarts_at_once(&mut self, before: Option<Duration>) -> bool {
        if self.is_ending() || self.plan.policy == RestartPolicy::Never {
            return false;
        }
        let now = self.age();
        let Some(before) = before else {
            return true;
        };
        let is_over = self.backoff.pause(before, now).is_zero();
        if is_over {
            self.backoff.restarted(before, now);
        }
        is_over
    }

    /// Reads what an instance said of its end. Kubelet reads it as late as it looks.
    fn told(&self, end: &End) -> Exit {
        let written = termination::written(end.file.as_deref(), end.log.as_ref());
        let containers = termination::containers(self.links.seen.borrow().pod());
        let message = termination::message(end.exit.message.as_deref(), &written, containers);
        Exit { message, ..end.exit.clone() }
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
        match run.probed(&self.plan, kind, outcome) {
            ProbeEffect::Unchanged => {}
            ProbeEffect::Changed => {
                self.observe(run);
                self.report();
            }
            ProbeEffect::Restart => {
                tracing::info!(pod = self.links.pod, ?kind, "a probe failed too often");
            }
        }
    }

    fn end(&self, run: &mut Run) {
        if let Some(grace) = *self.links.ending.borrow() {
            run.end(&self.plan, grace);
        }
    }

    /// Waits until kubelet looks at its containers again. Whoever ends a pod looks at once.
    ///
    /// `pleg/generic.go`, `Relist`; `kubelet.go`, `SyncTerminatingPod`, which asks the runtime itself
    /// when all containers have ended.
    async fn relisted(&mut self) {
        self.links.relist.mark_unchanged();
        tokio::select! {
            _ = self.links.relist.changed() => {}
            _ = self.links.ending.wait_for(Option::is_some) => {}
            () = self.links.stop.cancelled() => {}
        }
    }

    /// Waits out a back-off; false if the pod is to end meanwhile.
    async fn pause(&mut self, pause: Duration, exit: &Exit) -> bool {
        let before = self.view.last.replace(exit.clone());
        let message = Some(self.pause_message());
        self.show(State::Waiting { reason: "CrashLoopBackOff", message });
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = self.links.ending.wait_for(Option::is_some) => {}
            () = self.links.stop.cancelled() => {}
        }
        if self.is_ending() {
            self.view.last = before;
        }
        !self.is_ending()
    }

    /// `kuberuntime/kuberuntime_manager.go`, `doBackOff`.
    fn pause_message(&self) -> String {
        let pause = text_of(self.backoff.current());
        let seen = self.links.seen.borrow();
        let (pod, container) = (seen.pod(), &self.view.name);
        let (name, namespace) = (pod.name_any(), pod.namespace().unwrap_or_default());
        let uid = &self.links.uid;
        format!(
            "back-off {pause} restarting failed container={container} pod={name}_{namespace}({uid})"
        )
    }

    fn is_ending(&self) -> bool {
        self.links.ending.borrow().is_some() || self.links.stop.is_cancelled()
    }

    fn age(&self) -> Duration {
        self.born.elapsed()
    }

    fn observe(&mut self, run: &Run) {
        if let Some(probes) = &run.probes {
            (self.view.started, self.view.ready) = (probes.started(), probes.ready());
        }
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

/// What container runtimes say of what they could not start.
const START_ERROR: i32 = 128;
/// What they say of what they lost.
const UNKNOWN: i32 = 255;
