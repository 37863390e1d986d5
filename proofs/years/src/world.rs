//! What all replicas of a run share: the server, the checker, the trace.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use kunobi_ha_test::TestServer;
use serde_json::Value;
use tokio::{sync::Notify, time::Instant};

use crate::{
    checker::{Attempted, Checker, Stage, Witness, version},
    coverage::Coverage,
    fault::Fault,
    incarnation::Incarnation,
    link::Link,
    phase::Phase,
    plan::Plan,
    promise::{Broken, Planted, Promise},
    trace::Trace,
};

/// What all replicas of a run share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) server: TestServer,
    links: Vec<Arc<Link>>,
    checker: Mutex<Checker>,
    trace: Mutex<Trace>,
    pub(crate) coverage: Mutex<Coverage>,
    pub(crate) began: Instant,
    /// A replica is in another phase, perhaps.
    pub(crate) moved: Notify,
    /// The next candidate that bids is asked to end at once.
    pub(crate) catches_bids: Mutex<bool>,
}

impl World {
    pub(crate) fn new(plan: Plan, planted: Option<(Planted, Promise)>, printed: bool) -> Self {
        let profile = &plan.profile;
        let link = |index: usize| {
            let lease = profile.timing(index).lease_duration;
            let seed = plan.seed.wrapping_mul(31).wrapping_add(index as u64);
            Arc::new(Link::new(seed, profile.way, lease))
        };
        Self {
            server: TestServer::builder().log_capacity(0).build(),
            links: (0..profile.replicas).map(link).collect(),
            checker: Mutex::new(Checker::new(profile.replicas, planted)),
            trace: Mutex::new(Trace::new(printed)),
            coverage: Mutex::default(),
            began: Instant::now(),
            moved: Notify::new(),
            catches_bids: Mutex::new(false),
            plan,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn link(&self, replica: usize) -> Arc<Link> {
        Arc::clone(&self.links[replica])
    }

    pub(crate) fn checker(&self) -> MutexGuard<'_, Checker> {
        self.checker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn trace(&self) -> MutexGuard<'_, Trace> {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, what: &str, who: usize, a: u64, b: u64) {
        self.trace().note(self.now(), what, who, a, b);
    }

    pub(crate) fn has(&self, planted: Planted) -> bool {
        self.checker().has(planted)
    }

    pub(crate) fn broken(&self) -> Option<Broken> {
        self.checker().broken.clone()
    }

    pub(crate) fn look(&self) {
        self.checker().look(self.now());
    }

    pub(crate) fn deny(&self, promise: Promise, what: impl FnOnce() -> String) {
        self.checker().deny(self.now(), promise, what);
    }

    /// A replica goes over to another stage.
    pub(crate) fn enter(&self, process: &Arc<Incarnation>, stage: Stage) {
        self.witness(process, |witness| witness.stage = stage);
        self.note("stage", process.replica, stage as u64, 0);
        self.look();
        self.moved.notify_waiters();
    }

    /// A fault strikes a replica.
    pub(crate) fn hit(&self, fault: Fault, who: usize, phase: Phase) {
        self.note(fault.name(), who, phase as u64, 1);
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner).hit(fault, phase);
    }

    /// Tells the witness of this process, if it runs.
    pub(crate) fn witness(&self, process: &Arc<Incarnation>, tell: impl FnOnce(&mut Witness)) {
        let mut checker = self.checker();
        let witness = &mut checker.witnesses[process.replica];
        if witness.is(process) {
            tell(witness);
        }
    }

    pub(crate) fn note_sent(&self, process: &Arc<Incarnation>, write: Option<&Attempted>) {
        let now = self.now();
        self.witness(process, |witness| witness.sends(now, write.is_some()));
        let Some(write) = write else { return };
        if write.frees {
            self.checker().check_release(now, process.replica, process);
            return;
        }
        let bids = self.checker().phase(process.replica) == Some(Phase::Contending);
        let caught = bids && {
            let mut catches = self.catches_bids.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *catches)
        };
        if caught {
            process.ask_to_end();
        }
    }

    pub(crate) fn note_handled(&self, process: &Arc<Incarnation>, method: &str, status: u16) {
        let newest = self.checker().chain.last().unwrap_or(0);
        self.note(method, process.replica, u64::from(status), newest);
        self.look();
    }

    /// A write of this process, which was sent then by its own clock, has changed the Lease.
    pub(crate) fn note_applied(
        &self,
        process: &Arc<Incarnation>,
        write: &Attempted,
        answer: &[u8],
        sent: Duration,
    ) {
        let object: Value = serde_json::from_slice(answer).unwrap_or_default();
        let Some(version) = version(&object) else { return };
        if write.base == Some(version) {
            return;
        }
        let now = self.now();
        let deadline = self.plan.profile.timing(process.replica).renew_deadline;
        let mut checker = self.checker();
        if let Err(what) = checker.chain.applied(write.base, version) {
            checker.deny(now, Promise::Chain, || what);
        }
        if write.frees {
            checker.releases += 1;
        } else if checker.witnesses[process.replica].is(process) {
            let creates = write.base.is_none();
            checker.witnesses[process.replica].note_applied(sent + deadline, creates);
        }
        drop(checker);
        self.note("applied", process.replica, version, u64::from(write.frees));
        self.moved.notify_waiters();
    }

    /// Rewrites a PUT so that it is made on the newest version, as if the server compared nothing.
    pub(crate) fn on_newest_version(&self, body: &Bytes) -> Bytes {
        let stored = self.server.get(LEASE);
        let (Ok(mut sent), Some(stored)) = (serde_json::from_slice::<Value>(body), stored) else {
            return body.clone();
        };
        for field in ["uid", "resourceVersion"] {
            sent["metadata"][field] = stored["metadata"][field].clone();
        }
        sent.to_string().into()
    }
}

pub(crate) const NAMESPACE: &str = "default";
pub(crate) const NAME: &str = "years";
pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/years";
