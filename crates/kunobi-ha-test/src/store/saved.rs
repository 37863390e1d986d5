//! The store as text, and from text again.

mod text;

use std::sync::Arc;

pub use self::text::SnapshotError;
use super::{Object, Settings, Store};
use crate::{crd, request::path::Key};

/// What the text says of a store.
struct Saved {
    revision: u64,
    objects: Vec<(Key, Object)>,
}

impl Store {
    /// Everything that is stored and the version counter, an object a line.
    pub(crate) fn to_text(&self) -> String {
        text::write(self.revision, &self.objects)
    }

    /// The store of which the text tells, as after a restart: it knows no changes from before.
    pub(crate) fn from_text(text: &str) -> Result<Self, SnapshotError> {
        let Saved { revision, objects } = text::read(text)?;
        let mut store = Self::new(Settings::default());
        store.revision = revision;
        // What is read of a type depends on its definition.
        let (definitions, others): (Vec<_>, Vec<_>) =
            objects.into_iter().partition(|(key, _)| is_definition(key));
        let types: Vec<_> =
            definitions.iter().map(|(_, definition)| crd::defined(&definition.value)).collect();
        for (key, object) in definitions.into_iter().chain(others) {
            if store.objects.contains_key(&key) {
                return Err(SnapshotError::twice(&key));
            }
            store.keep(key, Arc::new(object));
        }
        for defined in types {
            store.reread(&defined.versions);
        }
        store.compact();
        Ok(store)
    }
}

fn is_definition(key: &Key) -> bool {
    (key.group.as_str(), key.resource.as_str()) == (crd::GROUP, crd::PLURAL)
}

#[cfg(test)]
mod tests;
