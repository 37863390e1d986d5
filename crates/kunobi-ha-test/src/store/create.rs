//! POST, and every other request that creates an object.

use serde_json::Value;

use super::{
    Call, Store, Written, created, deletion, metadata, namespaces, status, write::Decision,
};
use crate::{
    apply::{self, Manager},
    decode, go,
    request::{WriteOptions, body::Content},
    status::Rejection,
    webhook::Operation,
};

impl Store {
    /// POST to a collection.
    pub(crate) fn create(
        &mut self,
        call: &Call,
        content: Content,
        options: &WriteOptions,
    ) -> Result<Written, Rejection> {
        let (mut value, warnings) = decode::object(call.resource, content, options.validation)?;
        let sent = metadata::text(&value, "resourceVersion").map_or(Ok(0), go::unsigned);
        if sent != Ok(0) {
            return Err(Rejection::internal(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        // A generated name is not known yet.
        namespaces::default(call, &mut value);
        let name = match metadata::text(&value, "name") {
            Some(name) => name.to_owned(),
            None => match metadata::text(&value, "generateName") {
                Some(prefix) => format!("{prefix}{}", call.suffix()),
                None => return Err(call.name_required()),
            },
        };
        metadata::set(&mut value, "name", Some(name.as_str().into()));
        let target = call.target.named(&name);
        let call = Call { target: &target, ..call.clone() };
        call.check_namespace_of(&mut value)?;
        let manager = call.manager(options, apply::Operation::Update);
        Ok(self.begin(&call, value, Some(&manager))?.warn(warnings))
    }

    /// Stores an object that does not exist. An apply has recorded its manager already.
    pub(super) fn begin(
        &mut self,
        call: &Call,
        mut value: Value,
        manager: Option<&Manager>,
    ) -> Result<Written, Rejection> {
        self.check_namespace(call, &value)?;
        self.check_escalation(call, None, &value)?;
        self.check_definition(call)?;
        deletion::forget(&mut value);
        for field in ["uid", "creationTimestamp", "resourceVersion", "selfLink"] {
            metadata::set(&mut value, field, None);
        }
        if let Some(manager) = manager {
            let versions = self.types.versions(call.resource);
            apply::record(versions, None, &mut value, manager, status::resets(call));
        }
        let mut value = self.mutate_new(call, value)?;
        let name = metadata::text(&value, "name").unwrap_or_default();
        let renamed = (name != call.target.name).then(|| call.target.named(name));
        let call = &Call { target: renamed.as_ref().unwrap_or(call.target), ..call.clone() };
        metadata::set(&mut value, "uid", Some(call.uid().into()));
        metadata::set(&mut value, "creationTimestamp", Some(call.time().into()));
        status::begin(call, &mut value);
        namespaces::begin(call, &mut value);
        self.complete(call, None, &mut value);
        let warnings = self.validate(call, None, &mut value)?;
        self.check_creation(call)?;
        self.admit(call, Operation::Create, None, &value)?;
        created::settle(call, None, &mut value);
        let key = call.target.key();
        if let Some(there) = self.find(&key) {
            let is_marked = metadata::get(&there.value, deletion::TIMESTAMP).is_some();
            return Err(call.target.already_exists(is_marked));
        }
        let written = self.carry_out(call, key, Decision::Create(value));
        Ok(written.ok_or_else(|| call.target.not_found())?.warn(warnings))
    }

    /// Shows a new object to webhooks: before it has a name, if that is generated.
    fn mutate_new(&self, call: &Call, mut value: Value) -> Result<Value, Rejection> {
        if !self.has_webhooks() || call.reviews.is_none() {
            return Ok(value);
        }
        let name = &call.target.name;
        let is_generated = call.is_generated(&value);
        if is_generated {
            metadata::set(&mut value, "name", None);
        }
        let mut value = self.mutate(call, Operation::Create, None, value)?;
        if is_generated && metadata::text(&value, "name").is_none() {
            metadata::set(&mut value, "name", Some(name.as_str().into()));
        }
        call.check_namespace_of(&mut value)?;
        self.check_escalation(call, None, &value)?;
        if metadata::text(&value, "name").is_none() { Err(call.name_required()) } else { Ok(value) }
    }
}

impl Call<'_> {
    pub(crate) fn manager(&self, options: &WriteOptions, operation: apply::Operation) -> Manager {
        Manager {
            name: options.manager.clone(),
            operation,
            api_version: self.resource.api_version(),
            subresource: self.target.subresource.clone(),
            time: self.time(),
        }
    }

    /// The namespace of an object is that of the URL.
    pub(crate) fn check_namespace_of(&self, value: &mut Value) -> Result<(), Rejection> {
        let namespace = self.target.namespace.as_str();
        let sent = metadata::text(value, "namespace");
        if !namespace.is_empty() && sent.is_some_and(|sent| sent != namespace) {
            return Err(Rejection::bad_request(
                "the namespace of the provided object does not match the namespace sent on the \
                 request",
            ));
        }
        let namespace = (!namespace.is_empty()).then(|| namespace.into());
        metadata::set(value, "namespace", namespace);
        Ok(())
    }
}

/// Returns a random uid, which a simulation repeats by seeding `fastrand`.
pub(crate) fn random_uid() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_le_bytes()).into_uuid().to_string()
}
