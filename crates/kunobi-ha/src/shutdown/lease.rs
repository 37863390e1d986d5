//! A Lease in the order of the shutdown: its terms, and its release.
//!
//! The shutdown decides when a Lease is released, and whether it may be; the holder of the Lease
//! carries that out. Each Lease waits for its own work alone, beside the others.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{
    handle::Handle,
    tasks::{LeaseId, Scope, Tally, TermId, WorkGroup},
};

/// What the holder of a Lease has of the shutdown; made by [`Handle::add_lease`].
///
/// Once it is dropped, there is nothing to release.
#[derive(Debug)]
pub(crate) struct HeldLease {
    handle: Handle,
    id: LeaseId,
    terms: u64,
    requests: mpsc::Receiver<ReleaseRequest>,
}

/// The shutdown asks for the release of a Lease. Dropped without an answer, there was nothing to
/// release.
#[derive(Debug)]
#[must_use = "the shutdown waits for the answer"]
pub(crate) struct ReleaseRequest {
    clearance: Clearance,
    reply: oneshot::Sender<Released>,
}

/// Whether something that others wait for may be released.
#[derive(Clone, Debug)]
pub(crate) enum Clearance {
    /// All work that had to end before has ended by itself.
    Granted,
    /// This work did not end by itself, so that it may still be at work.
    Refused { unfinished: Tally },
}

/// What a release came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Released {
    Done,
    /// There was nothing to release.
    Nothing,
    /// It was not allowed, or it failed.
    Skipped,
}

/// The shutdown's end of a [`HeldLease`].
pub(super) struct LeaseHook {
    pub(super) name: Arc<str>,
    pub(super) id: LeaseId,
    requests: mpsc::Sender<ReleaseRequest>,
}

impl HeldLease {
    pub(super) fn new(handle: Handle, id: LeaseId, name: Arc<str>) -> (Self, LeaseHook) {
        let (ask, requests) = mpsc::channel(1);
        (Self { handle, id, terms: 0, requests }, LeaseHook { name, id, requests: ask })
    }

    /// Begins a term, and returns the group of its work.
    pub(crate) fn begin_term(&mut self) -> WorkGroup {
        self.terms += 1;
        self.handle.work(Scope::Term(TermId { lease: self.id, number: self.terms }))
    }

    /// Waits until the shutdown asks for the release, which it does once; `None` if it has gone on
    /// without asking.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub(crate) async fn release_request(&mut self) -> Option<ReleaseRequest> {
        self.requests.recv().await
    }
}

impl ReleaseRequest {
    /// Returns whether the Lease may be released; if not, it has to run out.
    pub(crate) const fn clearance(&self) -> &Clearance {
        &self.clearance
    }

    /// Tells the shutdown what came of the request.
    pub(crate) fn answer(self, released: Released) {
        // The shutdown may have gone on without it.
        let _ = self.reply.send(released);
    }
}

impl LeaseHook {
    /// Asks for the release, and waits for the answer.
    pub(super) async fn request(self, clearance: Clearance) -> Released {
        let (reply, answer) = oneshot::channel();
        if self.requests.send(ReleaseRequest { clearance, reply }).await.is_err() {
            return Released::Nothing;
        }
        answer.await.unwrap_or(Released::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use tokio::time::Instant;

    use super::*;
    use crate::shutdown::{Phase, Reason, Shutdown};

    #[tokio::test(start_paused = true)]
    async fn each_lease_waits_for_its_own_work_alone() {
        let stop = Shutdown::builder().manual().unwrap();
        let handle = stop.handle();
        let (mut stuck, mut done) = (handle.add_lease("stuck"), handle.add_lease("done"));
        let never = stuck.begin_term().track("never", pending::<()>());
        done.begin_term().track("soon", async {}).await;
        let began = Instant::now();
        handle.trigger(Reason::Requested("a test".into()));
        let ends = tokio::spawn(stop.finished());

        let request = done.release_request().await.unwrap();
        assert!(matches!(request.clearance(), Clearance::Granted));
        assert_eq!((began.elapsed(), handle.phase()), (Duration::ZERO, Phase::Draining));
        request.answer(Released::Done);

        let request = stuck.release_request().await.unwrap();
        let Clearance::Refused { unfinished } = request.clearance() else { panic!("{request:?}") };
        assert_eq!((&*unfinished.to_string(), handle.phase()), ("never", Phase::Releasing));
        request.answer(Released::Skipped);
        drop(never);
        let report = ends.await.unwrap();
        assert_eq!(
            report.to_string(),
            "a test; still running: never; released: done; not released: stuck; exit code 3"
        );
    }

    #[tokio::test]
    async fn each_loss_is_in_the_report() {
        let stop = Shutdown::builder().manual().unwrap();
        for why in ["a: expired", "b: taken", "a: expired"] {
            stop.handle().trigger(Reason::LeadershipLost(why.into()));
        }
        let report = stop.finished().await;
        assert_eq!(report.lost.as_deref(), Some("a: expired; b: taken"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_holder_that_is_gone_or_does_not_answer_has_nothing_to_release() {
        let stop = Shutdown::builder().manual().unwrap();
        let handle = stop.handle();
        let (gone, mut silent, unread) =
            (handle.add_lease("gone"), handle.add_lease("silent"), handle.add_lease("unread"));
        let began = Instant::now();
        handle.trigger(Reason::Requested("a test".into()));
        let ends = tokio::spawn(stop.finished());
        drop(gone);
        drop(silent.release_request().await.unwrap());
        drop(unread);
        let report = ends.await.unwrap();
        assert_eq!(
            (report.to_string().as_str(), began.elapsed()),
            ("a test; exit code 0", Duration::ZERO)
        );
        assert!(silent.release_request().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_holder_that_keeps_the_request_costs_the_release_budget() {
        let stop = Shutdown::builder().manual().unwrap();
        let handle = stop.handle();
        let mut slow = handle.add_lease("slow");
        let began = Instant::now();
        handle.trigger(Reason::Requested("a test".into()));
        let ends = tokio::spawn(stop.finished());
        let request = slow.release_request().await.unwrap();
        let report = ends.await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        assert_eq!(report.to_string(), "a test; not released: slow; exit code 0");
        request.answer(Released::Done);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_is_added_after_the_drain_began_is_not_asked_for() {
        let stop = Shutdown::builder().manual().unwrap();
        let handle = stop.handle();
        let guard = handle.hold("work");
        handle.trigger(Reason::Requested("a test".into()));
        let ends = tokio::spawn(stop.finished());
        handle.draining().await;
        tokio::task::yield_now().await;
        let mut late = handle.add_lease("late");
        assert!(late.release_request().await.is_none());
        drop(guard);
        assert_eq!(ends.await.unwrap().to_string(), "a test; exit code 0");
    }
}
