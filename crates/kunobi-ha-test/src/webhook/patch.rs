//! The JSON patch in the answer of a webhook.

use serde_json::Value;

use crate::{decode, patch, types::Resource};

/// Returns what a patch makes of an object, as an object of its type. The error is the text of a 500.
pub(super) fn apply(
    operations: &[Value],
    object: &Value,
    resource: &Resource,
) -> Result<Value, String> {
    let patched = patch::operations(operations, object).map_err(|index| {
        let failed = operations.get(index).unwrap_or(&Value::Null);
        refusal(failed)
    })?;
    decode::mutated(resource, patched)
}

/// What the library that kube-apiserver uses says of an operation that does not apply.
fn refusal(operation: &Value) -> String {
    let text = |field: &str| operation.get(field).and_then(Value::as_str).unwrap_or_default();
    let (path, from) = (text("path"), text("from"));
    match text("op") {
        "add" => {
            format!("add operation does not apply: doc is missing path: \"{path}\": missing value")
        }
        "remove" => {
            let key = path.rsplit('/').next().unwrap_or_default();
            format!(
                "error in remove for path: '{path}': Unable to remove nonexistent key: {key}: \
                 missing value"
            )
        }
        "replace" => {
            format!("replace operation does not apply: doc is missing key: {path}: missing value")
        }
        "move" | "copy" => format!(
            "{} operation does not apply: doc is missing from path: {from}: missing value",
            text("op")
        ),
        "test" => format!("testing value {path} failed: test failed"),
        other => format!("Unexpected kind: {other}"),
    }
}
