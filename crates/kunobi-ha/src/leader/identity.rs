//! Under which name a replica holds the Lease.

use std::env;

use uuid::Uuid;

use super::environment;

/// Under which name a replica holds the Lease.
///
/// Replicas should have different names, so that people can read the Lease. The election
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
    /// `$POD_NAME`; if it is unset, `$HOSTNAME`; if both are, a UUID. Empty counts as unset.
    ///
    /// Container runtimes set `HOSTNAME` to the name of the pod, but cut it at 63 characters, and with
    /// `hostNetwork` it is the name of the node. So set `POD_NAME` with the downward API (field
    /// `metadata.name`), as the chart does.
    #[default]
    PodNameOrUuid,
    /// A new UUID.
    Generated,
    /// Exactly this. It must not be blank.
    Custom(String),
}

impl Identity {
    pub(super) fn resolve(&self) -> String {
        let generated = || Uuid::new_v4().to_string();
        match self {
            Self::PodNameOrUuid => {
                environment::pod_name(|name| env::var_os(name)).unwrap_or_else(generated)
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
