//! In which version the objects of a custom type are stored, and what is read of them.
//!
//! As in kube-apiserver: an object is read in the version in which it was stored, with the schema that this version has
//! now and its defaults; then it becomes one of the version that was asked for, which prunes it and sets no defaults.
//! What is written becomes one of the storage version. What is stored stays as it is until the next write, so that a
//! field which a definition loses is there again if the definition gets it back.

use std::{borrow::Cow, sync::Arc};

use serde_json::Value;

use super::{Object, Store};
use crate::{
    request::{
        Verb,
        path::{Key, Target},
    },
    status::Rejection,
    types::{Origin, Resource},
};

impl Store {
    /// Stores a value of one version in the version that is stored.
    pub(super) fn put_converted(
        &mut self,
        resource: &Arc<Resource>,
        key: Key,
        value: Value,
    ) -> Arc<Object> {
        let (value, stored) = self.converted(resource, value);
        self.put_as(key, value, stored)
    }

    /// What will be read, and what is stored if it is not the same.
    pub(super) fn converted(
        &self,
        resource: &Arc<Resource>,
        mut value: Value,
    ) -> (Value, Option<Box<Value>>) {
        let storage = self.types.storage(resource);
        if storage.api_version() != resource.api_version() {
            storage.convert(&mut value);
        }
        storage.read(Cow::Owned(value))
    }

    /// Whether the object would be stored as something else, even if nothing of it changes.
    pub(super) fn is_stale(&self, resource: &Arc<Resource>, object: &Object) -> bool {
        let storage = self.types.storage(resource);
        object.stored.is_some() || storage.is_other_version(&object.value)
    }

    /// What is stored is read with the schemas that its type has now.
    pub(super) fn reread(&mut self, versions: &[Arc<Resource>]) {
        let Some(first) = versions.first() else { return };
        let from = Key {
            group: first.group.clone(),
            resource: first.plural.clone(),
            namespace: String::new(),
            name: String::new(),
        };
        let is_of_type = |key: &Key| key.group == from.group && key.resource == from.resource;
        let objects = self.objects.range_mut(from.clone()..);
        for (key, object) in objects.take_while(|(key, _)| is_of_type(key)) {
            let stored = object.stored();
            let text = stored.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
            let version = versions.iter().find(|resource| resource.api_version() == text);
            let Some(version) = version else {
                if first.is_other_version(stored) {
                    self.unreadable.insert(key.clone());
                }
                continue;
            };
            self.unreadable.remove(key);
            let (value, stored) = version.read(Cow::Borrowed(stored));
            if value != object.value || stored.is_some() != object.stored.is_some() {
                *object = Arc::new(Object { stored, ..Object::new(value, object.revision) });
            }
        }
    }

    /// Fails if an object that a request reads is in a version that its type does not have any more.
    pub(crate) fn check_readable(&self, target: &Target, verb: Verb) -> Result<(), Rejection> {
        let first = target.key();
        let is_of_type = |key: &&Key| key.group == first.group && key.resource == first.resource;
        let mut unreadable = self.unreadable.range(first.clone()..).take_while(is_of_type);
        let found =
            unreadable.find(|key| target.covers(key) && (first.name.is_empty() || **key == first));
        let Some((key, object)) = found.and_then(|key| self.objects.get_key_value(key)) else {
            return Ok(());
        };
        let version = object.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        let why = format!(
            "object not decodable revision={}: request to convert CR from an invalid \
             group/version: {version}",
            object.revision
        );
        let namespace = if key.namespace.is_empty() { "" } else { "/" };
        let path =
            format!("/{}/{}{namespace}{}/{}", key.group, key.resource, key.namespace, key.name);
        Err(match verb {
            Verb::Create => return Ok(()),
            Verb::Update | Verb::Patch => Rejection::internal(&why),
            Verb::Get | Verb::Delete => Rejection::corrupt(&path, &why),
            Verb::List | Verb::Watch => Rejection::corrupt_cache(target, &path, &why),
            Verb::DeleteCollection => Rejection::corrupt_list(target, &path, &why),
        })
    }
}

impl Object {
    /// What is stored, which may be read as something else.
    pub(super) fn stored(&self) -> &Value {
        self.stored.as_deref().unwrap_or(&self.value)
    }
}

impl Resource {
    /// Reads an object that is stored in this version: what is read, and what is stored if it is not the same.
    fn read(&self, stored: Cow<'_, Value>) -> (Value, Option<Box<Value>>) {
        let Origin::Custom(version) = &self.origin else {
            return (stored.into_owned(), None);
        };
        let mut value = stored.clone().into_owned();
        version.read_stored(&mut value);
        let differs = value != *stored;
        (value, differs.then(|| Box::new(stored.into_owned())))
    }
}
