//! Selectors in an access review. No role is limited by them: they are checked, and change no answer.

use serde_json::Value;

use crate::{selector, status::Cause, validation};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Field,
    Label,
}

pub(super) fn causes(attributes: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    for kind in [Kind::Field, Kind::Label] {
        let selector = &attributes[kind.name()];
        if selector.is_null() {
            continue;
        }
        let path = format!("spec.resourceAttributes.{}", kind.name());
        let raw = raw(selector);
        if !raw.is_empty() && !requirements(selector).is_empty() {
            let why = "may not specified at the same time as requirements";
            causes.push(Cause::invalid(format!("{path}.rawSelector"), &raw.into(), why));
        }
        if raw.is_empty() && requirements(selector).is_empty() {
            let why = format!("when {path} is specified, requirements or rawSelector is required");
            causes.push(Cause::required(format!("{path}.requirements"), &why));
        }
        for (index, requirement) in requirements(selector).iter().enumerate() {
            let path = format!("{path}.requirements[{index}]");
            causes.extend(kind.check(&path, requirement));
        }
    }
    causes
}

/// What of the selectors could not be read, although nothing is wrong with them.
pub(crate) fn evaluation_error(spec: &Value) -> String {
    let attributes = &spec["resourceAttributes"];
    let errors = [Kind::Field, Kind::Label].into_iter().filter_map(|kind| {
        let selector = &attributes[kind.name()];
        let is_read = |requirement: &&Value| kind.reads(requirement);
        let all = requirements(selector);
        let (failed, read) = match raw(selector) {
            "" => {
                let read = all.iter().filter(is_read).count();
                (read < all.len(), read > 0)
            }
            raw => (!kind.parses(raw), false),
        };
        let how = if read { "partially ignored" } else { "ignored" };
        let name = kind.name();
        failed.then(|| format!("spec.resourceAttributes.{name} {how} due to parse error"))
    });
    errors.collect::<Vec<_>>().join("; ")
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Field => "fieldSelector",
            Self::Label => "labelSelector",
        }
    }

    fn parses(self, raw: &str) -> bool {
        match self {
            Self::Field => selector::are_fields(raw),
            Self::Label => selector::are_labels(raw),
        }
    }

    /// Whether one requirement can be read: fields are equal to one value, or not.
    fn reads(self, requirement: &Value) -> bool {
        let operator = requirement["operator"].as_str().unwrap_or_default();
        match self {
            Self::Field => matches!(operator, "In" | "NotIn") && values(requirement).len() == 1,
            Self::Label => matches!(operator, "In" | "NotIn" | "Exists" | "DoesNotExist"),
        }
    }

    fn check(self, path: &str, requirement: &Value) -> Vec<Cause> {
        let (key, values) = (requirement["key"].as_str().unwrap_or_default(), values(requirement));
        let mut causes = Vec::new();
        if self == Self::Field && key.is_empty() {
            causes.push(Cause::required(format!("{path}.key"), "must be specified"));
        }
        let field = format!("{path}.values");
        match requirement["operator"].as_str().unwrap_or_default() {
            "In" | "NotIn" if values.is_empty() => {
                let why = "must be specified when `operator` is 'In' or 'NotIn'";
                causes.push(Cause::required(field, why));
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                causes.push(Cause::forbidden(field, why));
            }
            _ => {}
        }
        if self == Self::Label {
            for why in validation::label_key(key) {
                causes.push(Cause::invalid(format!("{path}.key"), &key.into(), &why));
            }
            for (index, value) in values.iter().enumerate() {
                for why in validation::label_value(value.as_str().unwrap_or_default()) {
                    causes.push(Cause::invalid(format!("{path}.values[{index}]"), value, &why));
                }
            }
        }
        causes
    }
}

fn raw(selector: &Value) -> &str {
    selector["rawSelector"].as_str().unwrap_or_default()
}

fn requirements(selector: &Value) -> &[Value] {
    selector["requirements"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn values(requirement: &Value) -> &[Value] {
    requirement["values"].as_array().map(Vec::as_slice).unwrap_or_default()
}
