//! JSON for humans: each value on its own line, in the order in which it was.

/// Indents JSON by two spaces. What is not JSON comes out as something that is not either.
pub(super) fn indented(json: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (index, &byte) in json.iter().enumerate() {
        if is_quoted {
            text.push(byte);
            is_quoted = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            continue;
        }
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'{' | b'[' => {
                text.push(byte);
                depth += 1;
                if !is_closed(json, index) {
                    new_line(&mut text, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if !matches!(text.last(), Some(b'{' | b'[')) {
                    new_line(&mut text, depth);
                }
                text.push(byte);
            }
            b',' => {
                text.push(byte);
                new_line(&mut text, depth);
            }
            b':' => text.extend_from_slice(b": "),
            byte => {
                text.push(byte);
                is_quoted = byte == b'"';
            }
        }
    }
    text.push(b'\n');
    text
}

/// Whether what opens here is empty.
fn is_closed(json: &[u8], index: usize) -> bool {
    let next = json.iter().skip(index + 1).find(|byte| !byte.is_ascii_whitespace());
    matches!(next, Some(b'}' | b']'))
}

fn new_line(text: &mut Vec<u8>, depth: usize) {
    text.push(b'\n');
    text.resize(text.len() + depth * 2, b' ');
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn it_is_the_same_json_as_serde_indents_it() {
        for value in [
            json!({ "b": { "a": [1, -2.5, "x\"y\\", "\\\"", "{[,:"], "c": {} }, "d": [], "e": null }),
            json!([[[]], [{}], true]),
            json!("a\u{7}ä"),
            json!({}),
        ] {
            let text = String::from_utf8(indented(value.to_string().as_bytes())).unwrap();
            assert_eq!(text, format!("{}\n", serde_json::to_string_pretty(&value).unwrap()));
            let spaced = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(String::from_utf8(indented(spaced.as_bytes())).unwrap(), text);
        }
    }

    #[test]
    fn it_survives_what_is_not_json() {
        for text in ["}}]", "{\"a", "", "[[[", "\\", "\"\\"] {
            assert!(serde_json::from_slice::<Value>(&indented(text.as_bytes())).is_err(), "{text}");
        }
    }
}
