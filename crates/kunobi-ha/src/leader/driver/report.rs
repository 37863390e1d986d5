//! What the machine tells people, in the log and as the last error.

use std::time::Duration;

use kunobi_ha_core::{Notice, Setback, Verb};

use super::{Driver, Trouble};
use crate::journal::{debug, info, warn};

impl Driver {
    /// Keeps what went wrong with the last request, for `last_error()`.
    pub(super) fn note(&mut self, verb: Verb, took: Duration, trouble: Option<Trouble>) {
        if let Some(trouble) = trouble {
            self.span.in_scope(|| debug!(%verb, ?took, "a request failed: {}", trouble.message));
            self.candidacy.election().note_error(Some(trouble.message.as_str().to_owned()));
            self.trouble = Some(trouble);
        }
    }

    /// Takes what went wrong last.
    pub(in crate::leader) fn take_trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    fn cause(&self, setback: Setback) -> String {
        match &self.trouble {
            Some(trouble) if setback != Setback::Unanswered => trouble.message.to_string(),
            Some(_) | None => setback.to_string(),
        }
    }

    pub(super) fn report(&mut self, notice: &Notice) {
        let span = self.span.clone();
        let _entered = span.enter();
        match notice {
            Notice::Following { holder } => {
                let holder = holder.as_deref().map_or("nobody".into(), printable);
                info!(%holder, "following");
            }
            Notice::IdentityCollision => {
                self.candidacy.election().stats.collided();
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
            Notice::TermBegan { how } => {
                self.candidacy.election().stats.took_over(*how);
                if let Some(evidence) = &self.taken_over {
                    info!("taken over from a dead process: {evidence}");
                }
            }
            Notice::ToldDead => {
                self.candidacy.election().stats.certificate_failed();
                warn!(
                    "a pod says that this process has ended, and it has not: death certificates are \
                     off from now on; check the container that they name, and that its processes \
                     are its own"
                );
                self.distrust_certificates();
            }
            // The candidacy has a place for it, because it belongs to one term.
            Notice::Wished { successor } => {
                info!("{} is wished for as the leader", printable(successor));
                self.candidacy.wish(successor);
            }
            Notice::SuccessorAbsent { successor } => {
                let name = printable(successor);
                warn!("{name} was named as successor and does not lead: the lease is taken now");
            }
            _ => warn!(?notice, "notice"),
        }
    }
}

/// Returns a holder as it may be written to a log, short and without control characters: any client
/// with access to the Lease can write one.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(LONGEST_NAME).flat_map(char::escape_debug).collect()
}

const LONGEST_NAME: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_shown_short_and_without_control_characters() {
        assert_eq!(printable("pod-1"), "pod-1");
        assert_eq!(printable("a\nb\u{1b}"), r"a\nb\u{1b}");
        assert_eq!(printable(&"x".repeat(1_000)), "x".repeat(128));
    }
}
