//! What a webhook is sent: an `AdmissionReview`.

use serde_json::{Value, json};

use super::{Attributes, Invocation};
use crate::{
    access::{User, review::described},
    types::{Resource, api_version},
};

/// What is the same in all calls for one write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Review<'a> {
    pub(crate) attributes: &'a Attributes,
    pub(crate) user: &'a User,
    /// Of the operation: `CreateOptions`, ...
    pub(crate) options: &'a Value,
}

impl Review<'_> {
    /// The body of a call. The object is in the version that the webhook has asked for.
    pub(crate) fn body(
        &self,
        version: &str,
        invocation: &Invocation,
        uid: &str,
        object: Option<&Value>,
    ) -> Value {
        let mut request = self.request(invocation, uid, object);
        let old = self.attributes.old.as_ref().map(|old| self.converted(invocation, old));
        request["oldObject"] = old.unwrap_or_default();
        json!({
            "kind": "AdmissionReview",
            "apiVersion": api_version("admission.k8s.io", version),
            "request": request,
        })
    }

    /// The request, without the old object. The object is in the version that the webhook has asked for.
    pub(super) fn request(
        &self,
        invocation: &Invocation,
        uid: &str,
        object: Option<&Value>,
    ) -> Value {
        let Attributes { operation, resource, subresource, .. } = self.attributes;
        let kind = |resource: &Resource| {
            let (group, version, kind) = self.attributes.kind(resource);
            json!({ "group": group, "version": version, "kind": kind })
        };
        let place = |resource: &Resource| {
            let Resource { group, version, plural, .. } = resource;
            json!({ "group": group, "version": version, "resource": plural })
        };
        let mut request = json!({
            "uid": uid,
            "kind": kind(&invocation.resource),
            "resource": place(&invocation.resource),
            "requestKind": kind(resource),
            "requestResource": place(resource),
            "operation": operation.name(),
            "userInfo": described(self.user),
            "object": object,
            "dryRun": self.attributes.is_dry_run,
            "options": self.options,
        });
        for (field, text) in [
            ("subResource", subresource),
            ("requestSubResource", subresource),
            ("name", &self.attributes.name),
            ("namespace", &self.attributes.namespace),
        ] {
            if !text.is_empty() {
                request[field] = text.as_str().into();
            }
        }
        request
    }

    /// An object in the version that the webhook has asked for.
    pub(crate) fn converted(&self, invocation: &Invocation, object: &Value) -> Value {
        self.in_version(&invocation.resource, object)
    }

    /// An object in the version of the request.
    pub(crate) fn restored(&self, object: &Value) -> Value {
        self.in_version(&self.attributes.resource, object)
    }

    fn in_version(&self, resource: &Resource, object: &Value) -> Value {
        let mut object = object.clone();
        if self.attributes.is_whole() && resource.is_other_version(&object) {
            resource.convert(&mut object);
        }
        object
    }
}
