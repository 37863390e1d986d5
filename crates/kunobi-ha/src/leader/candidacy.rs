//! One candidacy, and the one place where leadership is written.

use std::{fmt, future::pending, sync::Arc, time::Duration};

use kunobi_ha_core::{Leadership, StepDownReason};

use super::{
    belief::{CandidacyNumber, Led},
    state::ElectionState,
};
use crate::sync::watch;

/// A handle of one candidacy, from an `acquire` to the end of its term.
///
/// The driver, the guard and the runner's contexts hold the state of the election only through it:
/// once a later candidacy has begun, it sees no leadership, and changes nothing.
#[derive(Clone)]
pub(crate) struct Candidacy {
    number: CandidacyNumber,
    election: Arc<ElectionState>,
    /// Why its term is over. It is written after the belief has ended, and once.
    end: Arc<watch::Sender<Option<StepDownReason>>>,
    /// Who is to lead instead, by somebody's wish (rule P3).
    wish: Arc<watch::Sender<Option<Arc<str>>>>,
}

/// Hears of the end of one candidacy.
pub(super) struct CandidacyEnd(watch::Receiver<Option<StepDownReason>>);

impl Candidacy {
    /// Begins the next candidacy; all earlier ones are over.
    pub(super) fn begin(election: &Arc<ElectionState>) -> Self {
        let number = election.belief.begin();
        election.watchdog.contends(election.clock.now());
        Self {
            number,
            election: Arc::clone(election),
            end: Arc::new(watch::Sender::new(None)),
            wish: Arc::new(watch::Sender::new(None)),
        }
    }

    /// Returns what belongs to the election and is the same for each candidacy.
    pub(super) fn election(&self) -> &ElectionState {
        &self.election
    }

    /// Tells whether the term of this candidacy runs, by the clock.
    pub(crate) fn is_leader(&self) -> bool {
        self.time_left().is_some()
    }

    /// Returns the time until the term of this candidacy ends unless it is renewed.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.election.belief.time_left_of(self.number, || self.election.clock.now())
    }

    /// Tells whether its end has been told.
    pub(super) fn is_over(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Returns what hears of its end.
    pub(super) fn end(&self) -> CandidacyEnd {
        CandidacyEnd(self.end.subscribe())
    }

    /// Tells of a wish.
    pub(super) fn wish(&self, successor: &str) {
        self.wish.send_replace(Some(successor.into()));
    }

    /// Returns who is wished for; `None` if nobody is.
    pub(super) fn wished_for(&self) -> Option<String> {
        self.wish.borrow().as_deref().map(ToOwned::to_owned)
    }

    /// Waits for a wish; if there is none in this candidacy, for ever.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once there is a wish, it resolves at once.
    pub(super) fn wished(&self) -> impl Future<Output = String> + Send + Sync + 'static + use<> {
        let mut wish = self.wish.subscribe();
        async move {
            let told = wish.wait_for(Option::is_some).await.ok();
            match told.and_then(|wish| wish.as_deref().map(ToOwned::to_owned)) {
                Some(wish) => wish,
                None => pending().await,
            }
        }
    }

    /// Makes a publication of the machine visible: the one place where leadership is written, beside
    /// [`revoke`](Self::revoke).
    ///
    /// rule 16: readers see that this replica does not lead before its guard hears why.
    pub(super) fn publish(&self, leadership: &Leadership, identity: &str) {
        let ElectionState { clock, belief, watchdog, stats, changed, .. } = &*self.election;
        let Some(mut writer) = belief.writer(self.number) else { return };
        watchdog.published(leadership);
        let led = match leadership {
            Leadership::Leading { term, valid_until } => {
                let led = writer.lead(*term, identity, clock.now(), *valid_until);
                if led != Led::Revoked {
                    watchdog.believed_until(*valid_until);
                }
                Some(led)
            }
            Leadership::Following { holder } => {
                writer.follow(holder.clone());
                None
            }
            Leadership::Ended { .. }
            | Leadership::Failed(_)
            | Leadership::Released(_)
            | Leadership::Withdrawn => {
                writer.end();
                None
            }
        };
        // Without the lock: a recorder of metrics may ask this state.
        drop(writer);
        match leadership {
            Leadership::Leading { .. } if led == Some(Led::Began) => stats.became_leader(),
            Leadership::Ended { reason, .. } => stats.stopped_leading(*reason),
            Leadership::Failed(failure) => stats.failed(*failure),
            Leadership::Leading { .. }
            | Leadership::Following { .. }
            | Leadership::Released(_)
            | Leadership::Withdrawn => {}
        }
        match led {
            Some(Led::Renewed | Led::Revoked) => {}
            Some(Led::Began) | None => changed.send_replace(()),
        }
        if let Leadership::Ended { reason, .. } = leadership {
            self.tell_end(*reason);
        }
    }

    /// Ends the term before the machine and other replicas know. Nothing that the machine publishes
    /// later begins it again (rule 2).
    pub(super) fn revoke(&self) {
        if let Some(mut writer) = self.election.belief.writer(self.number) {
            writer.revoke();
            drop(writer);
            self.election.changed.send_replace(());
        }
        self.tell_end(StepDownReason::Cancelled);
    }

    /// Notes that the task of this candidacy is gone before its end.
    pub(super) fn abandon(&self) {
        self.election.watchdog.gone(self.number);
    }

    fn tell_end(&self, reason: StepDownReason) {
        self.end.send_if_modified(|end| {
            let first = end.is_none();
            end.get_or_insert(reason);
            first
        });
    }
}

impl fmt::Debug for Candidacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without its end and its wish, which are locked: the writer that this prints to may be slow, or ask for it.
        let Self { number, election, end: _, wish: _ } = self;
        f.debug_struct("Candidacy")
            .field("number", number)
            .field("election", election)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CandidacyEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CandidacyEnd").finish_non_exhaustive()
    }
}

impl CandidacyEnd {
    /// Waits until the term is over, and says why.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub(super) async fn wait(&mut self) -> StepDownReason {
        let told = self.0.wait_for(Option::is_some).await.ok();
        // If all handles of the candidacy are gone, its task is too.
        told.and_then(|end| *end).unwrap_or(StepDownReason::Cancelled)
    }
}
