//! Defaults that do not depend on anything: a table of types and fields.

use std::{collections::HashMap, sync::OnceLock};

use serde_json::{Map, Value};

use super::fields;

struct Constant {
    field: &'static str,
    value: Value,
    /// 0 and the empty text are replaced, too.
    replaces_zero: bool,
}

/// Fills in the constants of a type.
pub(super) fn fill(name: &str, object: &mut Map<String, Value>) {
    for Constant { field, value, replaces_zero } in table().get(name).into_iter().flatten() {
        if *replaces_zero {
            fields::fill_zero(object, field, value);
        } else {
            fields::fill(object, field, value);
        }
    }
}

fn table() -> &'static HashMap<&'static str, Vec<Constant>> {
    static TABLE: OnceLock<HashMap<&'static str, Vec<Constant>>> = OnceLock::new();
    TABLE.get_or_init(|| read(include_str!("constants.txt")))
}

fn read(text: &'static str) -> HashMap<&'static str, Vec<Constant>> {
    let mut table: HashMap<&str, Vec<Constant>> = HashMap::new();
    let mut name = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ").and_then(constant) {
            Some(constant) => table.entry(name).or_default().push(constant),
            None => name = line,
        }
    }
    table
}

fn constant(line: &'static str) -> Option<Constant> {
    let (field, rest) = line.split_once(' ')?;
    let (sign, value) = rest.split_once(' ')?;
    let value = serde_json::from_str(value).ok()?;
    Some(Constant { field, value, replaces_zero: sign == "~" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Form, Shape};

    #[test]
    fn every_line_names_a_field() {
        let lines = include_str!("constants.txt").lines();
        let expected = lines.filter(|line| line.starts_with("  ")).count();
        assert_eq!(table().values().map(Vec::len).sum::<usize>(), expected);
        for (name, constants) in table() {
            let shape = Shape::named(name);
            let Form::Struct(known) = shape.form() else { panic!("{name} is not known") };
            for Constant { field, .. } in constants {
                assert!(known.fields.contains_key(*field), "{name} has no {field}");
            }
        }
    }
}
