//! Checks before an object is stored.

use serde_json::Value;

use super::{Call, Store, namespaces};
use crate::{
    crd, lease,
    status::{Cause, Rejection},
    types::{Origin, events},
    validation, webhook,
};

impl Store {
    /// Checks an object that is new, or replaces an old one; fills in what the server states of it.
    /// Returns what to warn of.
    pub(super) fn validate(
        &self,
        call: &Call,
        old: Option<&Value>,
        value: &mut Value,
    ) -> Result<Vec<String>, Rejection> {
        let mut causes = validation::metadata(call.resource, old, value);
        let mut warnings = Vec::new();
        let is_status = call.target.subresource == "status";
        match &call.resource.origin {
            Origin::Custom(version) => match old {
                Some(old) if is_status => causes.extend(version.validate_status(value, old)),
                old => {
                    // kube-apiserver checks the metadata of an update again here, and tells it again.
                    if old.is_some() {
                        causes.extend(causes.clone());
                        causes.extend(validation::metadata(call.resource, None, value));
                    }
                    causes.extend(version.validate(value, old));
                    warnings = crd::finalizer_warnings(value, old);
                }
            },
            Origin::BuiltIn { .. } if call.is(crd::GROUP, crd::PLURAL) && !is_status => {
                match crd::admit(value, old) {
                    Ok(()) => {
                        warnings = crd::warnings(value, old);
                        let name = &call.target.name;
                        let others = self.types.others(name).map(AsRef::as_ref);
                        crd::conditions(value, others, &call.time());
                    }
                    Err(more) => causes.extend(more),
                }
            }
            Origin::BuiltIn { .. } if call.is(crd::GROUP, crd::PLURAL) => {
                crd::complete_status(value);
            }
            Origin::BuiltIn { .. } if call.is("", "namespaces") => {
                causes.extend(namespaces::validate(value));
            }
            Origin::BuiltIn { .. }
                if call.resource.group == webhook::GROUP
                    && webhook::Stage::of(&call.resource.plural).is_some() =>
            {
                causes.extend(webhook::validate(old, value));
            }
            Origin::BuiltIn { .. } if call.target.is_lease() => {
                causes.extend(lease::validate(value));
            }
            Origin::BuiltIn { .. } => {
                let subresource = &call.target.subresource;
                causes.extend(validation::fields(call.resource, subresource, old, value));
            }
        }
        if matches!(call.resource.origin, Origin::BuiltIn { .. }) {
            let mut seen = Vec::new();
            causes.retain(|cause| {
                !seen.contains(cause) && {
                    seen.push(cause.clone());
                    true
                }
            });
        }
        if causes.is_empty() { Ok(warnings) } else { Err(call.invalid(&causes)) }
    }
}

impl Call<'_> {
    pub(super) fn invalid(&self, causes: &[Cause]) -> Rejection {
        let resource = self.resource;
        // Events of both groups are one type, which is in the core group.
        let is_event = self.is(events::GROUP, "events");
        let group = if is_event { "" } else { resource.group.as_str() };
        Rejection::invalid_object(&resource.kind, group, &self.target.name, causes)
    }

    pub(super) fn name_required(&self) -> Rejection {
        let detail = "name or generateName is required";
        self.invalid(&[Cause::required("metadata.name", detail)])
    }

    pub(super) fn version_required(&self) -> Rejection {
        let detail = "must be specified for an update";
        let cause = Cause::invalid("metadata.resourceVersion", &0.into(), detail);
        let resource = self.resource;
        Rejection::invalid_object(&resource.plural, &resource.group, &self.target.name, &[cause])
    }
}
