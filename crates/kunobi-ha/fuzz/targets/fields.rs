//! JSON objects, split by counting brackets rather than by a library.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The texts of the fields of an object, and of their names. The last one of a name counts.
pub(crate) type Fields<'a> = BTreeMap<Name<'a>, (&'a str, &'a str)>;

/// What a name says, or the text of one that is not Unicode.
pub(crate) type Name<'a> = Result<String, &'a str>;

/// Splits any bytes; `None` if they are not JSON, or not an object.
pub(crate) fn read(bytes: &[u8]) -> Option<Fields<'_>> {
    let json: &RawValue = serde_json::from_slice(bytes).ok()?;
    split(json.get())
}

/// Splits valid JSON; `None` if it is not an object.
pub(crate) fn split(json: &str) -> Option<Fields<'_>> {
    let inside = json.trim().strip_prefix('{')?.strip_suffix('}')?;
    let fields = parts(inside, b',').into_iter().filter(|field| !field.trim().is_empty());
    let fields = fields.map(|field| {
        let colon = parts(field, b':')[0].len();
        let (name, value) = (field[..colon].trim(), field[colon + 1..].trim());
        (serde_json::from_str(name).map_err(|_| name), (name, value))
    });
    Some(fields.collect())
}

/// Returns the text of a value.
pub(crate) fn value<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a str> {
    fields.get(&Ok(name.into())).map(|(_, value)| *value)
}

/// Cuts at each separator that is in no text, list or object.
fn parts(json: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut begin, mut depth) = (Vec::new(), 0, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ if byte == separator && depth == 0 => {
                parts.push(&json[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&json[begin..]);
    parts
}
