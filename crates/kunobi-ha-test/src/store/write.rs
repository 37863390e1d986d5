//! What a write decides, and the one place where it is carried out.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use super::{Object, Store};
use crate::{
    crd,
    request::path::{Key, Target},
    types::Resource,
};

/// What every write is about.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) resource: &'a Arc<Resource>,
    pub(crate) target: &'a Target,
    pub(crate) now: Timestamp,
    pub(crate) is_dry_run: bool,
}

/// A write that was answered with success.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// As it is now; if it is gone, as it was last.
    pub(crate) object: Arc<Object>,
    pub(crate) outcome: Outcome,
    /// The version of the write.
    pub(crate) revision: u64,
    /// False after a dry run, and if nothing differed.
    pub(crate) is_stored: bool,
    pub(crate) warnings: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Created,
    Changed,
    /// Nothing differed, so that nothing was written.
    Unchanged,
    Gone,
}

/// What a write would do.
#[derive(Debug)]
pub(super) enum Decision {
    Create(Value),
    Change(Value),
    Keep,
    Remove(Value),
    /// An update has taken the last finalizer of an object that is marked for deletion.
    Finish(Value),
    /// A change that watches see before the removal.
    MarkAndRemove(Value),
}

impl Written {
    fn new(object: Arc<Object>, outcome: Outcome, is_stored: bool) -> Self {
        let revision = object.revision;
        Self { object, outcome, revision, is_stored, warnings: Vec::new() }
    }

    pub(super) fn unchanged(object: Arc<Object>) -> Self {
        Self::new(object, Outcome::Unchanged, false)
    }

    pub(super) fn changed(object: Arc<Object>) -> Self {
        Self::new(object, Outcome::Changed, true)
    }

    pub(crate) fn warn(mut self, warnings: Vec<String>) -> Self {
        self.warnings.extend(warnings);
        self
    }
}

impl Call<'_> {
    /// The stored object in the version of the request.
    pub(super) fn as_served<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        let api_version = self.resource.api_version();
        if value.get("apiVersion").and_then(Value::as_str) == Some(api_version.as_str()) {
            return Cow::Borrowed(value);
        }
        let mut value = value.clone();
        self.resource.convert(&mut value);
        Cow::Owned(value)
    }

    /// The time as the metadata has it.
    pub(super) fn time(&self) -> String {
        format!("{:.0}", self.now)
    }

    pub(super) fn is(&self, group: &str, plural: &str) -> bool {
        self.resource.group == group && self.resource.plural == plural
    }
}

impl Store {
    /// Carries out a decision. A dry run only makes the answer.
    pub(super) fn carry_out(
        &mut self,
        call: &Call,
        key: Key,
        decision: Decision,
    ) -> Option<Written> {
        if call.is_dry_run {
            return self.rehearse(&key, decision);
        }
        let written = match decision {
            Decision::Keep => Written::unchanged(Arc::clone(self.find(&key)?)),
            Decision::Create(value) => {
                let value = self.types.stored(call.resource, value);
                Written::new(self.put(key, value), Outcome::Created, true)
            }
            Decision::Change(value) => {
                let value = self.types.stored(call.resource, value);
                Written::new(self.put(key, value), Outcome::Changed, true)
            }
            Decision::Remove(_) => Written::new(self.remove(&key)?, Outcome::Gone, true),
            Decision::MarkAndRemove(value) => {
                let value = self.types.stored(call.resource, value);
                self.put(key.clone(), value);
                Written::new(self.remove(&key)?, Outcome::Gone, true)
            }
            // The client is answered with what it has sent, and watchers with what was stored.
            Decision::Finish(value) => {
                let before = self.find(&key)?.revision;
                let removed = self.remove(&key)?.revision;
                let object = Arc::new(Object::new(value, before));
                Written { revision: removed, ..Written::new(object, Outcome::Gone, true) }
            }
        };
        if call.is(crd::GROUP, crd::PLURAL) {
            self.learn(&written);
        }
        Some(written)
    }

    fn rehearse(&self, key: &Key, decision: Decision) -> Option<Written> {
        let stored = self.find(key);
        let revision = stored.map_or(0, |object| object.revision);
        let (value, outcome) = match decision {
            Decision::Keep => return stored.cloned().map(Written::unchanged),
            Decision::Create(value) => {
                let object = Arc::new(Object::unversioned(value));
                return Some(Written::new(object, Outcome::Created, false));
            }
            Decision::Change(value) => (value, Outcome::Changed),
            Decision::Remove(value) | Decision::Finish(value) | Decision::MarkAndRemove(value) => {
                (value, Outcome::Gone)
            }
        };
        Some(Written::new(Arc::new(Object::new(value, revision)), outcome, false))
    }

    /// A `CustomResourceDefinition` changes which types there are.
    fn learn(&mut self, written: &Written) {
        let value = &written.object.value;
        let Some(name) = super::metadata::text(value, "name") else {
            return;
        };
        if written.outcome == Outcome::Gone {
            self.types.forget(name);
        } else {
            let name = name.to_owned();
            let resources = crd::resources(value);
            self.types.define(&name, resources.clone());
            self.reread(&resources);
        }
    }

    /// What is stored is read with the schema that its type has now: without the fields that are no
    /// longer there, and with defaults.
    fn reread(&mut self, resources: &[Arc<Resource>]) {
        for (key, object) in &mut self.objects {
            let version = object.value.get("apiVersion").and_then(Value::as_str);
            let resource = resources.iter().find(|resource| {
                (resource.group == key.group && resource.plural == key.resource)
                    && version == Some(resource.api_version().as_str())
            });
            let Some(resource) = resource else { continue };
            let mut value = object.value.clone();
            resource.convert(&mut value);
            if value != object.value {
                *object = Arc::new(Object::new(value, object.revision));
            }
        }
    }
}

impl Object {
    /// The answer of a creation that is not stored has no version.
    fn unversioned(value: Value) -> Self {
        let bytes = super::text::text(&value);
        Self { value, bytes, revision: 0 }
    }
}
