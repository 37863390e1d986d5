//! `allOf`, `anyOf`, `oneOf` and `not`. They excuse nothing inside of a value that was so before.

use serde_json::Value;

use super::{Failure, Outcome, check_anew, quoted};
use crate::crd::{path::Path, schema::Schema};

pub(super) fn check(schema: &Schema, value: &Value, path: &Path<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let outcomes = |schemas: &[Schema]| -> Vec<Outcome> {
        schemas.iter().map(|schema| check_anew(schema, value, None, path)).collect()
    };
    if !schema.any_of.is_empty() {
        any_of(outcomes(&schema.any_of), path, &mut outcome);
    }
    if !schema.one_of.is_empty() {
        one_of(outcomes(&schema.one_of), path, &mut outcome);
    }
    if !schema.all_of.is_empty() {
        all_of(outcomes(&schema.all_of), path, &mut outcome);
    }
    if let Some(not) = &schema.not
        && check_anew(not, value, None, path).is_valid()
    {
        let message = format!("{} must not validate the schema (not)", quoted(path));
        outcome.add(Failure::whole(message));
    }
    outcome.count(1);
    outcome
}

fn any_of(outcomes: Vec<Outcome>, path: &Path<'_>, outcome: &mut Outcome) {
    let mut best: Option<Outcome> = None;
    for each in outcomes {
        if each.is_valid() {
            outcome.merge(each);
            return;
        }
        if best.as_ref().is_none_or(|best| each.matches > best.matches) {
            best = Some(each);
        }
    }
    let message = format!("{} must validate at least one schema (anyOf)", quoted(path));
    outcome.add(Failure::whole(message));
    outcome.merge(best.unwrap_or_default());
}

fn one_of(outcomes: Vec<Outcome>, path: &Path<'_>, outcome: &mut Outcome) {
    let valid = outcomes.iter().filter(|each| each.is_valid()).count();
    let mut first = None;
    let mut best: Option<Outcome> = None;
    for each in outcomes {
        if each.is_valid() {
            first = first.or(Some(each));
        } else if first.is_none() && best.as_ref().is_none_or(|best| each.matches > best.matches) {
            best = Some(each);
        }
    }
    if valid == 1 {
        outcome.merge(first.unwrap_or_default());
        return;
    }
    let found = match valid {
        0 => "Found none valid".to_owned(),
        more => format!("Found {more} valid alternatives"),
    };
    let path = quoted(path);
    let message = format!("{path} must validate one and only one schema (oneOf). {found}");
    outcome.add(Failure::whole(message));
    if valid == 0 {
        outcome.merge(best.unwrap_or_default());
    }
}

fn all_of(outcomes: Vec<Outcome>, path: &Path<'_>, outcome: &mut Outcome) {
    let all = outcomes.len();
    let valid = outcomes.iter().filter(|each| each.is_valid()).count();
    for each in outcomes {
        outcome.merge(each);
    }
    if valid != all {
        let none = if valid == 0 { ". None validated" } else { "" };
        let message = format!("{} must validate all the schemas (allOf){none}", quoted(path));
        outcome.add(Failure::whole(message));
    }
}
