//! What the machine publishes, as its readers and its operators are told.

use std::time::Duration;

use kunobi_ha_core::{Leadership, Notice, Release, Setback, StepDownReason, Verb};

use super::{Driver, Milestone, Trouble};
use crate::journal::{Span, debug, info, info_span, warn};

impl Driver {
    pub(super) fn publish(&mut self, leadership: Leadership) -> Option<Milestone> {
        self.candidacy.publish(&leadership, self.elector.identity());
        self.watch_while(&leadership);
        let span = self.span.clone();
        let _entered = span.enter();
        match leadership {
            Leadership::Leading { term, .. } => {
                if self.term_span.is_some() {
                    return None;
                }
                self.candidacy.shared().note_error(None);
                self.trouble = None;
                let span = info_span!("term", %term, transitions = term.transitions());
                span.in_scope(|| info!("leading"));
                self.term_span = Some(span);
                self.record_event("became leader");
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
                Some(Milestone::Released(release))
            }
            Leadership::Failed(failure) => Some(Milestone::Failed(failure)),
            // A notice says so, but not a thousand times a second.
            Leadership::Following { .. } => None,
            // It waits for nothing to be released.
            Leadership::Withdrawn => Some(Milestone::Released(Release::NotHeld)),
        }
    }

    /// Keeps what went wrong last, for `last_error()`.
    pub(super) fn note(&mut self, verb: Verb, took: Duration, trouble: Option<Trouble>) {
        if let Some(trouble) = trouble {
            self.span.in_scope(|| debug!(%verb, ?took, "a request failed: {}", trouble.message));
            self.candidacy.shared().note_error(Some(trouble.message.as_str().to_owned()));
            self.trouble = Some(trouble);
        }
    }

    fn cause(&self, setback: Setback) -> String {
        match &self.trouble {
            Some(trouble) if setback != Setback::Unanswered => trouble.message.to_string(),
            Some(_) | None => setback.to_string(),
        }
    }

    pub(super) fn report(&self, notice: &Notice) {
        let _entered = self.span.enter();
        match notice {
            Notice::Following { holder } => {
                let holder = holder.as_deref().map_or("nobody".into(), printable);
                info!(%holder, "following");
            }
            Notice::IdentityCollision => {
                self.candidacy.shared().stats.collided();
                warn!(
                    "the lease is renewed under this identity by somebody else: give each replica \
                     its own"
                );
            }
            Notice::Altered { verb } => {
                warn!(%verb, "something on the way to the API server alters the lease; not believed");
            }
            Notice::CreateOverwrote => {
                warn!("the API server overwrote a lease that was to be created; not believed");
            }
            Notice::Failing { verb, setback } => {
                let said = self.cause(*setback);
                warn!(%verb, "requests to the API server fail: {said}");
            }
            Notice::Lapsed { verb, setback } => {
                let said = self.cause(*setback);
                warn!(%verb, "leadership was lost because no renewal succeeded in time: {said}");
            }
            Notice::NothingWritten => warn!("a write was answered without a new version"),
            Notice::Refused { verb, refusal } => {
                let said = self.trouble.as_ref().map_or("", |trouble| trouble.message.as_str());
                warn!(%verb, ?refusal, "an administrator must change this: {said}");
            }
            Notice::Rewound { from, to } => {
                warn!(from, to, "the API server went back to an older state: all is forgotten");
            }
            _ => warn!(?notice, "notice"),
        }
    }
}

/// Anybody can write a holder: what goes into a log is short and without control characters.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(LONGEST_NAME).flat_map(char::escape_debug).collect()
}

/// A loss is what somebody has to hear of; a step-down is not.
fn tell_end(reason: StepDownReason) {
    match reason {
        StepDownReason::Cancelled => info!(%reason, "stopped leading"),
        _ => warn!(%reason, "stopped leading"),
    }
}

const LONGEST_NAME: usize = 128;
