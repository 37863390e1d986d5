//! Where a write waits for webhooks. A verb of the store can't wait: it ends with the review that is due, and is run
//! again with what was said of it. Whatever was stored meanwhile, the verb sees it then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{Call, Store, create::random_uid, metadata};
use crate::{
    request::path::Key,
    selector,
    status::Rejection,
    types::{Resource, api_version, events},
    webhook::{self, Attributes, Due, Operation, Stage},
};

/// What webhooks have said of one request, and what they are to be asked next.
#[derive(Debug, Default)]
pub(crate) struct Reviews(Mutex<Progress>);

#[derive(Debug, Default)]
struct Progress {
    /// What is random in the object, which must not differ when the verb is run again.
    uid: Option<String>,
    suffix: Option<String>,
    /// As there, the objects of a collection are shown without naming them.
    is_collection: bool,
    said: Vec<(Point, Result<Option<Value>, Rejection>)>,
    /// What webhooks are asked, until they have answered.
    asked: Option<Point>,
    /// The same for the caller that asks them, until it is taken.
    due: Option<Due>,
}

/// What a review is about: another version of the stored object needs another review.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Point {
    stage: Stage,
    operation: Operation,
    key: Key,
    /// Zero: there is no object yet.
    revision: u64,
}

impl Reviews {
    /// From now on, it is a collection that is deleted.
    pub(crate) fn begin_collection(&self) {
        self.progress().is_collection = true;
    }

    /// Takes the review for which the verb has ended, if that is why it has.
    pub(crate) fn take_due(&self) -> Option<Due> {
        self.progress().due.take()
    }

