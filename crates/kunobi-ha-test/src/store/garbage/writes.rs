//! The writes of the controllers.

use std::sync::Arc;

use serde_json::Value;

use super::{Collector, FollowUp};
use crate::{
    apply::{self, Manager, Operation},
    request::{
        DeleteOptions, Propagation,
        path::{Key, Target},
    },
    store::{Call, Written, deletion, write::Decision},
    types::Resource,
};

/// Who writes, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Author {
    manager: &'static str,
    method: &'static str,
    subresource: &'static str,
}

impl Author {
    pub(super) const GARBAGE: Self =
        Self { manager: "kube-controller-manager", method: "PATCH", subresource: "" };
    pub(super) const NAMESPACE_STATUS: Self =
        Self { manager: "kube-controller-manager", method: "PUT", subresource: "status" };
    pub(super) const FINALIZE: Self =
        Self { manager: "kube-controller-manager", method: "PUT", subresource: "finalize" };
    pub(super) const DEFINITION_STATUS: Self =
        Self { manager: "kube-apiserver", method: "PUT", subresource: "status" };
}

impl Collector<'_> {
    pub(super) fn delete(&mut self, key: &Key, propagation: Option<Propagation>) {
        let options = DeleteOptions { propagation, ..DeleteOptions::default() };
        self.write("DELETE", key, |collector, call| collector.store.delete(call, &options).ok());
    }

    /// Changes an object, which is removed if that was its last finalizer.
    pub(super) fn amend(&mut self, author: Author, key: &Key, edit: impl FnOnce(&mut Value)) {
        self.write(author.method, key, |collector, call| {
            let old = Arc::clone(collector.store.find(key)?);
            let mut value = old.value.clone();
            edit(&mut value);
            if value == old.value {
                return None;
            }
            let manager = Manager {
                name: author.manager.into(),
                operation: Operation::Update,
                api_version: call.resource.api_version(),
                subresource: author.subresource.into(),
                time: call.time(),
            };
            apply::record(call.resource.shape(), Some(&old.value), &mut value, &manager, &[]);
            let decision = if deletion::is_due(call, &value) {
                Decision::Finish(value)
            } else {
                Decision::Change(value)
            };
            collector.store.carry_out(call, key.clone(), decision)
        });
    }

    pub(super) fn write(
        &mut self,
        method: &'static str,
        key: &Key,
        write: impl FnOnce(&mut Self, &Call) -> Option<Written>,
    ) {
        let Some(resource) = self.resource(key) else {
            return;
        };
        let target = Target::collection(&resource, "").at(key);
        let call = Call::by_server(&resource, &target, self.now);
        let written = write(self, &call).filter(|written| written.is_stored);
        if let Some(written) = written {
            self.done.push(FollowUp { method, target, written });
        }
    }

    /// The type of a stored object, in a version that is served.
    fn resource(&self, key: &Key) -> Option<Arc<Resource>> {
        let types = &self.store.types;
        let stored = self.store.find(key)?.value.get("apiVersion").and_then(Value::as_str);
        let version = stored.map(|text| text.rsplit('/').next().unwrap_or(text));
        let stored = version.and_then(|version| types.find(&key.group, version, &key.resource));
        stored.or_else(|| {
            let is_it = |resource: &&Arc<Resource>| {
                resource.group == key.group && resource.plural == key.resource
            };
            types.all().find(is_it).cloned()
        })
    }
}
