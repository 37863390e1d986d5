//! Under which name a replica holds the Lease.

use std::env;

use uuid::Uuid;

/// Under which name a replica holds the Lease.
///
/// Replicas should have different names, for the sake of whoever reads the Lease. The election
/// stays safe if they don't: each elector recognises its own terms by the time that it drew for
/// them, and waits a record out that only carries its name.
///
/// ```
/// use kunobi_ha::leader::Identity;
///
/// assert!(matches!(Identity::from("a"), Identity::Custom(name) if name == "a"));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Identity {
    /// `$HOSTNAME`, which in a pod is its name; a UUID if it is unset or empty.
    #[default]
    PodNameOrUuid,
    /// A new UUID.
    Generated,
    /// Exactly this.
    Custom(String),
}

impl Identity {
    pub(super) fn resolve(&self) -> String {
        let generated = || Uuid::new_v4().to_string();
        match self {
            Self::PodNameOrUuid => {
                env::var("HOSTNAME").ok().filter(|name| !name.is_empty()).unwrap_or_else(generated)
            }
            Self::Generated => generated(),
            Self::Custom(name) => name.clone(),
        }
    }
}

impl From<&str> for Identity {
    fn from(name: &str) -> Self {
        Self::Custom(name.to_owned())
    }
}

impl From<&String> for Identity {
    fn from(name: &String) -> Self {
        Self::Custom(name.clone())
    }
}

impl From<String> for Identity {
    fn from(name: String) -> Self {
        Self::Custom(name)
    }
}
