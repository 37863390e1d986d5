//! `NAME/scale`: a part of the object in the form of another type.

use std::sync::Arc;

use serde_json::Value;

use super::{Call, Object, Store, Written, metadata, update};
use crate::{
    apply::{self, Manager, Operation},
    crd::ScalePaths,
    decode, patch,
    request::{GetOptions, PatchKind, PatchOptions, WriteOptions, body::Content},
    status::{Cause, Rejection},
    types::Resource,
    webhook,
};

impl Store {
    /// GET.
    pub(crate) fn scale(
        &self,
        call: &Call,
        paths: &ScalePaths,
        options: &GetOptions,
    ) -> Result<Value, Rejection> {
        self.check_age(options.at)?;
        let object = self.get(call.target)?;
        paths.of(&object.value, false).map_err(|why| Rejection::internal_error(&why))
    }

    /// PUT.
    pub(crate) fn update_scale(
        &mut self,
        call: &Call,
        paths: &ScalePaths,
        content: Content,
        options: &WriteOptions,
    ) -> Result<Written, Rejection> {
        let kind = call.scale()?;
        let decoded = decode::object(&kind, content, options.validation);
        let (mut scale, warnings) = decoded.map_err(|rejection| undecoded(call, rejection))?;
        call.check_name(&scale)?;
        call.check_namespace_of(&mut scale)?;
        let old = Arc::clone(self.get(call.target)?);
        let uid = metadata::text(&old.value, "uid").unwrap_or_default();
        if let Some(sent) = metadata::text(&scale, "uid").filter(|sent| *sent != uid) {
            return Err(call.target.other_uid(sent, uid));
        }
        let live = live(paths, &old)?;
        record(call, &kind, &live, &mut scale, options);
        Ok(self.set_scale(call, paths, (&old, &live), scale)?.warn(warnings))
    }

    /// PATCH.
    pub(crate) fn patch_scale(
        &mut self,
        call: &Call,
        paths: &ScalePaths,
        content: Content,
        options: &PatchOptions,
    ) -> Result<Written, Rejection> {
        let kind = call.scale()?;
        let old = Arc::clone(self.get(call.target)?);
        let live = live(paths, &old)?;
        let (mut scale, warnings) = if options.kind == PatchKind::Apply {
            applied(call, &kind, &live, content, options)?
        } else {
            merged(call, &kind, &live, content, options)?
        };
        let has_replicas = |scale: &Value| scale.pointer("/spec/replicas").is_some();
        if paths.of(&old.value, false).is_err() && !has_replicas(&scale) {
            let path = paths.replicas();
            return Err(Rejection::bad_request(format!(
                "the spec replicas field \"{path}\" cannot be empty"
            )));
        }
        call.check_name(&scale)?;
        call.check_namespace_of(&mut scale)?;
        if options.kind != PatchKind::Apply {
            record(call, &kind, &live, &mut scale, &options.write);
        }
        Ok(self.set_scale(call, paths, (&old, &live), scale)?.warn(warnings))
    }

    fn set_scale(
        &mut self,
        call: &Call,
        paths: &ScalePaths,
        (old, live): (&Arc<Object>, &Value),
        scale: Value,
    ) -> Result<Written, Rejection> {
        let scale = &self.mutate(call, webhook::Operation::Update, Some(live), scale)?;
        if call.resource.custom().is_none() {
            check(call, &old.value, scale)?;
        }
        let served = call.as_served(&old.value);
        let mut value = paths.apply(&served, scale);
        let api_version = call.resource.api_version();
        let managers = apply::of_scaled(&served, scale, &paths.steps(), &api_version);
        metadata::set(&mut value, "managedFields", managers);
        if self.has_webhooks() {
            update::check_version(call, old, &value)?;
            let shown = paths.of(&value, true).map_err(Rejection::bad_request)?;
            let before = paths.of(&served, true).map_err(Rejection::bad_request)?;
            self.admit(call, webhook::Operation::Update, Some(&before), &shown)?;
        }
        // Webhooks see the Scale, not the object.
        self.change(&Call { reviews: None, ..call.clone() }, old, value, None)
    }
}

