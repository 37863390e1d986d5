//! Paths such as `.spec.color` or `.spec['a.b']`, as selectable fields and rules name fields.

use super::schema::{Additional, Schema};

/// Finds what a path names, and says in the words of kube-apiserver why it names nothing.
pub(super) fn find<'a>(
    text: &str,
    schema: &'a Schema,
    may_have_brackets: bool,
) -> Result<&'a Schema, String> {
    let mut schema = schema;
    let mut rest = text;
    while !rest.is_empty() {
        let name;
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[', ']']).unwrap_or(after.len());
            // A path may not end with a dot; two in a row name a field that is called `.`.
            let end = if end == 0 { after.len().min(1) } else { end };
            let (field, after) = after.split_at(end);
            if field.is_empty() {
                return Err("unexpected end of JSON path".to_owned());
            }
            name = field.to_owned();
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            if !may_have_brackets {
                return Err("array notation is not allowed".to_owned());
            }
            (name, rest) = bracketed(after)?;
        } else {
            let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
            let token = rest.get(..end.max(1)).unwrap_or_default();
            return Err(format!("expected [ or . but got: {token}"));
        }
        schema = match &schema.additional {
            Additional::Each(each) if schema.properties.is_empty() => each,
            _ => schema.properties.get(&name).ok_or("does not refer to a valid field")?,
        };
    }
    Ok(schema)
}

/// What stands in `'...']`, and what follows.
fn bracketed(text: &str) -> Result<(String, &str), String> {
    let Some(after) = text.strip_prefix('\'') else {
        let end = text.find(['.', '[', ']']).unwrap_or(text.len());
        let token = text.get(..end).unwrap_or_default();
        return Err(format!("expected single quoted string but got {token}"));
    };
    let mut name = String::new();
    let mut characters = after.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' => {
                let after = after.get(at.saturating_add(1)..).unwrap_or_default();
                let rest = after.strip_prefix(']').ok_or("unexpected end of JSON path")?;
                return Ok((name, rest));
            }
            '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
            other => name.push(other),
        }
    }
    Err("unexpected end of JSON path".to_owned())
}
