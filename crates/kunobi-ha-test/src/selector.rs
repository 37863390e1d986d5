//! Label and field selectors.

mod attribute;
mod fields;
mod labels;
mod object;

use serde_json::Value;

use self::{attribute::Attribute, fields::Term, labels::Requirement};
pub(crate) use self::{
    fields::{are_fields, required},
    object::{labels_of, selects, selects_object},
};
use crate::{request::path::Key, status::Rejection, types::Resource};

/// What a list, a watch or a deletion of a collection selects: all of these must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<Term>,
}

/// Whether this is a selector of labels.
pub(crate) fn are_labels(text: &str) -> bool {
    labels::parse(text).is_ok()
}

impl Selector {
    /// Parses both parameters for objects of this type.
    pub(crate) fn parse(
        labels: Option<&str>,
        fields: Option<&str>,
        resource: &Resource,
    ) -> Result<Self, Rejection> {
        let labels = labels::parse(labels.unwrap_or_default()).map_err(Rejection::bad_request)?;
        let fields =
            fields::parse(fields.unwrap_or_default(), resource).map_err(Rejection::bad_request)?;
        Ok(Self { labels, fields })
    }

    /// Returns whether every object is selected.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// The single name that is asked for, if there is one.
    pub(crate) fn name(&self) -> Option<&str> {
        let names = self.fields.iter().filter(|term| term.attribute == Attribute::Name);
        names.filter(|term| term.is_equal).map(|term| term.value.as_str()).next()
    }

    pub(crate) fn matches(&self, key: &Key, value: &Value) -> bool {
        let are_labelled = || {
            let labels = labels_of(value);
            self.labels.iter().all(|requirement| {
                let label = labels.and_then(|labels| labels.get(requirement.key()));
                requirement.matches(label.and_then(Value::as_str))
            })
        };
        self.fields.iter().all(|term| term.matches(key, value))
            && (self.labels.is_empty() || are_labelled())
    }
}

#[cfg(test)]
mod tests;
