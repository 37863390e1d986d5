//! Who is to lead after a term that its own program ends.

use tokio::time::{Instant, timeout_at};

use super::shared::Shared;
use crate::{
    journal::warn,
    leader::LeaderGuard,
    user_code::{self, Ran, Spawned},
};

/// Who is to lead next.
pub(super) enum Succession {
    /// The Pods are being asked.
    Asked { asking: Spawned<Option<String>>, until: Instant },
    /// Nobody is named.
    Nobody,
    /// The term does not end.
    Open,
    /// Somebody wishes for this one.
    Wished(String),
}

impl Succession {
    /// Begins to choose a successor, beside the end of work. The transport belongs to the user, and what
    /// was said about identities is the user's code.
    pub(super) fn choose(shared: &Shared, guard: &LeaderGuard) -> Self {
        match guard.time_to_choose() {
            Some(limit) => {
                let asking = user_code::spawn(&shared.user, guard.choose_successor());
                Self::Asked { asking, until: Instant::now() + limit }
            }
            None => Self::Nobody,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    pub(super) const fn is_wished(&self) -> bool {
        matches!(self, Self::Wished(_))
    }

    /// Returns the name, once it is known.
    pub(super) async fn name(self) -> Option<String> {
        match self {
            // A runtime that is blocked chooses nobody.
            Self::Asked { asking, until } => match timeout_at(until, asking).await.ok()? {
                Ran::Done(name) => name,
                Ran::Panicked(message) => {
                    warn!("nobody is named as successor: the choice panicked: {message}");
                    None
                }
                Ran::Cancelled => None,
            },
            Self::Nobody | Self::Open => None,
            Self::Wished(name) => Some(name),
        }
    }
}
