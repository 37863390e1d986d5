//! JSON patches (RFC 6902), with what kube-apiserver allows beyond the standard.

use json_patch::{
    AddOperation, PatchOperation, RemoveOperation, ReplaceOperation,
    jsonptr::{PointerBuf, Token},
};
use serde_json::Value;

use crate::{go, status::Rejection};

/// Where a path may end in a list.
#[derive(Clone, Copy)]
enum End {
    Existing,
    /// Also behind the last item: `-`, or its number.
    New,
}

/// Returns what a patch makes of an object, and what to say of the fields that operations don't have.
pub(super) fn apply(patch: &Value, live: &Value) -> Result<(Value, Vec<String>), Rejection> {
    let operations = match patch {
        Value::Null => &[],
        Value::Array(operations) => operations.as_slice(),
        other => {
            return Err(undecodable(go::kind(other), "Go value of type []handlers.jsonPatchOp"));
        }
    };
    let mut unknown = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        unknown.extend(check(index, operation)?);
    }
    if operations.len() > MOST_OPERATIONS {
        return Err(Rejection::too_many_operations(MOST_OPERATIONS, operations.len()));
    }
    let value = run_all(operations, live).map_err(|_| super::inapplicable())?;
    Ok((value, unknown))
}

/// Applies one operation after the other. The error is the index of the first that does not apply.
pub(super) fn run_all(operations: &[Value], live: &Value) -> Result<Value, usize> {
    let mut value = live.clone();
    let mut copied = 0;
    for (index, operation) in operations.iter().enumerate() {
        step(&mut value, operation, &mut copied).ok_or(index)?;
    }
    Ok(value)
}

/// Returns what to say of the fields that an operation does not have.
fn check(index: usize, operation: &Value) -> Result<Vec<String>, Rejection> {
    let fields = match operation {
        Value::Null => return Ok(Vec::new()),
        Value::Object(fields) => fields,
        other => return Err(undecodable(go::kind(other), "Go value of type handlers.jsonPatchOp")),
    };
    let mut unknown = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("op" | "path" | "from", Value::Null | Value::String(_)) | ("value", _) => {}
            ("op" | "path" | "from", other) => {
                let field = format!("Go struct field jsonPatchOp.{name} of type string");
                return Err(undecodable(go::kind(other), &field));
            }
            (name, _) => unknown.push(format!("json patch unknown field \"[{index}].{name}\"")),
        }
    }
    Ok(unknown)
}

/// Returns nothing if the operation does not apply. A value that is left out is null.
fn step(document: &mut Value, operation: &Value, copied: &mut usize) -> Option<()> {
    let text = |field: &str| operation.get(field)?.as_str();
    let path = text("path")?;
    let value = operation.get("value").cloned().unwrap_or_default();
    match text("op")? {
        "add" => add(document, path, value),
        "remove" => {
            let path = place(document, path, End::Existing)?;
            run(document, PatchOperation::Remove(RemoveOperation { path }))
        }
        "replace" if path.is_empty() => {
            (value.is_object() || value.is_array()).then(|| *document = value)
        }
        "replace" => {
            let path = place(document, path, End::Existing)?;
            // A field of an object may be new.
            if path.resolve(document).is_err() {
                return put(document, path, value);
            }
            fits(&path, &value)?;
            run(document, PatchOperation::Replace(ReplaceOperation { path, value }))
        }
        "move" => {
            let from = place(document, text("from")?, End::Existing)?;
            let moved = from.resolve(document).ok()?.clone();
            run(document, PatchOperation::Remove(RemoveOperation { path: from }))?;
            add(document, path, moved)
        }
        "copy" => {
            let from = place(document, text("from")?, End::Existing)?;
            let value = from.resolve(document).cloned().unwrap_or_default();
            // A short patch that copies a value into itself makes it twice as long each time.
            *copied = copied.saturating_add(value.to_string().len());
            if *copied > LONGEST_COPIES {
                return None;
            }
            add(document, path, value)
        }
        "test" if path.is_empty() => (operation.get("value")? == document).then_some(()),
        "test" => {
            let path = place(document, path, End::Existing)?;
            // What is not there is null.
            let is = path.resolve(document).cloned().unwrap_or_default();
            (is == value).then_some(())
        }
        _ => None,
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Option<()> {
    let path = place(document, path, End::New)?;
    put(document, path, value)
}

fn put(document: &mut Value, path: PointerBuf, value: Value) -> Option<()> {
    fits(&path, &value)?;
    run(document, PatchOperation::Add(AddOperation { path, value }))
}

fn run(document: &mut Value, operation: PatchOperation) -> Option<()> {
    json_patch::patch(document, &[operation]).ok()
}

/// Operations can nest a value far deeper than a body may be, and so exhaust the stack.
fn fits(path: &PointerBuf, value: &Value) -> Option<()> {
    (path.count() + depth(value) <= DEEPEST).then_some(())
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Object(fields) => fields.values().map(depth).max(),
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return 0,
    };
    inner.unwrap_or(0) + 1
}

/// Returns a path as the standard has it. kube-apiserver skips what stands before the first slash,
/// takes any `~` as it is, and counts a negative number from the end of a list.
fn place(document: &Value, path: &str, end: End) -> Option<PointerBuf> {
    let decoded = |token: &str| token.replace("~1", "/").replace("~0", "~");
    let mut tokens: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let last = tokens.pop()?;
    let mut at = document;
    let mut pointer = PointerBuf::new();
    for token in tokens {
        let (next, token) = match at {
            Value::Object(fields) => (fields.get(&token)?, token),
            Value::Array(items) => {
                let index = number(&token, items.len())?;
                (items.get(index)?, index.to_string())
            }
            _ => return None,
        };
        at = next;
        pointer.push_back(Token::new(token));
    }
    let last = match (at, end) {
        (Value::Object(_), _) => last,
        (Value::Array(_), End::New) if last == "-" => last,
        (Value::Array(items), End::New) => number(&last, items.len().checked_add(1)?)?.to_string(),
        (Value::Array(items), End::Existing) => number(&last, items.len())?.to_string(),
        _ => return None,
    };
    pointer.push_back(Token::new(last));
    Some(pointer)
}

/// Which of the places of a list a number means.
fn number(text: &str, places: usize) -> Option<usize> {
    let places = i64::try_from(places).ok()?;
    let number: i64 = text.parse().ok()?;
    let number = if number < 0 { number.checked_add(places)? } else { number };
    usize::try_from(number).ok().filter(|_| number < places)
}

fn undecodable(kind: &str, into: &str) -> Rejection {
    let message = format!("error decoding patch: json: cannot unmarshal {kind} into {into}");
    Rejection::bad_request(message)
}

/// How many lists and objects stand one in the other in the deepest body that is read.
const DEEPEST: usize = 127;
/// The limits of kube-apiserver: bytes that are copied, and operations.
const LONGEST_COPIES: usize = 3 << 20;
const MOST_OPERATIONS: usize = 10_000;

#[cfg(test)]
mod tests;
