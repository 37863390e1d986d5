//! A JSON object, split into its fields. What is not changed is written as it was served.

use std::{collections::BTreeMap, fmt};

use serde_json::{Deserializer, Value, value::RawValue};

/// The fields of an object, by their names as JSON. Of several with one name, the last one counts.
#[derive(Clone, Debug, Default)]
pub(in crate::leader) struct Fields(BTreeMap<String, Field>);

/// Two pieces of JSON.
#[derive(Clone, Debug)]
struct Field {
    name: Box<str>,
    value: Box<str>,
}

impl Fields {
    /// Returns `None` if it is JSON, but not an object.
    ///
    /// # Errors
    ///
    /// Says why it is not JSON.
    pub(in crate::leader) fn read(json: &[u8]) -> serde_json::Result<Option<Self>> {
        serde_json::from_slice::<&RawValue>(json).map(|json| Self::split(json.get()))
    }

    /// Returns the JSON of a value.
    pub(in crate::leader) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&json(name)).map(|field| &*field.value)
    }

    /// Returns a text; `None` if there is something else, or nothing.
    ///
    /// # Errors
    ///
    /// The text is half a surrogate pair, or has one.
    pub(in crate::leader) fn text(&self, name: &str) -> serde_json::Result<Option<String>> {
        let text = self.get(name).filter(|value| value.starts_with('"'));
        text.map(serde_json::from_str).transpose()
    }

    /// Returns a whole number; `None` if there is something else, or nothing.
    pub(in crate::leader) fn number(&self, name: &str) -> Option<i64> {
        serde_json::from_str(self.get(name)?).ok()
    }

    /// Returns an object; `None` if there is something else, or nothing.
    pub(in crate::leader) fn object(&self, name: &str) -> Option<Self> {
        Self::split(self.get(name)?)
    }

    pub(in crate::leader) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.put(name, value.into().to_string());
    }

    /// Changes the object of this name. If there is something else, an empty object takes its place.
    pub(in crate::leader) fn change(&mut self, name: &str, change: impl FnOnce(&mut Self)) {
        let mut object = self.object(name).unwrap_or_default();
        change(&mut object);
        self.put(name, object.to_string());
    }

    pub(in crate::leader) fn remove(&mut self, name: &str) {
        self.0.remove(&json(name));
    }

    fn put(&mut self, name: &str, value: String) {
        let name = json(name);
        let field = Field { name: name.as_str().into(), value: value.into() };
        self.0.insert(name, field);
    }

    /// Splits JSON; `None` if it is not an object.
    fn split(json: &str) -> Option<Self> {
        let mut fields = BTreeMap::new();
        let mut rest = json.strip_prefix('{')?.trim_start();
        while !rest.starts_with('}') {
            let (name, after) = first(rest)?;
            let (value, after) = first(after.trim_start().strip_prefix(':')?)?;
            let field = Field { name: name.into(), value: value.into() };
            fields.insert(canonical(name), field);
            let after = after.trim_start();
            rest = after.strip_prefix(',').unwrap_or(after).trim_start();
        }
        Some(Self(fields))
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, Field { name, value }) in self.0.values().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{name}:{value}")?;
        }
        f.write_str("}")
    }
}

/// Takes the first value from what begins with JSON.
fn first(json: &str) -> Option<(&str, &str)> {
    // A value is skipped without recursion, however deep it is, and its numbers and texts are not read.
    let mut values = Deserializer::from_str(json).into_iter::<&RawValue>();
    let value = values.next()?.ok()?;
    Some((value.get(), json.get(values.byte_offset()..)?))
}

/// Returns the same JSON for every spelling of a name. A name that is not Unicode has only one.
fn canonical(name: &str) -> String {
    serde_json::from_str::<String>(name).map_or_else(|_| name.into(), |name| json(&name))
}

