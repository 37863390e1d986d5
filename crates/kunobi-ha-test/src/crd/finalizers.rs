//! What the author of a custom resource is warned of.

use serde_json::Value;

use crate::validation;

const STANDARD: [&str; 3] = ["orphan", "foregroundDeletion", "kubernetes"];

/// The warnings of a create or, with `old`, of an update: finalizers that others may have as well.
pub(crate) fn finalizer_warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let known = old.map(finalizers).unwrap_or_default();
    let mut added = finalizers(new);
    added.retain(|name| !known.contains(name));
    added.sort_unstable();
    added.dedup();
    added.into_iter().flat_map(warnings).collect()
}

fn finalizers(value: &Value) -> Vec<&str> {
    let all = value.pointer("/metadata/finalizers").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn warnings(name: &str) -> Vec<String> {
    let text = |why: &str| format!("metadata.finalizers: \"{name}\": {why}");
    let mut warnings: Vec<String> =
        validation::label_key(name).iter().map(|why| text(why)).collect();
    if !name.contains('/') && !STANDARD.contains(&name) {
        let path = if name.contains('.') { " including a path (/)" } else { "" };
        warnings.push(text(&format!(
            "prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with \
             other finalizer writers"
        )));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_finalizer_should_have_a_domain() {
        let object = |names: &[&str]| json!({ "metadata": { "finalizers": names } });
        let new = object(&["a", "b.c", "d.e/f", "orphan"]);
        let why = "to avoid accidental conflicts with other finalizer writers";
        let both = [
            format!("metadata.finalizers: \"a\": prefer a domain-qualified finalizer name {why}"),
            format!(
                "metadata.finalizers: \"b.c\": prefer a domain-qualified finalizer name including a \
                 path (/) {why}"
            ),
        ];
        assert_eq!(finalizer_warnings(&new, None), both);
        assert_eq!(finalizer_warnings(&new, Some(&object(&["b.c"]))), both[..1]);
    }
}