    /// Keeps what was said in the review that was taken: what became of the object, or why it is refused.
    pub(crate) fn learn(&self, said: Result<Option<Value>, Rejection>) {
        let mut progress = self.progress();
        if let Some(point) = progress.asked.take() {
            progress.said.push((point, said));
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Returns whether there are any webhooks, so that a verb may have to be run again.
    pub(crate) fn has_webhooks(&self) -> bool {
        !self.webhooks.is_empty()
    }

    /// What webhooks make of an object that is to be stored.
    pub(super) fn mutate(
        &self,
        call: &Call,
        operation: Operation,
        old: Option<&Value>,
        value: Value,
    ) -> Result<Value, Rejection> {
        let mutated = self.review(call, Stage::Mutating, operation, old, Some(&value))?;
        Ok(mutated.unwrap_or(value))
    }

    /// Fails if a webhook refuses what is to be stored.
    pub(super) fn admit(
        &self,
        call: &Call,
        operation: Operation,
        old: Option<&Value>,
        value: &Value,
    ) -> Result<(), Rejection> {
        self.review(call, Stage::Validating, operation, old, Some(value)).map(drop)
    }

    /// Fails if a webhook refuses a deletion.
    pub(super) fn admit_deletion(&self, call: &Call, old: &Value) -> Result<(), Rejection> {
        for stage in [Stage::Mutating, Stage::Validating] {
            self.review(call, stage, Operation::Delete, Some(old), None)?;
        }
        Ok(())
    }

    fn review(
        &self,
        call: &Call,
        stage: Stage,
        operation: Operation,
        old: Option<&Value>,
        value: Option<&Value>,
    ) -> Result<Option<Value>, Rejection> {
        let Some(reviews) = call.reviews.filter(|_| self.has_webhooks()) else {
            return Ok(None);
        };
        if call.resource.group == webhook::GROUP {
            return Ok(None);
        }
        let key = call.target.key();
        let revision = self.find(&key).map_or(0, |object| object.revision);
        let point = Point { stage, operation, key, revision };
        let mut progress = reviews.progress();
        if let Some((_, said)) = progress.said.iter().find(|(of, _)| *of == point) {
            return said.clone();
        }
        let (plural, part) = (&call.resource.plural, &call.target.subresource);
        if !self.webhooks.of(stage).any(|hook| hook.concerns(operation, plural, part)) {
            return Ok(None);
        }
        let mut attributes = self.attributes(call, operation, value);
        if progress.is_collection {
            attributes.name = String::new();
        }
        let hooks: Vec<_> =
            self.webhooks.of(stage).filter(|hook| hook.matches(&attributes).is_some()).collect();
        if hooks.is_empty() {
            return Ok(None);
        }
        let before = progress.said.iter().filter(|(of, _)| of.key == point.key);
        if before.count() >= MOST_REVIEWS {
            return Err(Rejection::timed_out());
        }
        attributes.old = old.cloned();
        let hooks = hooks.into_iter().cloned().collect();
        let object = value.map(|value| typed(&attributes, value));
        progress.asked = Some(point);
        progress.due = Some(Due { stage, hooks, attributes, object });
        Err(Rejection::internal("the request waits for admission webhooks"))
    }

    fn attributes(&self, call: &Call, operation: Operation, value: Option<&Value>) -> Attributes {
        let target = call.target;
        let is_namespace = call.is("", "namespaces");
        let generated = value.is_some_and(|value| {
            operation == Operation::Create && metadata::text(value, "name").is_none()
        });
        let name = if generated { "" } else { target.name.as_str() };
        let namespace = if is_namespace { name } else { target.namespace.as_str() };
        let namespace_object = self.find(&super::namespaces::key(namespace));
        let namespace_labels = namespace_object.and_then(|it| selector::labels_of(&it.value));
        Attributes {
            operation,
            resource: Arc::clone(call.resource),
            equivalents: self.equivalents(call.resource),
            subresource: target.subresource.clone(),
            namespace: namespace.into(),
            name: name.into(),
            old: None,
            is_dry_run: call.is_dry_run,
            namespace_labels: namespace_labels.cloned().unwrap_or_default(),
        }
    }

    /// The type in the other versions that are served; events also in their other group.
    fn equivalents(&self, resource: &Resource) -> Vec<Arc<Resource>> {
        let is_event =
            |it: &Resource| it.plural == "events" && ["", events::GROUP].contains(&&*it.group);
        let others = self.types.all().filter(|other| {
            let is_same = other.group == resource.group && other.plural == resource.plural;
            let is_it = is_same && other.version == resource.version;
            !is_it && (is_same || is_event(other) && is_event(resource))
        });
        others.cloned().collect()
    }
}

impl Call<'_> {
    /// The uid of a new object.
    pub(super) fn uid(&self) -> String {
        self.pinned(|progress| &mut progress.uid, random_uid)
    }

    /// What follows the prefix of a generated name.
    pub(super) fn suffix(&self) -> String {
        self.pinned(|progress| &mut progress.suffix, || random_uid()[..5].to_owned())
    }

    /// Returns whether this request has generated the name of an object: a client may send one that looks so.
    pub(super) fn is_generated(&self, value: &Value) -> bool {
        let suffix = || {
            let prefix = metadata::text(value, "generateName")?;
            metadata::text(value, "name")?.strip_prefix(prefix)
        };
        self.reviews.is_some_and(|reviews| {
            let progress = reviews.progress();
            progress.suffix.is_some() && progress.suffix.as_deref() == suffix()
        })
    }

    fn pinned(
        &self,
        place: impl Fn(&mut Progress) -> &mut Option<String>,
        random: impl Fn() -> String,
    ) -> String {
        match self.reviews {
            None => random(),
            Some(reviews) => place(&mut reviews.progress()).get_or_insert_with(random).clone(),
        }
    }
}

/// An object says of which kind it is, even one that the client may send without.
fn typed(attributes: &Attributes, value: &Value) -> Value {
    let mut value = value.clone();
    let (group, version, kind) = attributes.kind(&attributes.resource);
    if let Some(object) = value.as_object_mut() {
        object.entry("kind").or_insert_with(|| kind.into());
        object.entry("apiVersion").or_insert_with(|| api_version(group, version).into());
    }
    value
}

/// A request for an object that changes during each of its reviews would wait for ever.
const MOST_REVIEWS: usize = 100;
