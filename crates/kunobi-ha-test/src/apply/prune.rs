//! The removal of what a manager does not apply any more and nobody else owns.

use serde_json::Value;

use super::{collect::collect, remove::remove, set::Set};
use crate::shape::Form;

/// Removes the fields that a manager applied last (`last`), unless they are `owned` by others or by its
/// new configuration.
pub(super) fn prune(form: &Form, merged: &mut Value, last: &Set, owned: &Set) {
    if owned.covers(last) {
        return;
    }
    let last = last.clone().with_named_fields(form);
    let all = fields(form, merged);
    let without = |fields: &Set| {
        let mut pruned = merged.clone();
        remove(form, &mut pruned, fields);
        pruned
    };
    // What others own stays, with all that it is part of.
    let mut kept = fields(form, &without(&last));
    kept.unite(owned.clone().with_named_fields(form));
    let mut gone = all.clone();
    gone.subtract(&kept);
    // What nobody owns stays as well, such as the defaults in an item that others own.
    let mut dropped = all;
    dropped.subtract(&fields(form, &without(&gone)));
    remove(form, merged, &dropped.intersection(&last));
}

fn fields(form: &Form, value: &Value) -> Set {
    collect(form, value).with_named_fields(form)
}
