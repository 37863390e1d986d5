//! What the machine publishes, as its readers and its operators are told.

use kunobi_ha_core::{Leadership, Notice, Release, Setback};

use super::{Driver, Milestone, Trouble};
use crate::journal::{Span, info, info_span, warn};

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
                self.tell_cluster("became leader");
                Some(Milestone::Leading(term))
            }
            Leadership::Ended { reason, .. } => {
                let span = self.term_span.take().unwrap_or(Span::none());
                span.in_scope(|| info!(%reason, "stopped leading"));
                self.tell_cluster("stopped leading");
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

    /// Keeps what went wrong last, for whoever asks.
    pub(super) fn note(&mut self, trouble: Option<Trouble>) {
        if let Some(trouble) = trouble {
            self.candidacy.shared().note_error(Some(trouble.message.clone()));
            self.trouble = Some(trouble);
        }
    }

    fn cause(&self, setback: Setback) -> String {
        match &self.trouble {
            Some(trouble) if setback != Setback::Unanswered => trouble.message.clone(),
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
                warn!(%verb, "requests to the API server lead nowhere: {said}");
            }
            Notice::Lapsed { verb, setback } => {
                let said = self.cause(*setback);
                warn!(%verb, "leadership was lost because no renewal succeeded in time: {said}");
            }
            Notice::NothingWritten => warn!("a write was answered without a new version"),
            Notice::Refused { verb, refusal } => {
                let said = self.trouble.as_ref().map_or("", |trouble| &trouble.message);
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

const LONGEST_NAME: usize = 128;
