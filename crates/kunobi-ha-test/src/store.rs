//! The objects, their versions, and the log of their changes: no clock, no I/O.

mod admission;
mod deletion;
mod query;
mod subresource;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::{deletion::Grace, query::Selector};
use crate::{
    lease,
    path::{Key, Target},
    status::Rejection,
};

/// The contents of etcd.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    objects: BTreeMap<Key, Object>,
    revision: u64,
    changes: VecDeque<Change>,
    /// Watches can't start before this version.
    compacted: u64,
    pub(crate) settings: Settings,
}

/// What differs between API servers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// A write into a namespace that was not created is a 404.
    pub(crate) strict_namespaces: bool,
    /// A PUT never creates, as on some emulators.
    pub(crate) no_create_on_update: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) value: Value,
    /// The same as JSON text: it is served far more often than it is written.
    pub(crate) bytes: Bytes,
    pub(crate) revision: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) key: Key,
    pub(crate) kind: &'static str,
    pub(crate) object: Object,
}

/// A write that was answered with success.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) object: Object,
    pub(crate) created: bool,
    /// False if nothing differed, so that nothing was written.
    pub(crate) changed: bool,
}

impl Store {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            objects: BTreeMap::new(),
            revision: 1,
            changes: VecDeque::new(),
            compacted: 0,
            settings,
        }
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn get(&self, target: &Target) -> Result<&Object, Rejection> {
        self.find(&target.key()).ok_or_else(|| target.not_found())
    }

    pub(crate) fn find(&self, key: &Key) -> Option<&Object> {
        self.objects.get(key)
    }

    pub(crate) fn list(&self, target: &Target, selector: &Selector) -> Value {
        let items: Vec<&Value> = self
            .objects
            .iter()
            .filter(|(key, object)| target.covers(key) && selector.matches(key, &object.value))
            .map(|(_, object)| &object.value)
            .collect();
        json!({
            "kind": format!("{}List", self.kind(target)),
            "apiVersion": target.api_version(),
            "metadata": { "resourceVersion": self.revision.to_string() },
            "items": items,
        })
    }

    /// The kind of a resource, as the stored objects state it.
    pub(crate) fn kind(&self, target: &Target) -> &str {
        let known = self.objects.iter().find(|(key, _)| target.covers(key));
        let stored = known.and_then(|(_, object)| object.value.get("kind")?.as_str());
        stored.unwrap_or(if target.is_lease() { lease::KIND } else { "" })
    }

    /// POST to a collection.
    pub(crate) fn create(
        &mut self,
        target: &Target,
        mut value: Value,
    ) -> Result<Written, Rejection> {
        let name = match text(&value, "name") {
            Some(name) => name.to_owned(),
            None => match text(&value, "generateName") {
                Some(prefix) => format!("{prefix}{}", &uuid().simple().to_string()[..5]),
                None => return Err(target.name_required()),
            },
        };
        if text(&value, "resourceVersion").is_some() {
            return Err(Rejection::internal(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        let target = target.named(&name);
        if self.find(&target.key()).is_some() {
            return Err(target.already_exists());
        }
        self.check_namespace(&target)?;
        Self::admit(&target, &mut value)?;
        Ok(self.insert(&target, value))
    }

    /// PUT.
    pub(crate) fn update(
        &mut self,
        target: &Target,
        mut value: Value,
    ) -> Result<Written, Rejection> {
        Self::check_metadata(&value)?;
        let key = target.key();
        let sent_uid = text(&value, "uid").map(ToOwned::to_owned);
        let sent_version = text(&value, "resourceVersion").map(ToOwned::to_owned);
        let creates = target.is_lease() && !self.settings.no_create_on_update;
        let Some(old) = self.find(&key) else {
            if !creates {
                return Err(target.not_found());
            }
            if let Some(sent) = sent_uid {
                return Err(target.other_uid(&sent, ""));
            }
            self.check_namespace(target)?;
            Self::admit(target, &mut value)?;
            return Ok(self.insert(target, value));
        };
        let is_uid = text(&old.value, "uid").unwrap_or_default();
        if let Some(sent) = sent_uid.filter(|sent| sent != is_uid) {
            return Err(target.other_uid(&sent, is_uid));
        }
        match sent_version {
            None if target.is_lease() => return Err(target.version_required()),
            Some(sent) if sent != old.revision.to_string() => return Err(target.modified()),
            None | Some(_) => {}
        }
        subresource::keep(target, &old.value, &mut value);
        deletion::keep(target, &old.value, &mut value)?;
        Self::admit(target, &mut value)?;
        let written = self.replace(key.clone(), value);
        Ok(if deletion::is_due(&written.object.value) {
            self.remove(&key);
            Written { changed: true, ..written }
        } else {
            written
        })
    }

    /// PATCH, as an RFC 7396 merge.
    pub(crate) fn patch(&mut self, target: &Target, patch: &Value) -> Result<Written, Rejection> {
        let mut value = self.get(target)?.value.clone();
        let uid = value.pointer("/metadata/uid").cloned().unwrap_or_default();
        query::merge(&mut value, patch);
        if value.pointer("/metadata/uid").is_some_and(|sent| *sent != uid) {
            return Err(target.immutable("metadata.uid"));
        }
        self.update(target, value)
    }

    /// Stores any value, as another API server might serve it.
    pub(crate) fn inject(&mut self, key: Key, value: Value) {
        self.revision += 1;
        let bytes = Bytes::from(value.to_string());
        let object = Object { value, bytes, revision: self.revision };
        self.log(key.clone(), "MODIFIED", object.clone());
        self.objects.insert(key, object);
    }

    fn insert(&mut self, target: &Target, mut value: Value) -> Written {
        subresource::begin(target, &mut value);
        deletion::forget(&mut value);
        value["metadata"]["uid"] = uuid().to_string().into();
        value["metadata"]["creationTimestamp"] = format!("{:.0}", jiff::Timestamp::now()).into();
        self.revision += 1;
        let object = Object::new(value, self.revision);
        let key = target.key();
        self.objects.insert(key.clone(), object.clone());
        self.log(key, "ADDED", object.clone());
        Written { object, created: true, changed: true }
    }

    /// Replaces the stored object, unless nothing differs.
    pub(crate) fn replace(&mut self, key: Key, mut value: Value) -> Written {
        if let Some(old) = self.objects.get(&key) {
            for kept in ["uid", "creationTimestamp", "resourceVersion"] {
                value["metadata"][kept] = old.value["metadata"][kept].clone();
            }
            if old.value == value {
                return Written { object: old.clone(), created: false, changed: false };
            }
        }
        self.revision += 1;
        let object = Object::new(value, self.revision);
        self.objects.insert(key.clone(), object.clone());
        self.log(key, "MODIFIED", object.clone());
        Written { object, created: false, changed: true }
    }

    fn log(&mut self, key: Key, kind: &'static str, object: Object) {
        if self.changes.len() >= LONGEST_LOG
            && let Some(oldest) = self.changes.pop_front()
        {
            self.compacted = oldest.revision;
        }
        self.changes.push_back(Change { revision: self.revision, key, kind, object });
    }

    /// Forgets all changes up to now: a watch from an older version ends with 410.
    pub(crate) fn compact(&mut self) {
        self.changes.clear();
        self.compacted = self.revision;
    }

    /// Returns the changes since a version, or 410 if they are forgotten.
    pub(crate) fn changes_since(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &Change>, Rejection> {
        if revision < self.compacted {
            return Err(Rejection::expired(revision, self.compacted));
        }
        let start = self.changes.partition_point(|change| change.revision <= revision);
        Ok(self.changes.range(start..))
    }

    /// The objects that a watch without a version begins with.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &Object)> {
        self.objects.iter()
    }
}

impl Object {
    fn new(mut value: Value, revision: u64) -> Self {
        value["metadata"]["resourceVersion"] = revision.to_string().into();
        let bytes = Bytes::from(value.to_string());
        Self { value, bytes, revision }
    }
}

/// Returns a random uid, which a simulation repeats by seeding `fastrand`.
fn uuid() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_le_bytes()).into_uuid()
}

/// Returns a non-empty string of the metadata.
fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get("metadata")?.get(field)?.as_str().filter(|text| !text.is_empty())
}

const LONGEST_LOG: usize = 20_000;
