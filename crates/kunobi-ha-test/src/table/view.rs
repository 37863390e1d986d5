//! An object, and what its row tells besides.

use jiff::Timestamp;
use serde_json::Value;

use super::{age, field};

pub(super) struct View<'a> {
    pub(super) value: &'a Value,
    pub(super) now: Timestamp,
    /// The storage class that claims get which name none: known in a list only.
    pub(super) default_class: Option<&'a str>,
}

impl<'a> View<'a> {
    pub(super) fn name(&self) -> &'a str {
        field::text(self.value, "/metadata/name")
    }

    pub(super) fn age(&self) -> String {
        self.since("/metadata/creationTimestamp")
    }

    pub(super) fn since(&self, path: &str) -> String {
        age::since(self.value.pointer(path), self.now)
    }

    pub(super) fn since_moment(&self, time: Timestamp) -> String {
        age::human(self.now.duration_since(time))
    }

    pub(super) fn created_at(&self) -> &'a str {
        field::filled(self.value, "/metadata/creationTimestamp", "0001-01-01T00:00:00Z")
    }

    pub(super) fn is_deleted(&self) -> bool {
        field::some(self.value, "/metadata/deletionTimestamp").is_some()
    }

    pub(super) fn annotation(&self, name: &str) -> &'a str {
        field::annotation(self.value, name).unwrap_or_default()
    }
}
