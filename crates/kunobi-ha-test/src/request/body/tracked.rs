//! JSON with the fields that are stated twice.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{Content, repair};

/// Reads JSON; of a field that is stated twice, the last value counts.
pub(super) fn from_json(bytes: &[u8]) -> serde_json::Result<Content> {
    read(bytes).or_else(|error| repair::repaired(bytes).map_or(Err(error), |json| read(&json)))
}

fn read(bytes: &[u8]) -> serde_json::Result<Content> {
    let mut duplicates = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let seed = Tracked { path: String::new(), duplicates: &mut duplicates };
    let value = seed.deserialize(&mut json)?;
    json.end()?;
    Ok(Content { value, duplicates })
}

/// A value that is about to be read, and where it stands.
struct Tracked<'a> {
    path: String,
    duplicates: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Tracked<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tracked<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, list.len());
            let seed = Tracked { path, duplicates: &mut *self.duplicates };
            match items.next_element_seed(seed)? {
                Some(item) => list.push(item),
                None => return Ok(list.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let path =
                if self.path.is_empty() { name.clone() } else { format!("{}.{name}", self.path) };
            if object.contains_key(&name) {
                self.duplicates.push(format!("duplicate field {path:?}"));
            }
            let seed = Tracked { path, duplicates: &mut *self.duplicates };
            object.insert(name, fields.next_value_seed(seed)?);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_of_two_fields_counts_and_both_are_told() {
        let text = br#"{"a":{"b":1,"b":[{"c":1,"c":2}]},"d":null,"a":{"e":1.5,"f":-1,"g":true}}"#;
        let read = from_json(text).unwrap();
        assert_eq!(read.value, json!({ "a": { "e": 1.5, "f": -1, "g": true }, "d": null }));
        let told =
            [r#"duplicate field "a.b""#, r#"duplicate field "a.b[0].c""#, r#"duplicate field "a""#];
        assert_eq!(read.duplicates, told);
    }

    #[test]
    fn depth_and_garbage_are_errors() {
        let deep = "[".repeat(100_000);
        for text in [deep.as_str(), "", "{", "{} {}", "\u{0}"] {
            assert!(from_json(text.as_bytes()).is_err());
        }
        assert!(from_json(b"\xff").is_err());
    }
}
