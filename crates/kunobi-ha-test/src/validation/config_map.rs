//! What kube-apiserver checks in a `ConfigMap`.

use super::{checks::same, field::Field, texts};

pub(super) fn check(object: &Field, old: Option<&Field>) {
    if let Some(old) = old.filter(|old| old.get("immutable").is_true()) {
        let detail = "field is immutable when `immutable` is set";
        if !object.get("immutable").is_true() {
            object.get("immutable").forbidden(detail);
        }
        for field in FIELDS {
            if !same(object.get(field).value(), old.get(field).value()) {
                object.get(field).forbidden(detail);
            }
        }
    }
    let mut size = 0_usize;
    for field in FIELDS {
        for (key, value) in object.get(field).entries() {
            size = size.saturating_add(value.text().len());
            value.each_of(key, texts::config_key(key));
            if field == FIELDS[0] && object.get(FIELDS[1]).key(key).is_set() {
                value.invalid_as(&key.into(), "duplicate of key present in binaryData");
            }
        }
    }
    if size > LARGEST {
        object.too_long(LARGEST);
    }
}

const FIELDS: [&str; 2] = ["data", "binaryData"];
const LARGEST: usize = 1 << 20;
