//! What all handles of one shutdown share.

use std::{
    process,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    runtime::Handle as Runtime,
    sync::{oneshot, watch},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    budgets::{Budgets, Hurry, time_to_drain},
    hooks::Hooks,
    lease::Clearance,
    phase::{Phase, Reason},
    report::Report,
    tasks::{Ending, Part, Tasks},
};
#[cfg(feature = "operator")]
use super::{
    hooks::{Hook, LastHook, Pending},
    lease::LeaseHook,
    tasks::LeaseId,
};
use crate::journal::{self, warn};

pub(super) struct Coordinator {
    pub(super) budgets: Budgets,
    pub(super) tasks: Arc<Tasks>,
    pub(super) requested: CancellationToken,
    pub(super) draining: CancellationToken,
    pub(super) hurry: Hurry,
    pub(super) hooks: Mutex<Hooks>,
    phase: watch::Sender<Phase>,
    begun: Mutex<Begun>,
    /// The runtime of the supervisor's thread; none if this shutdown has no signals.
    supervisor: OnceLock<Runtime>,
    aborting: AtomicBool,
    /// Who listens ends the process with it.
    outcome: watch::Sender<Option<Report>>,
}

#[derive(Default)]
struct Begun {
    first: Option<(Reason, Instant)>,
    /// Why each Lease was lost that was.
    losses: Vec<Arc<str>>,
    failures: Vec<Arc<str>>,
}

