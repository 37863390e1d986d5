//! What a write changes beyond its object: a definition changes which types there are, a configuration which webhooks.

use serde_json::Value;

use super::Store;
use crate::{crd, request::path::Key};

impl Store {
    /// Takes the types of a definition that was stored, or forgets those of one that is gone.
    pub(super) fn learn(&mut self, key: &Key, definition: Option<&Value>) {
        self.webhooks.learn(key, definition);
        if (key.group.as_str(), key.resource.as_str()) != (crd::GROUP, crd::PLURAL) {
            return;
        }
        let Some(definition) = definition else {
            self.types.forget(&key.name);
            return;
        };
        let defined = crd::defined(definition);
        self.reread(&defined.versions);
        self.types.learn(&key.name, defined);
    }
}
