//! Reads files of objects: YAML with several documents, or JSON.

use serde_json::Value;

/// The objects of a file. A `List` is taken apart; documents without content are left out.
pub(crate) fn documents(text: &str) -> Result<Vec<Value>, String> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
    let mut objects = Vec::new();
    for mut document in documents {
        if document.is_null() {
            continue;
        }
        let is_list =
            document.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        match document.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) if is_list => objects.extend(items),
            _ => objects.push(document),
        }
    }
    match objects.iter().position(|object| !object.is_object()) {
        None => Ok(objects),
        Some(index) => Err(format!("document {index} is no object")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_may_have_several_documents() {
        let text = "# a\n---\nkind: A\nn: 1\n---\n---\n{\"kind\": \"B\"}\n---\nkind: List\nitems:\n- kind: C\n- kind: D\n";
        let expected = [
            json!({ "kind": "A", "n": 1 }),
            json!({ "kind": "B" }),
            json!({ "kind": "C" }),
            json!({ "kind": "D" }),
        ];
        assert_eq!(documents(text).as_deref(), Ok(&expected[..]));
        assert_eq!(documents(""), Ok(vec![]));
        assert!(documents("a: [").is_err());
        assert!(documents("- a").is_err());
    }
}
