//! How a shutdown is described, and begins to listen.

use std::{
    collections::BTreeSet,
    fmt, io,
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
use crate::{environment::variable, journal};

/// The shutdown of this program.
#[derive(Debug)]
#[must_use = "nobody acts on a signal unless `finished` or an operator does"]
pub struct Shutdown {
    pub(super) coordinator: Arc<Coordinator>,
}

/// Describes a [`Shutdown`]; made by [`Shutdown::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is installed before `install`"]
pub struct ShutdownBuilder {
    config: BudgetConfig,
    signals: Option<BTreeSet<StopSignal>>,
    wrong: Option<InvalidBudgets>,
}

/// Why a shutdown could not be installed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// This process has one already.
    #[error("this process has a shutdown already: pass its handle around instead")]
    AlreadyInstalled,
    /// The budgets do not fit into the grace period.
    #[error(transparent)]
    InvalidBudgets(#[from] InvalidBudgets),
    /// The system refused a thread or a signal handler.
    #[error("the system refused a thread or a signal handler: {0}")]
    Io(#[from] io::Error),
}

/// From [`ShutdownBuilder::from_env`]: the time from the signal to SIGKILL, in seconds.
pub const GRACE_PERIOD_VARIABLE: &str = "HA_GRACE_PERIOD_SECONDS";
/// From [`ShutdownBuilder::from_env`]: how long a pod serves after the signal, in seconds.
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

    /// Returns what the parts of the program hold.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle { coordinator: Arc::clone(&self.coordinator) }
    }

    /// Returns how long each phase may take.
    #[must_use]
    pub fn budgets(&self) -> Budgets {
        self.coordinator.budgets
    }

    /// Waits until a shutdown is asked for, goes through its phases, and says how it went.
    ///
    /// An installed one goes through its phases also if nobody waits here (a signal may arrive while
    /// the program still connects to something), and then ends the process by itself.
    ///
    /// From the report on, `main` has the stop budget, 1 s, for what it still does, and less if the
    /// grace period ends before: then the process is ended from another thread, with the code of the
    /// report. So a thread that blocks (`spawn_blocking` that sleeps, work that never yields) does
    /// not keep it alive, though a runtime that is dropped waits for it. What takes longer belongs
    /// into [`Handle::on_stop`].
    ///
    /// # Cancel safety
    ///
    /// The phases go on if it is dropped.
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
        // Of an installed one, it is the end of `main`, most likely: of the log, nothing may be lost.
        if self.coordinator.owns_process() {
            journal::flush(LAST_LINES);
        }
    }
}

impl ShutdownBuilder {
    /// Sets the time from the signal to SIGKILL: `terminationGracePeriodSeconds`, less what a
    /// `preStop` hook takes. Default: 30 s; [`LONGEST_GRACE_PERIOD`](super::LONGEST_GRACE_PERIOD) at
    /// most.
    pub const fn grace_period(mut self, duration: Duration) -> Self {
        self.config.grace_period = duration;
        self
    }

    /// Sets how long everything goes on serving after the signal, while readiness fails. Default:
    /// zero, which is right for a controller; 5 s where a Service routes to this pod, because
    /// its endpoints are removed while the signal is sent.
    pub const fn unready_delay(mut self, duration: Duration) -> Self {
        self.config.unready_delay = duration;
        self
    }

    /// Sets how long work may take to end by itself. The Lease is renewed meanwhile. Default: what
    /// the others leave of the grace period.
    pub const fn drain_budget(mut self, duration: Duration) -> Self {
        self.config.drain = Some(duration);
        self
    }

    /// Sets how long aborted work may take to be gone. Default: 2 s.
    pub const fn abort_budget(mut self, duration: Duration) -> Self {
        self.config.abort = duration;
        self
    }

    /// Sets how long the release may take. Default: 3 s.
    pub const fn release_budget(mut self, duration: Duration) -> Self {
        self.config.release = duration;
        self
    }

    /// Sets how long what comes last may take. Default: 1 s.
    pub const fn stop_budget(mut self, duration: Duration) -> Self {
        self.config.stop = duration;
        self
    }

    /// Takes the grace period from [`HA_GRACE_PERIOD_SECONDS`](GRACE_PERIOD_VARIABLE) and the unready
    /// delay from [`HA_UNREADY_DELAY_SECONDS`](UNREADY_DELAY_VARIABLE), as the charts of this project
    /// set them; what is unset or blank stays.
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

    /// Sets which signals ask the program to end, for those who start it with another `STOPSIGNAL`
    /// or `KillSignal`. Default: [`StopSignal::Terminate`] and [`StopSignal::Interrupt`]; what is
    /// left out keeps what the system does at it. On Windows this is ignored.
    ///
    /// | so far | SIGINT | SIGTERM, and each other one |
    /// | --- | --- | --- |
    /// | none | begins the shutdown, without the unready delay | begins it |
    /// | one, a second ago at most | ends the process | is ignored: kubelets, shells and `timeout` repeat it |
    /// | one, longer ago | ends the process | hurries |
    /// | one that hurried | ends the process | ends the process, if it is more than an echo within 50 ms |
    ///
    /// The second is 1.25 s in fact, because machines are busy.
    ///
    /// *Hurries*: the unready delay and the drain are cut, so that all work has ended, or was
    /// aborted, after 3 s. If all work ended by itself, the Lease is released as usual; otherwise the
    /// exit code is 3. *Ends the process*: at once, with 128 and the number of the signal, without a
    /// release. If something else began the shutdown, the next signal counts as the first one.
    pub fn signals(mut self, signals: impl IntoIterator<Item = StopSignal>) -> Self {
        self.signals = Some(signals.into_iter().collect());
        self
    }

    /// Listens for [`signals`](Self::signals) from now on, before anything else is started: SIGTERM
    /// and SIGINT, or what Windows has in their place.
    ///
    /// # Errors
    ///
    /// [`InstallError`]. A process has one.
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

    /// Listens for nothing, owns no thread, and never ends the process: for tests, services and
    /// programs that own their signals. [`Handle::trigger`] begins it.
    ///
    /// # Errors
    ///
    /// [`InvalidBudgets`].
    pub fn manual(self) -> Result<Shutdown, InvalidBudgets> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let budgets = Budgets::new(&self.config)?;
        Ok(Shutdown { coordinator: Arc::new(Coordinator::new(budgets)) })
    }
}

const DEFAULT_SIGNALS: [StopSignal; 2] = [StopSignal::Terminate, StopSignal::Interrupt];
/// How long a writer of the log that blocks may hold up the end of `main`.
const LAST_LINES: Duration = Duration::from_millis(250);
