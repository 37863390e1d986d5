//! The numbers of the fields, from a table that `scripts/kubernetes-protobuf.py` makes.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

/// The types by their names. The line of a type is read when the type is first needed.
static TABLE: LazyLock<HashMap<&'static str, Type>> = LazyLock::new(|| {
    let lines = include_str!("numbers.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, fields) = line.split_once(' ').unwrap_or((line, ""));
            (name, Type { fields, read: OnceLock::new() })
        })
        .collect()
});

#[derive(Debug)]
struct Type {
    fields: &'static str,
    read: OnceLock<HashMap<u64, Entry>>,
}

/// What stands under a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entry {
    Field {
        name: &'static str,
        any: Option<Any>,
    },
    /// A message of this type, whose fields stand among those around it in JSON.
    Inline(&'static str),
}

/// How a message holds what is any JSON to the table of fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Any {
    /// As its text.
    Raw,
    /// A schema or a list of schemas.
    Array,
    /// A schema or a boolean.
    Boolean,
    /// A schema or a list of strings.
    Strings,
}

/// The fields of a type by their numbers.
pub(super) fn of(name: &str) -> Option<&'static HashMap<u64, Entry>> {
    let known = TABLE.get(name)?;
    Some(known.read.get_or_init(|| known.fields.split(' ').filter_map(read).collect()))
}

/// Reads `replicas=1`, `=2<api.core.v1.VolumeSource` or `enum=20:raw`.
fn read(word: &'static str) -> Option<(u64, Entry)> {
    let (name, rest) = word.split_once('=')?;
    if let Some((number, of)) = rest.split_once('<') {
        return Some((number.parse().ok()?, Entry::Inline(of)));
    }
    let (number, any) = rest.split_once(':').unwrap_or((rest, ""));
    let any = KINDS.iter().find(|(name, _)| *name == any).map(|(_, any)| *any);
    Some((number.parse().ok()?, Entry::Field { name, any }))
}

const KINDS: [(&str, Any); 4] =
    [("raw", Any::Raw), ("array", Any::Array), ("bool", Any::Boolean), ("strings", Any::Strings)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Form, Shape};

    #[test]
    fn words_are_read() {
        let (name, any) = ("a", Some(Any::Raw));
        assert_eq!(read("a=20:raw"), Some((20, Entry::Field { name, any })));
        assert_eq!(read("a=3"), Some((3, Entry::Field { name, any: None })));
        assert_eq!(read("=2<b"), Some((2, Entry::Inline("b"))));
    }

    /// Else what a client says in such a field would be lost without a word.
    #[test]
    fn every_field_of_a_type_that_is_here_has_a_number() {
        let mut without = Vec::new();
        for name in TABLE.keys() {
            let shape = Shape::named(name);
            let Form::Struct(shape) = shape.form() else { continue };
            let names = names(name);
            let of_type = ["apiVersion", "kind"];
            let fields = shape.fields.keys().map(String::as_str);
            let fields = fields.filter(|field| !names.contains(field) && !of_type.contains(field));
            without.extend(fields.map(|field| format!("{name}.{field}")));
        }
        assert!(without.is_empty(), "{without:?}");
        assert!(TABLE.len() > 500, "{}", TABLE.len());
    }

    fn names(of: &str) -> Vec<&'static str> {
        let entries = self::of(of).into_iter().flat_map(HashMap::values);
        let names = entries.map(|entry| match entry {
            Entry::Field { name, .. } => vec![*name],
            Entry::Inline(of) => names(of),
        });
        names.flatten().collect()
    }
}