impl Call<'_> {
    fn scale(&self) -> Result<Resource, Rejection> {
        self.resource.part("scale").ok_or_else(Rejection::no_such_path)
    }

    fn manager_of_scale(
        &self,
        kind: &Resource,
        options: &WriteOptions,
        operation: Operation,
    ) -> Manager {
        Manager { api_version: kind.api_version(), ..self.manager(options, operation) }
    }
}

/// The Scale of an object, with those who own it.
fn live(paths: &ScalePaths, object: &Object) -> Result<Value, Rejection> {
    let object = &object.value;
    let mut live = paths.of(object, true).map_err(|why| Rejection::internal_error(&why))?;
    if let Some(managers) = apply::of_scale(object, &paths.steps()) {
        metadata::set(&mut live, "managedFields", Some(managers));
    }
    Ok(live)
}

fn merged(
    call: &Call,
    kind: &Resource,
    live: &Value,
    content: Content,
    options: &PatchOptions,
) -> Result<(Value, Vec<String>), Rejection> {
    let is_custom = call.resource.custom().is_some();
    let patched = patch::patched(options.kind, content, live, kind.shape(), is_custom)?;
    decode::patched(kind, patched, options.write.validation)
}

fn applied(
    call: &Call,
    kind: &Resource,
    live: &Value,
    content: Content,
    options: &PatchOptions,
) -> Result<(Value, Vec<String>), Rejection> {
    let Content { value: applied, duplicates } = content;
    let manager = call.manager_of_scale(kind, &options.write, Operation::Apply);
    let shape = kind.shape();
    apply::check_kind(&applied, &manager, &kind.kind).map_err(apply::Failure::rejection)?;
    if call.resource.custom().is_some() {
        return Err(inapplicable(live, &applied));
    }
    let merged = apply::merge(shape, Some(live), &applied, &manager, options.is_forced, &[]);
    let merged = merged.map_err(apply::Failure::rejection)?;
    let warnings =
        decode::report(duplicates, options.write.validation).map_err(Rejection::bad_request)?;
    Ok((decode::merged(kind, merged)?, warnings))
}

/// The Scale of a custom resource can't be applied.
fn inapplicable(live: &Value, applied: &Value) -> Rejection {
    let (what, place) = if metadata::get(live, "managedFields").is_some() {
        let text = |field| metadata::text(applied, field).unwrap_or_default();
        ("convert new object", format!("{}/{}", text("namespace"), text("name")))
    } else {
        ("create manager for existing fields: failed to convert live object", "/".to_owned())
    };
    Rejection::internal(&format!(
        "failed to {what} ({place}; autoscaling/v1, Kind=Scale) to proper version: request to \
         convert CR to an invalid group/version: autoscaling/v1"
    ))
}

/// Records who has changed the Scale. No replicas are zero replicas, and nobody owns them.
fn record(call: &Call, kind: &Resource, live: &Value, scale: &mut Value, options: &WriteOptions) {
    let spec = scale.get_mut("spec").and_then(Value::as_object_mut);
    if let Some(spec) = spec
        && spec.get("replicas").and_then(Value::as_i64) == Some(0)
    {
        spec.remove("replicas");
    }
    let manager = call.manager_of_scale(kind, options, Operation::Update);
    apply::record(kind.shape(), Some(live), scale, &manager, &[]);
}

/// A custom resource tells everything that it can't read in the same words.
fn undecoded(call: &Call, rejection: Rejection) -> Rejection {
    if call.resource.custom().is_some() { Rejection::no_scale() } else { rejection }
}

/// What the built-in types want of a Scale.
fn check(call: &Call, old: &Value, scale: &Value) -> Result<(), Rejection> {
    let name = &call.target.name;
    let replicas = scale.pointer("/spec/replicas").filter(|it| it.as_i64().is_some_and(|n| n < 0));
    if let Some(replicas) = replicas {
        let why = "must be greater than or equal to 0";
        let cause = Cause::invalid("spec.replicas", replicas, why);
        return Err(Rejection::invalid_object("Scale", "autoscaling", name, &[cause]));
    }
    let is = metadata::text(old, "uid").unwrap_or_default();
    if let Some(sent) = metadata::text(scale, "uid").filter(|sent| *sent != is) {
        let why =
            format!("Precondition failed: UID in precondition: {sent}, UID in object meta: {is}");
        let Resource { group, plural, .. } = &**call.resource;
        return Err(Rejection::conflict(group, &format!("{plural}/scale"), name, &why));
    }
    Ok(())
}
