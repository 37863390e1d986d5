//! The description of a shutdown, and its installation.

use std::{
    collections::BTreeSet,
    fmt, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    budgets::{BudgetConfig, Budgets, InvalidBudgets, seconds},
    coordinator::Coordinator,
    handle::Handle,
    phases,
    report::Report,
    stop_signal::StopSignal,
    supervisor,
};
use crate::{env_var::variable, journal, termination_log::TerminationLog};

/// The shutdown of this program; made by [`Shutdown::builder`].
///
/// An installed one acts on signals from [`install`](ShutdownBuilder::install) on, and also if this value
/// is dropped.
#[derive(Debug)]
#[must_use = "`main` waits for its end with `finished`, or gives it to an operator"]
pub struct Shutdown {
    pub(super) coordinator: Arc<Coordinator>,
}

/// Describes a [`Shutdown`]; made by [`Shutdown::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is installed before `install`"]
pub struct ShutdownBuilder {
    config: BudgetConfig,
    signals: Option<BTreeSet<StopSignal>>,
    message: Option<PathBuf>,
    wrong: Option<InvalidBudgets>,
}

/// Why a shutdown could not be installed. After [`Io`](Self::Io) this process can't install a
/// shutdown; after the others nothing has changed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// This process has a shutdown already.
    #[error("this process has a shutdown already: pass its handle around instead")]
    AlreadyInstalled,
    /// The budgets do not fit into the grace period.
    #[error(transparent)]
    InvalidBudgets(#[from] InvalidBudgets),
    /// The system refused a thread or a signal handler.
    #[error("the system refused a thread or a signal handler: {0}")]
    Io(#[from] io::Error),
}

/// The variable from which [`ShutdownBuilder::from_env`] takes the grace period, in whole seconds.
pub const GRACE_PERIOD_VARIABLE: &str = "HA_GRACE_PERIOD_SECONDS";
/// The variable from which [`ShutdownBuilder::from_env`] takes the unready delay, in whole seconds.
pub const UNREADY_DELAY_VARIABLE: &str = "HA_UNREADY_DELAY_SECONDS";

/// The text of [`Display`](fmt::Display): a `main` that returns it prints its `Debug`.
impl fmt::Debug for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Shutdown {
    /// Describes a shutdown within the grace period of Kubernetes, 30 s.
    pub fn builder() -> ShutdownBuilder {
        ShutdownBuilder::default()
    }

    /// Returns a handle for the parts of the program.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle { coordinator: Arc::clone(&self.coordinator) }
    }

    /// Returns how long each phase may take.
    #[must_use]
    pub fn budgets(&self) -> Budgets {
        self.coordinator.budgets
    }

    /// Waits until a shutdown begins and has gone through its phases, and says how it went.
    ///
    /// An installed shutdown goes through its phases also if nothing waits here (a signal may arrive
    /// while the program still connects to something), and then ends the process by itself.
    ///
    /// From the report on, `main` has the stop budget, 1 s, for what it still does, or the rest of the
    /// grace period if that is less. After that, another thread ends the process with the code of the
    /// report. So a thread that blocks (`spawn_blocking` that sleeps, work that never yields) does not
    /// keep the process alive, though a runtime that is dropped waits for such threads. What takes
    /// longer belongs in [`Handle::on_stop`].
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped, the phases go on. A manual shutdown goes through its phases only if
    /// this future was polled once.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn finished(self) -> Report {
        if !self.coordinator.owns_process() {
            tokio::spawn(phases::run(Arc::clone(&self.coordinator)));
        }
        self.coordinator.outcome().await
    }
}

impl Drop for Shutdown {
    fn drop(&mut self) {
        // This is most likely the end of `main`: no line of the log may be lost.
        if self.coordinator.owns_process() {
            journal::flush(LAST_LINES);
        }
    }
}

impl ShutdownBuilder {
    /// Sets the time from the signal to SIGKILL: `terminationGracePeriodSeconds`, less what a
    /// `preStop` hook takes. Default: 30 s, as Kubernetes has it. At most
    /// [`LONGEST_GRACE_PERIOD`](super::LONGEST_GRACE_PERIOD).
    pub const fn grace_period(mut self, duration: Duration) -> Self {
        self.config.grace_period = duration;
        self
    }

    /// Sets how long everything goes on serving after the signal, while readiness fails. Default:
    /// zero, which is right for a controller. Where a Service routes to this pod, 5 s are right,
    /// because Kubernetes removes the pod from the endpoints while it sends the signal.
    pub const fn unready_delay(mut self, duration: Duration) -> Self {
        self.config.unready_delay = duration;
        self
    }

    /// Sets how long work may take to end by itself. The Lease is renewed meanwhile. Default: what
    /// the other budgets leave of the grace period.
    pub const fn drain_budget(mut self, duration: Duration) -> Self {
        self.config.drain = Some(duration);
        self
    }

    /// Sets how long aborted work may take to end. Default: 2 s.
    pub const fn abort_budget(mut self, duration: Duration) -> Self {
        self.config.abort = duration;
        self
    }

    /// Sets how long the release may take: that of each Lease, and all hooks of
    /// [`Handle::on_release`] together. Default: 3 s.
    pub const fn release_budget(mut self, duration: Duration) -> Self {
        self.config.release = duration;
        self
    }

