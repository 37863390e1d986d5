//! PATCH.

use super::{Call, Store, Written, metadata, status};
use crate::{
    apply::{self, Operation},
    decode, patch,
    request::{PatchKind, PatchOptions, body::Content, path::Target},
    status::Rejection,
};

impl Store {
    /// PATCH. Only an apply creates what does not exist.
    pub(crate) fn patch(
        &mut self,
        call: &Call,
        content: Content,
        options: &PatchOptions,
    ) -> Result<Written, Rejection> {
        match options.kind {
            PatchKind::Apply => self.apply(call, content, options),
            PatchKind::Json | PatchKind::Merge | PatchKind::Strategic => {
                self.merge(call, content, options)
            }
        }
    }

    fn merge(
        &mut self,
        call: &Call,
        content: Content,
        options: &PatchOptions,
    ) -> Result<Written, Rejection> {
        let old = self.get(call.target)?.clone();
        let live = call.as_served(&old.value);
        let shape = call.resource.shape();
        let is_custom = call.resource.custom().is_some();
        let patched = patch::patched(options.kind, content, &live, shape, is_custom)?;
        let (mut value, warnings) =
            decode::patched(call.resource, patched, options.write.validation)?;
        call.check_name(&value)?;
        call.check_namespace_of(&mut value)?;
        let manager = call.manager(&options.write, Operation::Update);
        Ok(self.change(call, &old, value, Some(&manager))?.warn(warnings))
    }

    fn apply(
        &mut self,
        call: &Call,
        content: Content,
        options: &PatchOptions,
    ) -> Result<Written, Rejection> {
        let old = self.find(&call.target.key()).cloned();
        if old.is_none() && !call.target.subresource.is_empty() {
            return Err(call.target.not_found());
        }
        let Content { value: applied, duplicates } = content;
        let live = old.as_ref().map(|old| call.as_served(&old.value));
        let manager = call.manager(&options.write, Operation::Apply);
        let resource = call.resource;
        let (versions, resets) = (self.types.versions(resource), status::resets(call));
        // The order of what is refused is that of kube-apiserver: the configuration, then the object.
        let merged = apply::check_kind(&applied, &manager, &resource.kind).and_then(|()| {
            apply::merge(versions, live.as_deref(), &applied, &manager, options.is_forced, resets)
        });
        let merged = merged.map_err(apply::Failure::rejection)?;
        let warnings =
            decode::report(duplicates, options.write.validation).map_err(Rejection::bad_request)?;
        let mut merged = decode::merged(resource, merged)?;
        if let (None, Some(uid)) = (&old, metadata::text(&merged, "uid")) {
            let Target { group, resource, name, .. } = call.target;
            let why = format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object \
                 was found"
            );
            return Err(Rejection::conflict(group, resource, name, &why));
        }
        call.check_namespace_of(&mut merged)?;
        call.check_name(&merged)?;
        let written = match &old {
            Some(old) => self.change(call, old, merged, None)?,
            None => self.begin(call, merged, None)?,
        };
        Ok(written.warn(warnings))
    }
}
