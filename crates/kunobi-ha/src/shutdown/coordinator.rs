//! What all handles of one shutdown share.
//!
//! # Concurrency
//!
//! Any thread may call anything here: handles are clones, and the program calls them from its own
//! threads, from its hooks, and from what writes its log. Three locks protect what changes:
//!
//! | lock | what it protects | who takes it |
//! | --- | --- | --- |
//! | `begun` | why the shutdown began, and what failed or was lost since | any thread |
//! | `hooks` | the hooks that have not been taken yet, and where the reason is written | any thread adds; the task of [`phases`] takes |
//! | [`Tasks`]'s | what runs and what may still begin | see there |
//!
//! None is held while another is taken, while something is awaited, while a line of the log is
//! written, or while anything of the user's runs or is dropped. The rest needs no lock: `phase` only
//! grows, the tokens and [`Hurry`] are only ever set, `aborting` is stored before the abort that it
//! explains, and `outcome` is written once, by the task of [`phases`].
//!
//! [`phases`]: super::phases

mod last_words;
mod process;

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use tokio::{runtime::Handle as Runtime, sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

#[cfg(feature = "operator")]
use super::tasks::LeaseId;
use super::{
    budgets::{Budgets, Hurry, time_to_drain},
    hooks::{Hook, Hooks, LastHook, Pending},
    lease::{Clearance, LeaseHook},
    phase::{Phase, Reason},
    report::Report,
    tasks::{Ending, Part, Tasks},
};
use crate::{
    journal::{error, warn},
    sync::{Mutex, MutexGuard, lock},
};

/// What all handles of one shutdown share.
pub(super) struct Coordinator {
    pub(super) budgets: Budgets,
    pub(super) tasks: Arc<Tasks>,
    /// Cancelled when the shutdown begins.
    pub(super) requested: CancellationToken,
    /// Cancelled when work has to stop.
    pub(super) draining: CancellationToken,
    pub(super) hurry: Hurry,
    hooks: Mutex<Hooks>,
    phase: watch::Sender<Phase>,
    begun: Mutex<Begun>,
    /// The runtime of the supervisor's thread; empty if this shutdown has no thread.
    supervisor: OnceLock<Runtime>,
    aborting: AtomicBool,
    /// The report, for the task that waits in `Shutdown::finished`.
    outcome: watch::Sender<Option<Report>>,
}

/// Why a shutdown began, and what was added to that.
#[derive(Default)]
struct Begun {
    first: Option<(Reason, Instant)>,
    /// Why leadership was lost, each text once.
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

    /// Gives this shutdown the supervisor's thread, and with it the process. Called once.
    pub(super) fn supervised_by(&self, runtime: Runtime) {
        let set = self.supervisor.set(runtime);
        debug_assert!(set.is_ok(), "a shutdown has one supervisor");
    }

    /// Returns the runtime of the supervisor's thread, if there is one.
    pub(super) fn supervisor(&self) -> Option<&Runtime> {
        self.supervisor.get()
    }

    /// Tells whether this shutdown ends the process.
    pub(super) fn owns_process(&self) -> bool {
        self.supervisor.get().is_some()
    }

    /// Begins the shutdown; the first reason counts.
    pub(super) fn trigger(&self, reason: Reason) {
        let mut begun = self.begun();
        match &reason {
            Reason::TaskFailed(why) => begun.failures.push(Arc::clone(why)),
            Reason::LeadershipLost(why) => {
                if !begun.losses.contains(why) {
                    begun.losses.push(Arc::clone(why));
                }
            }
            Reason::Requested(_) | Reason::Signal(_) => {}
        }
        let begins = begun.first.is_none();
        if begins {
            begun.first = Some((reason.clone(), Instant::now()));
        }
        // A line of the log may be written by something that asks this shutdown.
        drop(begun);
        reason.tell(begins);
        if begins {
            self.enter(Phase::Unready);
            self.requested.cancel();
        }
    }

    /// Notes how a task ended, which begins the shutdown unless the task ended well or was aborted
    /// from here.
    pub(super) fn note_ending(&self, name: &str, ending: Ending) {
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

    /// Cuts the budgets of a shutdown that has begun.
    pub(super) fn hurry(&self) {
        if self.begun().first.is_none() {
            return;
        }
        let drain = time_to_drain(&self.budgets);
        warn!("in a hurry: work has {drain:?} at most to end, and is aborted then");
        self.hurry.begin();
    }

    /// Aborts all work, and lets nothing begin.
    pub(super) fn abort_all(&self) {
        // First: the ending of an aborted task must find it.
        self.aborting.store(true, Ordering::Release);
        self.tasks.abort(Part::All);
    }

    /// Enters a phase, unless a later one was entered before.
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

    /// Returns why the shutdown began, and when; `None` if it has not.
    pub(super) fn begun_at(&self) -> Option<(Reason, Instant)> {
        self.begun().first.clone()
    }

    /// Writes into the report what came after the reason.
    pub(super) fn complete(&self, report: &mut Report) {
        let begun = self.begun();
        report.lost = (!begun.losses.is_empty()).then(|| begun.losses.join("; ").into());
        report.failures.clone_from(&begun.failures);
    }

    /// Waits until all of this part has ended, or until `over`, and decides then whether what others
    /// wait for may be released. Nothing else decides that.
    pub(super) async fn clearance(&self, part: Part, over: &CancellationToken) -> Clearance {
        let ended = over.run_until_cancelled(self.tasks.ended(part)).await;
        let unfinished = ended.unwrap_or_else(|| self.tasks.unfinished(part));
        if unfinished.is_empty() { Clearance::Granted } else { Clearance::Refused { unfinished } }
    }

    /// Adds what is released after all work has ended.
    pub(super) fn add_release(&self, hook: Hook<Pending<Result<(), String>>>) {
        let late = self.phase() >= Phase::Releasing;
        let refused = if late { Some(hook) } else { self.hooks().release.add(hook).err() };
        if let Some(Hook { name, .. }) = refused {
            error!("{name} is not run: it was added after the release had begun");
        }
    }

    /// Adds what is done last.
    pub(super) fn add_stop(&self, hook: Hook<LastHook>) {
        let late = self.phase() >= Phase::Stopped;
        let refused = if late { Some(hook) } else { self.hooks().stop.add(hook).err() };
        if let Some(Hook { name, .. }) = refused {
            error!("{name} is not run: it was added after the last hooks had begun");
        }
    }

    /// Adds a Lease, for which `make` gets an identity of its own.
    #[cfg(feature = "operator")]
    pub(super) fn add_lease<T>(&self, make: impl FnOnce(LeaseId) -> (T, LeaseHook)) -> T {
        let mut hooks = self.hooks();
        let (lease, hook) = make(LeaseId(hooks.leases_added));
        hooks.leases_added += 1;
        let added = hooks.leases.add(hook);
        drop(hooks);
        // If it came too late, this tells the holder that no request will come.
        drop(added);
        lease
    }

    pub(super) fn has_releases(&self) -> bool {
        let hooks = self.hooks();
        !hooks.leases.is_empty() || !hooks.release.is_empty()
    }

    pub(super) fn take_leases(&self) -> Vec<LeaseHook> {
        self.hooks().leases.take()
    }

    pub(super) fn take_releases(&self) -> Vec<Hook<Pending<Result<(), String>>>> {
        self.hooks().release.take()
    }

    pub(super) fn take_stops(&self) -> Vec<Hook<LastHook>> {
        self.hooks().stop.take()
    }

    fn hooks(&self) -> MutexGuard<'_, Hooks> {
        lock(&self.hooks)
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        lock(&self.begun)
    }
}

impl std::fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coordinator").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