impl Coordinator {
    pub(super) fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            tasks: Arc::default(),
            requested: CancellationToken::new(),
            draining: CancellationToken::new(),
            hurry: Hurry::default(),
            hooks: Mutex::default(),
            phase: watch::Sender::new(Phase::Running),
            begun: Mutex::default(),
            supervisor: OnceLock::new(),
            aborting: AtomicBool::new(false),
            outcome: watch::Sender::new(None),
        }
    }

    pub(super) fn supervised_by(&self, runtime: Runtime) {
        // It is set once, right after it was made.
        let _ = self.supervisor.set(runtime);
    }

    /// Returns the runtime that nothing of the user's can block, if there is one.
    pub(super) fn supervisor(&self) -> Option<&Runtime> {
        self.supervisor.get()
    }

    /// Begins the shutdown; the first reason counts.
    pub(super) fn trigger(&self, reason: Reason) {
        let mut begun = self.begun();
        match &reason {
            Reason::TaskFailed(why) => begun.failures.push(Arc::clone(why)),
            Reason::LeadershipLost(why) if !begun.losses.contains(why) => {
                begun.losses.push(Arc::clone(why));
            }
            Reason::LeadershipLost(_) => {}
            Reason::Requested(_) | Reason::Signal(_) => {}
        }
        let begins = begun.first.is_none();
        if begins {
            begun.first = Some((reason.clone(), Instant::now()));
        }
        // What writes the log may ask this shutdown.
        drop(begun);
        reason.tell(begins);
        if begins {
            self.enter(Phase::Unready);
            self.requested.cancel();
        }
    }

    /// Takes how a task ended that has no reason to end otherwise than well.
    pub(super) fn ended(&self, name: &str, ending: Ending) {
        let failure = match ending {
            Ending::Done => return,
            Ending::Aborted if self.aborting.load(Ordering::Acquire) => return,
            Ending::Aborted => format!("{name} was cancelled, or its runtime is gone"),
            Ending::Failed(error) => format!("{name} failed: {error}"),
            Ending::Panicked(message) => format!("{name} panicked: {message}"),
        };
        self.fail(failure);
    }

    /// Notes a failure, which begins the shutdown unless it has begun.
    pub(super) fn fail(&self, failure: String) {
        self.trigger(Reason::TaskFailed(failure.into()));
    }

    /// Cuts the budgets, because somebody asked again.
    pub(super) fn hurry(&self) {
        if self.begun().first.is_none() {
            return;
        }
        let drain = time_to_drain(&self.budgets);
        warn!("in a hurry: work has {drain:?} at most to end, and is aborted then");
        self.hurry.begin();
    }

    pub(super) fn abort_all(&self) {
        self.aborting.store(true, Ordering::Release);
        self.tasks.abort(Part::All);
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let moves = phase > *current;
            if moves {
                *current = phase;
            }
            moves
        });
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(super) fn begun_at(&self) -> Option<(Reason, Instant)> {
        self.begun().first.clone()
    }

    /// Writes into the report what came after the reason.
    pub(super) fn complete(&self, report: &mut Report) {
        let begun = self.begun();
        report.lost = (!begun.losses.is_empty()).then(|| begun.losses.join("; ").into());
        report.failures.clone_from(&begun.failures);
    }

    /// Ends the process without the rest of the phases, if this shutdown owns it.
    #[cfg(feature = "operator")]
    pub(super) fn exit_at_once(&self) {
        if let Some((reason, _)) = self.begun_at() {
            let mut report = Report::new(reason, Vec::new());
            self.complete(&mut report);
            self.exit_process(report.exit_code());
        }
    }

    /// Ends the process, if this shutdown owns it.
    fn exit_process(&self, code: u8) {
        if self.supervisor.get().is_some() {
            process::exit(i32::from(code));
        }
    }

    /// Waits for the end of the phases.
    pub(super) async fn outcome(&self) -> Report {
        let mut outcome = self.outcome.subscribe();
        match outcome.wait_for(Option::is_some).await.map(|report| report.clone()) {
            Ok(Some(report)) => report,
            // The sender lives in `self`, and it was asked for.
            Ok(None) | Err(_) => Report::failed("the shutdown has no outcome".into()),
        }
    }

    /// Hands the outcome to the task that waits for it, and makes the process end: at once if
    /// nobody waits, after `patience` otherwise, whatever its threads do.
    pub(super) async fn conclude(&self, report: Report, patience: Duration) {
        let code = report.exit_code();
        if self.supervisor.get().is_none() {
            self.outcome.send_replace(Some(report));
            return;
        }
        if self.outcome.receiver_count() > 0 {
            self.outcome.send_replace(Some(report.clone()));
            tokio::time::sleep(patience).await;
            warn!(
                "main did not return within {patience:?}; ending the process with exit code {code}"
            );
        }
        journal::flushed(LAST_WORDS).await;
        // Standard error may block as well as the log.
        let (tell, told) = oneshot::channel();
        let printing = thread::Builder::new().name(PRINTER.into()).spawn(move || {
            report.print_failures();
            // Nobody may wait any more.
            let _ = tell.send(());
        });
        if printing.is_ok() {
            let _ = timeout(LAST_WORDS, told).await;
        }
        self.exit_process(code);
    }

    /// Decides whether what others wait for may be released, once all of this part has ended or was
    /// given up on. Nothing else decides that.
    pub(super) fn clearance(&self, part: Part) -> Clearance {
        let unfinished = self.tasks.unfinished(part);
        if unfinished.is_empty() { Clearance::Granted } else { Clearance::Refused { unfinished } }
    }

    /// Adds a Lease, for which this makes the hook.
    #[cfg(feature = "operator")]
    pub(super) fn add_lease<T>(&self, make: impl FnOnce(LeaseId) -> (T, LeaseHook)) -> T {
        let mut hooks = self.hooks();
        let (lease, hook) = make(LeaseId(hooks.leases_added));
        hooks.leases_added += 1;
        hooks.leases.push(hook);
        lease
    }

    /// Adds what is done last, where nothing of the user's runs.
    #[cfg(feature = "operator")]
    pub(super) fn add_stop(&self, name: &str, run: impl Future<Output = ()> + Send + 'static) {
        let run: Pending<()> = Box::pin(run);
        self.hooks().stop.push(Hook { name: name.into(), run: LastHook::Ours(run) });
    }

    pub(super) fn has_releases(&self) -> bool {
        let hooks = self.hooks();
        !hooks.leases.is_empty() || !hooks.release.is_empty()
    }

    pub(super) fn hooks(&self) -> MutexGuard<'_, Hooks> {
        // What is stored under this lock is whole at any time.
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        // What is stored under this lock is whole at any time.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coordinator").field("phase", &self.phase()).finish_non_exhaustive()
    }
}

/// How long a writer that blocks may hold up the end of the process.
const LAST_WORDS: Duration = Duration::from_millis(100);
const PRINTER: &str = "kunobi-ha-err";
