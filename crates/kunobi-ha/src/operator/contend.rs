//! One candidacy: it ends with a term, with a failure, or because the program ends.

use std::{sync::Arc, time::Duration};

use tokio::{sync::oneshot, time::timeout};

use super::{leader_loop::LeaderLoop, setback::Setback};
use crate::{
    leader::{Acquired, LeaderGuard, Release},
    shutdown::{ReleaseRequest, Released},
    user_code::{self, Ours, Ran},
};

impl LeaderLoop {
    /// Waits for the end of one candidacy; `None` if the program ends.
    pub(super) async fn take_part(&mut self) -> Option<Result<LeaderGuard, Setback>> {
        let candidate = Arc::clone(&self.candidate);
        let requested = self.shared.shutdown.requested();
        let (told, noticed) = oneshot::channel();
        let mut contending = user_code::spawn(&self.shared.user, async move {
            let stop = async {
                requested.await;
                // If the candidacy has ended, nobody waits for this.
                let _ = told.send(());
            };
            let term = candidate.election.peek().acquire_unless(stop).await;
            // The text is made here, because the error may be the client's own.
            term.map_err(|error| Setback::of(&error))
        });
        let mut asked = None;
        let result = tokio::select! {
            biased;
            result = &mut contending => result,
            Some(request) = self.lease.release_request() => {
                // No work keeps the Lease of a standby, so that its release is asked for right
                // after the signal. A runtime that is blocked notices neither.
                if !contending.is_finished() && timeout(NOTICE, noticed).await.is_err() {
                    contending.abort();
                    request.answer(Released::Nothing);
                    return None;
                }
                asked = Some(request);
                contending.await
            }
        };
        match result {
            Ran::Done(Ok(Acquired::Stopped(release))) => {
                self.answer(asked, &release).await;
                None
            }
            Ran::Done(Ok(Acquired::Leading(guard))) if self.shared.shutdown.is_requested() => {
                // No work was started in this term.
                let release = guard.step_down().await;
                self.answer(asked, &release).await;
                None
            }
            Ran::Done(Ok(Acquired::Leading(guard))) => Some(Ok(guard)),
            Ran::Done(Err(setback)) => Some(Err(setback)),
            Ran::Panicked(message) => {
                let name = &self.candidate.name;
                self.fail(&format!("{name}: its task is gone: it panicked: {message}"));
                None
            }
            Ran::Cancelled => {
                self.fail(&format!("{}: its task is gone", self.candidate.name));
                None
            }
        }
    }

    /// Waits until the shutdown asks for the release, unless it has, and answers what became of a
    /// Lease under which no work was started.
    async fn answer(&mut self, asked: Option<ReleaseRequest>, release: &Release) {
        let released = match release {
            Release::Released => Released::Done,
            Release::NotHeld | Release::NotOurs => Released::Nothing,
            _ => Released::Skipped,
        };
        let request = match (asked, released) {
            (Some(request), _) => Some(request),
            (None, Released::Nothing) => None,
            (None, Released::Done | Released::Skipped) => self.lease.release_request().await,
        };
        if let Some(request) = request {
            request.answer(released);
        }
    }
}

impl Ours for Acquired {}

/// How long a candidacy may take to notice that the program ends. It is part of the release budget.
const NOTICE: Duration = Duration::from_millis(250);
