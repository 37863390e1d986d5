//! Approvals of requests for certificates.

use std::collections::BTreeSet;

use super::field::Field;

pub(super) fn approval(request: &Field, old: &Field) {
    let (status, was) = (request.get("status"), old.get("status"));
    let (conditions, was) = (status.get("conditions"), was.get("conditions"));
    let mut decisions = BTreeSet::new();
    let (types, old_types) = (types(&conditions), types(&was));
    let is_decided = is_both(&old_types);
    for (index, condition) in conditions.items().enumerate() {
        let kind = condition.get("type");
        if !old_types.contains(&"") {
            kind.required_text();
        }
        let is_final = FINAL.contains(&kind.text());
        condition.get("status").required_one_of(if is_final { &["True"] } else { &STATUSES });
        if matches!(kind.text(), "Approved" | "Denied") {
            decisions.insert(kind.text());
            if !is_decided && decisions.len() == 2 {
                conditions.invalid_as(&BOTH.into(), ONE);
            }
        }
        if !has_twins(&old_types) && types[..index].contains(&kind.text()) {
            kind.duplicate();
        }
    }
    for kind in FINAL {
        let count = |types: &[&str]| types.iter().filter(|other| **other == kind).count();
        if count(&types) < count(&old_types) {
            conditions.forbidden(&format!("updates may not remove a condition of type {kind:?}"));
        }
    }
}

fn types<'a>(conditions: &Field<'a>) -> Vec<&'a str> {
    let text = |condition: Field<'a>| condition.value().get("type")?.as_str();
    conditions.items().map(|condition| text(condition).unwrap_or_default()).collect()
}

/// What was stored before it was checked may stay as it is.
fn is_both(types: &[&str]) -> bool {
    types.contains(&"Approved") && types.contains(&"Denied")
}

fn has_twins(types: &[&str]) -> bool {
    types.iter().collect::<BTreeSet<_>>().len() < types.len()
}

const FINAL: [&str; 3] = ["Approved", "Denied", "Failed"];
const BOTH: &str = r#"{conditions[{"type": "Approved"}], conditions[{"type": "Denied"}]}"#;
const ONE: &str = "must specify at most one of: `conditions[{\"type\": \"Approved\"}]`, \
    `conditions[{\"type\": \"Denied\"}]`";
const STATUSES: [&str; 3] = ["False", "True", "Unknown"];
