//! What a write decides, and the one place where it is carried out.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use super::{Object, Reviews, Store, metadata};
use crate::{
    access::Admitted,
    request::path::{Key, Target},
    status::Rejection,
    types::Resource,
};

/// What every write is about.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) resource: &'a Arc<Resource>,
    pub(crate) target: &'a Target,
    pub(crate) now: Timestamp,
    /// Who writes; none: the server itself.
    pub(crate) by: Option<&'a Admitted>,
    pub(crate) is_dry_run: bool,
    /// What webhooks say of the write; none: they are not shown it.
    pub(crate) reviews: Option<&'a Reviews>,
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

impl<'a> Call<'a> {
    /// A write of the server itself.
    pub(crate) fn by_server(
        resource: &'a Arc<Resource>,
        target: &'a Target,
        now: Timestamp,
    ) -> Self {
        Self { resource, target, now, by: None, is_dry_run: false, reviews: None }
    }
}

impl Call<'_> {
    /// The stored object in the version of the request.
    pub(super) fn as_served<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        if !self.resource.is_other_version(value) {
            return Cow::Borrowed(value);
        }
        let mut value = value.clone();
        self.resource.convert(&mut value);
        Cow::Owned(value)
    }

    /// The name of an object is that of the URL.
    pub(super) fn check_name(&self, value: &Value) -> Result<(), Rejection> {
        let url = &self.target.name;
        Err(Rejection::bad_request(match metadata::text(value, "name") {
            Some(name) if name == url => return Ok(()),
            Some(name) => format!(
                "the name of the object ({name}) does not match the name on the URL ({url})"
            ),
            None => format!(
                "the name of the object ({url} based on URL) was undeterminable: name must be provided"
            ),
        }))
    }

    /// The time as the metadata has it.
    pub(crate) fn time(&self) -> String {
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
            return self.rehearse(call, &key, decision);
        }
        let written = match decision {
            Decision::Keep => Written::unchanged(Arc::clone(self.find(&key)?)),
            Decision::Create(value) => {
                Written::new(self.put_converted(call.resource, key, value), Outcome::Created, true)
            }
            Decision::Change(value) => {
                Written::new(self.put_converted(call.resource, key, value), Outcome::Changed, true)
            }
            Decision::Remove(_) => Written::new(self.remove(&key)?, Outcome::Gone, true),
            Decision::MarkAndRemove(value) => {
                self.put_converted(call.resource, key.clone(), value);
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
        Some(written)
    }

    fn rehearse(&self, call: &Call, key: &Key, decision: Decision) -> Option<Written> {
        let stored = self.find(key);
        let revision = stored.map_or(0, |object| object.revision);
        let (value, outcome) = match decision {
            Decision::Keep => return stored.cloned().map(Written::unchanged),
            Decision::Create(value) => {
                let (value, _) = self.converted(call.resource, value);
                let object = Arc::new(Object::unversioned(value));
                return Some(Written::new(object, Outcome::Created, false));
            }
            Decision::Change(value) => (self.converted(call.resource, value).0, Outcome::Changed),
            Decision::Remove(value) | Decision::Finish(value) | Decision::MarkAndRemove(value) => {
                (value, Outcome::Gone)
            }
        };
        Some(Written::new(Arc::new(Object::new(value, revision)), outcome, false))
    }
}

impl Object {
    /// The answer of a creation that is not stored has no version.
    fn unversioned(value: Value) -> Self {
        let bytes = super::text::text(&value);
        Self { value, stored: None, bytes, revision: 0 }
    }
}
