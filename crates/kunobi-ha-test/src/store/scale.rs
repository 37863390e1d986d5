//! `NAME/scale`: a part of the object in the form of another type.

use serde_json::Value;

use super::{Call, Store, Written, metadata};
use crate::{
    apply::Operation,
    crd::ScalePaths,
    decode, patch,
    request::{PatchKind, PatchOptions, WriteOptions, body::Content},
    shape::Shape,
    status::Rejection,
};

impl Store {
    /// GET.
    pub(crate) fn scale(&self, call: &Call, paths: &ScalePaths) -> Result<Value, Rejection> {
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
        let (scale, warnings) = decode::body(call.resource, "scale", content, options.validation)?;
        Ok(self.set_scale(call, paths, &scale, options)?.warn(warnings))
    }

    /// PATCH.
    pub(crate) fn patch_scale(
        &mut self,
        call: &Call,
        paths: &ScalePaths,
        content: Content,
        options: &PatchOptions,
    ) -> Result<Written, Rejection> {
        let is_custom = call.resource.custom().is_some();
        if options.kind == PatchKind::Apply && !is_custom {
            return Err(Rejection::not_supported("an apply to the subresource scale"));
        }
        if options.kind == PatchKind::Apply {
            let name = &call.target.name;
            return Err(Rejection::internal(&format!(
                "failed to convert new object (/{name}; autoscaling/v1, Kind=Scale) to proper \
                 version: request to convert CR to an invalid group/version: autoscaling/v1"
            )));
        }
        let object = self.get(call.target)?;
        let live = paths.of(&object.value, true).map_err(|why| Rejection::internal_error(&why))?;
        let had_replicas = paths.of(&object.value, false).is_ok();
        let shape = Shape::named(SCALE);
        let value = patch::patched(options.kind, &content.value, &live, &shape, is_custom)?;
        let content = Content { value, duplicates: content.duplicates };
        let validation = options.write.validation;
        let (scale, warnings) = decode::body(call.resource, "scale", content, validation)?;
        if !had_replicas && scale.pointer("/spec/replicas").is_none() {
            let path = paths.replicas();
            return Err(Rejection::bad_request(format!(
                "the spec replicas field \"{path}\" cannot be empty"
            )));
        }
        Ok(self.set_scale(call, paths, &scale, &options.write)?.warn(warnings))
    }

    fn set_scale(
        &mut self,
        call: &Call,
        paths: &ScalePaths,
        scale: &Value,
        options: &WriteOptions,
    ) -> Result<Written, Rejection> {
        let is = |field: &str| scale.get(field).and_then(Value::as_str).unwrap_or_default();
        if !matches!((is("apiVersion"), is("kind")), ("autoscaling/v1", "Scale") | ("", "")) {
            return Err(Rejection::bad_request(
                "no kind is registered for the type v1.Scale in scheme \"pkg/runtime/scheme.go:111\"",
            ));
        }
        let old = self.get(call.target)?.clone();
        if let Some(sent) = metadata::text(scale, "name").filter(|name| *name != call.target.name) {
            return Err(Rejection::bad_request(format!(
                "the name of the object ({sent}) does not match the name on the URL ({})",
                call.target.name
            )));
        }
        let value = paths.apply(&old.value, scale);
        let manager = call.manager(options, Operation::Update);
        self.change(call, &old, value, Some(&manager))
    }
}

const SCALE: &str = "io.k8s.api.autoscaling.v1.Scale";
