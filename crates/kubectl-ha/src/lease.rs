//! A Lease as it was served, of which every readable field is read.
//!
//! Any program may have written it, so that reading never fails: what is not as it should be is told in `odd`, and the
//! rest is kept.

mod read;
mod record;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

pub(crate) use self::record::{Manager, Moment};

/// One Lease.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Lease {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) resource_version: String,
    /// Who holds it. `None` if the field is missing or empty: it was released, or never acquired.
    pub(crate) holder: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) acquired: Option<Moment>,
    pub(crate) renewed: Option<Moment>,
    pub(crate) transitions: Option<u64>,
    pub(crate) strategy: Option<String>,
    pub(crate) preferred_holder: Option<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) created: Option<Timestamp>,
    /// Since when it is being deleted.
    pub(crate) deleting: Option<Timestamp>,
    pub(crate) finalizers: Vec<String>,
    /// Who wrote it, as far as the server recorded it.
    pub(crate) managers: Vec<Manager>,
    /// What could not be read, each in words that name the field.
    pub(crate) odd: Vec<String>,
}

impl Lease {
    /// Reads what can be read.
    pub(crate) fn read(value: &Value) -> Self {
        read::lease(value)
    }

    /// Reads JSON text; if it is none, the Lease has no name, and says so.
    pub(crate) fn parse(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(value) => Self::read(&value),
            Err(error) => {
                Self { odd: vec![format!("the object is no JSON: {error}")], ..Self::default() }
            }
        }
    }

    /// Whether this is the same record of the election: a renewal or a takeover changes it, a new label does not.
    pub(crate) fn same_record(&self, other: &Self) -> bool {
        (&self.uid, &self.holder, &self.renewed, &self.acquired, self.transitions)
            == (&other.uid, &other.holder, &other.renewed, &other.acquired, other.transitions)
    }

    /// Whether it shows the same term of the same holder.
    pub(crate) fn same_term(&self, other: &Self) -> bool {
        (&self.uid, &self.holder, &self.acquired) == (&other.uid, &other.holder, &other.acquired)
    }

    /// Whether it is a later state of the object, as far as versions tell; a new object is.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        let version = |lease: &Self| lease.resource_version.parse::<u64>().ok();
        self.uid != other.uid
            || version(self).zip(version(other)).is_none_or(|(one, other)| one > other)
    }

    /// Returns who wrote the last renewal, as far as the server recorded it.
    pub(crate) fn renewer(&self) -> Option<&Manager> {
        self.managers.iter().filter(|manager| manager.renews).max_by_key(|manager| manager.time)
    }

    /// Returns its namespace and name.
    pub(crate) fn key(&self) -> (String, String) {
        (self.namespace.clone(), self.name.clone())
    }

    /// Whether nobody is elected with it: the heartbeat of a node, or the identity of an API server.
    pub(crate) fn is_heartbeat(&self) -> bool {
        let of_node = self.namespace == "kube-node-lease";
        let identity = self
            .labels
            .get("apiserver.kubernetes.io/identity")
            .is_some_and(|of| of.contains("apiserver"));
        let of_server =
            self.namespace == "kube-system" && (identity || self.name.starts_with("apiserver-"));
        of_node || of_server
    }
}