fn json(name: &str) -> String {
    Value::from(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_is_written_as_it_was_served() {
        let values = [
            "1.00",
            "1e2",
            "1E400",
            "-0",
            "123456789012345678901234567890",
            r#""\u0041\/""#,
            r#""\ud800""#,
            "[ 1,\n\t{ } ]",
            r#"{ "b" : 1, "a" : 1, "a" : { } }"#,
            r#"",}]\\\"""#,
        ];
        for value in values {
            let read = read(&format!(" {{ \"z\" : 1.0 ,\n\"\\u0061\":\t{value} , \"b\":null }} "));
            let written = format!(r#"{{"\u0061":{value},"b":null,"z":1.0}}"#);
            assert_eq!(read.to_string(), written);
            assert_eq!(read.get("a"), Some(value));
        }
    }

    #[test]
    fn of_several_fields_with_one_name_the_last_one_counts() {
        let mut fields = read(r#"{"a":1,"b":2,"\u0061":3}"#);
        assert_eq!(fields.to_string(), r#"{"\u0061":3,"b":2}"#);
        fields.set("a", "x");
        assert_eq!(fields.to_string(), r#"{"a":"x","b":2}"#);
        fields.remove("a");
        assert_eq!(fields.to_string(), r#"{"b":2}"#);
    }

    #[test]
    fn a_name_that_is_not_unicode_is_a_name() {
        let json = r#"{"\"\\ud800\"":1,"\ud800":2}"#;
        assert_eq!(read(json).to_string(), json);
        assert_eq!(read(r#"{"\ud800":1,"\ud800":2}"#).to_string(), r#"{"\ud800":2}"#);
    }

    #[test]
    fn only_an_object_is_split() {
        for json in ["{}", " {\n} "] {
            assert_eq!(read(json).to_string(), "{}");
        }
        for json in ["[]", "null", "1", r#""{}""#] {
            assert!(Fields::read(json.as_bytes()).unwrap().is_none(), "{json}");
        }
        for json in ["", "{", "{}{}", r#"{"a"}"#, r#"{"a":1,}"#, r#"{"a":01}"#, "{1:1}"] {
            Fields::read(json.as_bytes()).unwrap_err();
        }
        Fields::read(b"{\"a\":\"\xff\"}").unwrap_err();
    }

    #[test]
    fn a_value_is_read_only_as_what_it_is() {
        let fields = read(r#"{"t":"\u0041","n":-5,"f":5.0,"h":1e999,"o":{"a":1},"s":"\udc00"}"#);
        assert_eq!(fields.text("t").unwrap().as_deref(), Some("A"));
        assert_eq!(fields.number("n"), Some(-5));
        assert_eq!(fields.object("o").unwrap().get("a"), Some("1"));
        fields.text("s").unwrap_err();
        for name in ["n", "f", "h", "o", "none"] {
            assert_eq!(fields.text(name).unwrap(), None, "{name}");
        }
        for name in ["t", "f", "h", "o", "s", "none"] {
            assert_eq!(fields.number(name), None, "{name}");
        }
        assert!(fields.object("t").is_none() && fields.object("none").is_none());
    }

    #[test]
    fn an_object_is_changed_in_place_and_takes_the_place_of_anything_else() {
        let mut fields = read(r#"{"o":{ "b" : 1.0 },"x":[1]}"#);
        for name in ["o", "x", "y"] {
            fields.change(name, |object| object.set("a", 1));
        }
        assert_eq!(fields.to_string(), r#"{"o":{"a":1,"b":1.0},"x":{"a":1},"y":{"a":1}}"#);
    }

    #[test]
    fn a_value_of_any_depth_is_kept() {
        let deep = format!("{}{}", "[".repeat(400_000), "]".repeat(400_000));
        assert_eq!(read(&format!(r#"{{"a":{deep}}}"#)).get("a"), Some(&*deep));
    }

    fn read(json: &str) -> Fields {
        Fields::read(json.as_bytes()).unwrap().unwrap()
    }
}