    /// Sets how long all hooks of [`Handle::on_stop`] may take together. Default: 1 s.
    pub const fn stop_budget(mut self, duration: Duration) -> Self {
        self.config.stop = duration;
        self
    }

    /// Takes the grace period from [`HA_GRACE_PERIOD_SECONDS`](GRACE_PERIOD_VARIABLE) and the unready
    /// delay from [`HA_UNREADY_DELAY_SECONDS`](UNREADY_DELAY_VARIABLE), as the charts of this project
    /// set them. A variable that is unset or blank changes nothing. One that is not a whole number of
    /// seconds is an error of [`install`](Self::install) and [`manual`](Self::manual).
    pub fn from_env(mut self) -> Self {
        let read = |name| seconds(name, variable(name));
        match (read(GRACE_PERIOD_VARIABLE), read(UNREADY_DELAY_VARIABLE)) {
            (Ok(grace), Ok(delay)) => {
                self.config.grace_period = grace.unwrap_or(self.config.grace_period);
                self.config.unready_delay = delay.unwrap_or(self.config.unready_delay);
            }
            (Err(wrong), _) | (_, Err(wrong)) => self.wrong = Some(wrong),
        }
        self
    }

    /// Sets which signals ask the program to end, for images and units with another `STOPSIGNAL` or
    /// `KillSignal`. Default: [`StopSignal::Terminate`] and [`StopSignal::Interrupt`]. A signal that is
    /// left out keeps its action of the system. On Windows this is ignored.
    ///
    /// | signals so far | SIGINT | SIGTERM, or another signal |
    /// | --- | --- | --- |
    /// | none | begins the shutdown, without the unready delay | begins the shutdown |
    /// | one, at most 1.25 s ago | ends the process | is ignored: kubelets, shells and `timeout` repeat it |
    /// | one, longer ago | ends the process | hurries |
    /// | one that hurried, at most 50 ms ago | ends the process | is ignored: it is an echo |
    /// | one that hurried, longer ago | ends the process | ends the process |
    ///
    /// *Hurries*: the unready delay and the drain are cut, so that all work has ended, or was
    /// aborted, after 3 s. If all work ended by itself, the Lease is released as usual; otherwise the
    /// exit code is 3. *Ends the process*: at once, with 128 and the number of the signal, without a
    /// release and without hooks. If something else began the shutdown, the next signal counts as the
    /// first one.
    pub fn signals(mut self, signals: impl IntoIterator<Item = StopSignal>) -> Self {
        self.signals = Some(signals.into_iter().collect());
        self
    }

    /// Writes the reason of a failed end into the termination message of this container, so that
    /// `kubectl describe pod` shows it: the first of [`Report::failures`](super::Report::failures), or
    /// what else gave the exit code. Default: off. An operator does so
    /// for each election with
    /// [`death_certificates`](crate::leader::LeaderElectionBuilder::death_certificates).
    ///
    /// `path` is the `terminationMessagePath` of the container, usually `/dev/termination-log`. No file is
    /// made where there is none. A process that is ended at once, by a signal or
    /// because leader work can't be aborted in time, writes nothing.
    pub fn termination_message(mut self, path: impl Into<PathBuf>) -> Self {
        self.message = Some(path.into());
        self
    }

    /// Listens for [`signals`](Self::signals) from now on. A program calls this before it starts
    /// anything else. On Windows, Ctrl-C and Ctrl-Break count as SIGINT; the end of the console or of
    /// the system counts as SIGTERM.
    ///
    /// It needs no tokio runtime.
    ///
    /// # Errors
    ///
    /// [`InstallError`]: a process has one shutdown, the budgets have to fit, and the system has to
    /// give a thread and the handlers.
    pub fn install(mut self) -> Result<Shutdown, InstallError> {
        static INSTALLED: AtomicBool = AtomicBool::new(false);
        let signals = self.signals.take();
        let shutdown = self.manual()?;
        if INSTALLED.swap(true, Ordering::AcqRel) {
            return Err(InstallError::AlreadyInstalled);
        }
        let signals = signals.unwrap_or_else(|| DEFAULT_SIGNALS.into());
        supervisor::start(&shutdown.coordinator, signals)?;
        Ok(shutdown)
    }

    /// Makes a shutdown that listens for no signals, has no thread, and never ends the process: for
    /// tests, services, and programs that own their signals. [`Handle::trigger`] begins it, and
    /// [`Shutdown::finished`] goes through its phases, on the program's runtime.
    ///
    /// # Errors
    ///
    /// [`InvalidBudgets`], if the budgets do not fit into the grace period.
    pub fn manual(self) -> Result<Shutdown, InvalidBudgets> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let budgets = Budgets::new(&self.config)?;
        let coordinator = Coordinator::new(budgets);
        if let Some(path) = self.message {
            coordinator.add_message(TerminationLog::at(&path));
        }
        Ok(Shutdown { coordinator: Arc::new(coordinator) })
    }
}

const DEFAULT_SIGNALS: [StopSignal; 2] = [StopSignal::Terminate, StopSignal::Interrupt];
/// How long a writer of the log that blocks may hold up the end of `main`.
const LAST_LINES: Duration = Duration::from_millis(250);
