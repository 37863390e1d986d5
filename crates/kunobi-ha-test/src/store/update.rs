//! PUT, and what it has in common with PATCH.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Call, Object, Store, Written, created, deletion, ephemeral, metadata, namespaces, rules,
    status, write::Decision,
};
use crate::{
    apply::{self, Manager},
    decode, go,
    request::{WriteOptions, body::Content},
    status::Rejection,
    webhook::Operation,
};

impl Store {
    /// PUT.
    pub(crate) fn update(
        &mut self,
        call: &Call,
        content: Content,
        options: &WriteOptions,
    ) -> Result<Written, Rejection> {
        let (mut value, warnings) = decode::object(call.resource, content, options.validation)?;
        call.check_name(&value)?;
        call.check_namespace_of(&mut value)?;
        let manager = call.manager(options, apply::Operation::Update);
        let sent_uid = metadata::text(&value, "uid").map(ToOwned::to_owned);
        let Some(old) = self.find(&call.target.key()).cloned() else {
            let creates = rules::creates_on_update(call.resource)
                && call.target.subresource.is_empty()
                && !self.settings.no_create_on_update;
            return match sent_uid {
                _ if !creates => Err(call.target.not_found()),
                Some(sent) => Err(call.target.other_uid(&sent, "")),
                None => Ok(self.begin(call, value, Some(&manager))?.warn(warnings)),
            };
        };
        let is_uid = metadata::text(&old.value, "uid").unwrap_or_default();
        if let Some(sent) = sent_uid.filter(|sent| sent != is_uid) {
            return Err(call.target.other_uid(&sent, is_uid));
        }
        Ok(self.change(call, &old, value, Some(&manager))?.warn(warnings))
    }

    /// Stores what a PUT or a PATCH makes of an object. An apply has recorded its manager already.
    pub(super) fn change(
        &mut self,
        call: &Call,
        old: &Arc<Object>,
        mut value: Value,
        manager: Option<&Manager>,
    ) -> Result<Written, Rejection> {
        self.check_escalation(call, Some(&old.value), &value)?;
        let live = call.as_served(&old.value);
        namespaces::default(call, &mut value);
        if let Some(manager) = manager {
            let versions = self.types.versions(call.resource);
            apply::record(versions, Some(&live), &mut value, manager, status::resets(call));
        }
        let mut value = self.mutate(call, Operation::Update, Some(&live), value)?;
        if self.has_webhooks() {
            self.check_escalation(call, Some(&old.value), &value)?;
        }
        check_version(call, old, &value)?;
        for kept in ["creationTimestamp", "resourceVersion", "selfLink"] {
            metadata::set(&mut value, kept, metadata::get(&live, kept).cloned());
        }
        if metadata::text(&value, "uid").is_none() {
            metadata::set(&mut value, "uid", metadata::get(&live, "uid").cloned());
        }
        ephemeral::narrow(call, &live, &mut value);
        status::keep(call, &live, &mut value);
        namespaces::keep(call, &live, &mut value);
        deletion::keep(&live, &mut value);
        self.complete(call, Some(&live), &mut value);
        let warnings = self.validate(call, Some(&live), &mut value)?;
        self.admit(call, Operation::Update, Some(&live), &value)?;
        created::settle(call, Some(&live), &mut value);
        let decision = if deletion::is_due(call, &value) {
            Decision::Finish(value)
        } else if !self.is_stale(call.resource, old) && apply::differ_only_in_times(&live, &value) {
            Decision::Keep
        } else {
            Decision::Change(value)
        };
        let written = self.carry_out(call, call.target.key(), decision);
        Ok(written.ok_or_else(|| call.target.not_found())?.warn(warnings))
    }
}

/// 409, unless the object is sent in the version that is stored, or in none where that is allowed.
pub(super) fn check_version(call: &Call, old: &Object, value: &Value) -> Result<(), Rejection> {
    let sent = metadata::text(value, "resourceVersion").map_or(Ok(0), go::unsigned);
    match sent.map_err(|why| Rejection::internal(&why))? {
        // None.
        0 if !rules::updates_unconditionally(call.resource) => Err(call.version_required()),
        0 => Ok(()),
        sent if sent != old.revision => Err(call.target.modified()),
        _ => Ok(()),
    }
}
