//! The JSON text of an object.

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// An object whose kind comes first, so that a list can leave it out.
struct KindFirst<'a>(&'a Map<String, Value>);

/// Returns the text of an object, which begins with its `kind` and its `apiVersion`.
pub(super) fn text(value: &Value) -> Bytes {
    let ordered = value.as_object().map(KindFirst);
    let text = ordered.and_then(|ordered| serde_json::to_vec(&ordered).ok());
    text.unwrap_or_else(|| value.to_string().into_bytes()).into()
}

impl Serialize for KindFirst<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for name in FIRST {
            if let Some(value) = self.0.get(name) {
                object.serialize_entry(name, value)?;
            }
        }
        for (name, value) in self.0.iter().filter(|(name, _)| !FIRST.contains(&name.as_str())) {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

const FIRST: [&str; 2] = ["kind", "apiVersion"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_kind_comes_first() {
        let value = json!({ "a": 1, "apiVersion": "v1", "data": {}, "kind": "ConfigMap" });
        let expected = r#"{"kind":"ConfigMap","apiVersion":"v1","a":1,"data":{}}"#;
        assert_eq!(text(&value), expected);
        assert_eq!(text(&json!({ "b": 2, "kind": "X" })), r#"{"kind":"X","b":2}"#);
        assert_eq!(text(&json!([1])), "[1]");
    }
}
