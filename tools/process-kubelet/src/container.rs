//! The driver of one container: starts, probes, ends and restarts it as it is told.

mod restarts;
mod run;

use std::{collections::VecDeque, path::PathBuf, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::run::{Run, until};
use super::{
    accidents::{self, Accident, UNKNOWN},
    backoff::Backoff,
    files::Files,
    logs::Logs,
    plan::Plan,
    pod::Seen,
    probe::{Kind, Outcome, ProbeEffect},
    process::{Orphans, Process},
    status::{Exit, State, View},
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
    pub(crate) orphans: Orphans,
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
    /// What is left of the last one.
    last: Option<End>,
    /// Which end was asked for last.
    asked: Option<String>,
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
    accident: Option<Accident>,
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
        let (finished, last, asked, born) = (None, None, None, Instant::now());
        Self { number, plan, view, backoff, finished, last, asked, links, born }
    }

    pub(crate) async fn run(mut self) {
        loop {
            let end = self.once().await;
            if !self.until_next(end).await {
                return;
            }
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
                let (since, until) = (Some(since), Some(since));
                let exit = Exit { process: None, code, reason, since, until, message };
                let (finished, failed, accident, log) = (self.age(), false, None, None);
                return End { exit, finished, failed, accident, file, log };
            }
        };
        let id = process.id();
        let mut run = Run::new();
        let code = self.attend(&mut run, &mut process, since).await;
        let (until, finished) = (Timestamp::now(), self.age());
        let lives_on = run.accident.is_some_and(|accident| accident.made_up().is_some());
        if !lives_on {
            process.drain().await;
        }
        tracing::info!(pod = self.links.pod, process = id, code, lives_on, "a container ended");
        (self.view.started, self.view.ready) = (false, false);
        let reason = Accident::reason(run.accident, code);
        let (process_id, since, until) = (Some(id), Some(since), Some(until));
        let exit = Exit { process: process_id, code, reason, since, until, message: None };
        let log = (self.plan.falls_back_to_log && code != 0).then(|| process.last_lines());
        if lives_on {
            self.links.orphans.take(process);
        }
        End { exit, finished, failed: run.failed, accident: run.accident, file, log }
    }

    /// Probes and ends a process until it has ended, or counts as ended; returns its exit code.
    async fn attend(&mut self, run: &mut Run, process: &mut Process, since: Timestamp) -> i32 {
        let id = process.id();
        let stop = self.links.stop.clone();
        self.links.relist.mark_unchanged();
        loop {
            if let Some(code) = self.befall(run) {
                return code;
            }
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
                Ok(()) = self.links.seen.changed() => {}
                () = until(due) => {}
                () = stop.cancelled(), if !run.is_killed() => run.kill(),
            }
            if let Some(stop) = run.act() {
                tracing::info!(pod = self.links.pod, process = id, ?stop, "a container is ended");
                process.send(stop);
            }
        }
    }

    /// Makes the termination message file of the next instance. Without one it runs all the same.
    fn file(&self) -> Option<PathBuf> {
        let Links { uid, files, pod, seen, .. } = &self.links;
        let file = match accidents::file(seen.borrow().pod(), &self.view.name) {
            Some(name) => files.share(&name),
            None => files.create(uid, &self.view.name, self.view.restarts),
        };
        file.inspect_err(|error| tracing::error!(%error, pod, "no termination message file")).ok()
    }

    /// Lets an end happen that is asked for, once; returns the exit code if it is made up.
    fn befall(&mut self, run: &mut Run) -> Option<i32> {
        let asked = accidents::asked(self.links.seen.borrow().pod(), &self.view.name);
        if !run.is_seen() || asked == self.asked {
            return None;
        }
        self.asked = asked;
        let asked = self.asked.as_deref()?;
        let accident = Accident::parse(asked);
        match accident {
            Some(accident) if accident.made_up().is_none() => run.kill(),
            Some(_) => {}
            None => tracing::error!(pod = self.links.pod, asked, "there is no such end"),
        }
        run.accident = accident;
        accident?.made_up()
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

    fn report(&self) {
        // The driver of the pod is gone only if all is being killed.
        let _ = self.links.reports.send((self.number, self.view.clone()));
    }
}

/// What container runtimes say of what they could not start.
const START_ERROR: i32 = 128;
