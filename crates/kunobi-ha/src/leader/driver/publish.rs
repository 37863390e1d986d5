//! Publishes what the machine says: to the state, then to the log and the cluster.

use std::sync::Arc;

use kunobi_ha_core::{Leadership, Release, StepDownReason};

use super::{Driver, Milestone, lease_watch::LeaseWatch, watch::Watch};
use crate::journal::{Span, info, info_span, warn};

impl Driver {
    pub(super) fn publish(&mut self, leadership: Leadership) -> Option<Milestone> {
        self.candidacy.publish(&leadership, self.elector.identity());
        self.watch_while(&leadership);
        if let Some(deaths) = &mut self.deaths {
            deaths.published(&leadership);
        }
        let span = self.span.clone();
        let _entered = span.enter();
        match leadership {
            Leadership::Leading { term, .. } => {
                if self.term_span.is_some() {
                    return None;
                }
                self.candidacy.election().note_error(None);
                self.trouble = None;
                let span = info_span!("term", %term, transitions = term.transitions());
                span.in_scope(|| info!("leading"));
                self.term_span = Some(span);
                self.record_event(&self.became_leader());
                Some(Milestone::Leading(term))
            }
            Leadership::Ended { reason, .. } => {
                let span = self.term_span.take().unwrap_or(Span::none());
                span.in_scope(|| tell_end(reason));
                self.record_event("stopped leading");
                Some(Milestone::Ended(reason))
            }
            Leadership::Released(release) => {
                info!(?release, "released the lease");
                self.candidacy.election().stats.released(&release);
                if release == Release::Released {
                    self.withdraw_certificates();
                }
                Some(Milestone::Released(release))
            }
            Leadership::Failed(failure) => Some(Milestone::Failed(failure)),
            // A notice tells of it, and not each time.
            Leadership::Following { .. } => None,
            // The candidate waits for a release, and there is nothing to be released.
            Leadership::Withdrawn => Some(Milestone::Released(Release::NotHeld)),
        }
    }

    fn watch_while(&mut self, leadership: &Leadership) {
        match leadership {
            Leadership::Following { .. } | Leadership::Leading { .. } => {
                if self.watches && self.watch.is_none() {
                    let pause = self.elector.timing().config().retry_period;
                    let transport = Arc::clone(&self.transport);
                    let watched = LeaseWatch(self.lease.clone());
                    self.watch = Some(Watch::open(transport, watched, pause));
                }
            }
            Leadership::Ended { .. }
            | Leadership::Failed(_)
            | Leadership::Released(_)
            | Leadership::Withdrawn => self.watch = None,
        }
    }
}

/// A loss is a warning; a step-down is not, because the program wanted it.
fn tell_end(reason: StepDownReason) {
    match reason {
        StepDownReason::Cancelled => info!(%reason, "stopped leading"),
        _ => warn!(%reason, "stopped leading"),
    }
}
