//! Whether a webhook is called for a write, and in which version of the type.

use std::sync::Arc;

use serde_json::Value;

use super::{Attributes, Hook, Operation, Review};
use crate::{selector, status::Rejection, types::Resource};

/// A call that is due.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// In the version that the webhook has asked for.
    pub(crate) resource: Arc<Resource>,
}

impl Hook {
    /// Returns whether a rule of the webhook may match. It costs less than to gather all attributes.
    pub(crate) fn concerns(&self, operation: Operation, plural: &str, subresource: &str) -> bool {
        self.rules.iter().any(|rule| rule.concerns(operation, plural, subresource))
    }

    /// Returns in which version a rule of the webhook matches, whatever the objects are.
    pub(crate) fn matches(&self, attributes: &Attributes) -> Option<Arc<Resource>> {
        let of = |resource: &Arc<Resource>| {
            self.rules.iter().any(|rule| rule.matches(attributes, resource))
        };
        if of(&attributes.resource) {
            return Some(Arc::clone(&attributes.resource));
        }
        if !self.takes_equivalents {
            return None;
        }
        // The first rule counts, not the first version.
        self.rules.iter().find_map(|rule| {
            attributes.equivalents.iter().find(|it| rule.matches(attributes, it)).cloned()
        })
    }

    /// Returns how the webhook is called for an object, if it is.
    pub(crate) fn invocation(
        &self,
        review: &Review,
        object: Option<&Value>,
    ) -> Result<Option<Invocation>, Rejection> {
        let attributes = review.attributes;
        let selects = |value: Option<&Value>| {
            value.is_some_and(|value| selector::selects_object(&self.object_selector, value))
        };
        let is_selected = self.selects_namespace(attributes, object)
            && (selects(object) || selects(attributes.old.as_ref()));
        let Some(resource) = self.matches(attributes).filter(|_| is_selected) else {
            return Ok(None);
        };
        let invocation = Invocation { resource };
        if self.conditions.is_empty() {
            return Ok(Some(invocation));
        }
        let object = object.map(|object| review.converted(&invocation, object));
        let old = attributes.old.as_ref().map(|old| review.converted(&invocation, old));
        let request = review.request(&invocation, "", None);
        let holds = self.conditions.hold(&request, object.as_ref(), old.as_ref());
        let holds = holds.map_err(|why| {
            let Resource { group, plural, .. } = &*attributes.resource;
            Rejection::denied(group, plural, &attributes.name, &why)
        })?;
        Ok(holds.then_some(invocation))
    }

    fn selects_namespace(&self, attributes: &Attributes, object: Option<&Value>) -> bool {
        let is_namespace = attributes.is_namespace();
        if !is_namespace && attributes.namespace.is_empty() {
            return true;
        }
        let is_written = attributes.operation != Operation::Delete;
        match object.filter(|_| is_namespace && is_written && attributes.subresource.is_empty()) {
            Some(namespace) => selector::selects_object(&self.namespace_selector, namespace),
            None => selector::selects(&self.namespace_selector, &attributes.namespace_labels),
        }
    }
}
