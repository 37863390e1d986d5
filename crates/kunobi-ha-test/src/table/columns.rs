//! The columns of the built-in types, from a table that `scripts/tables-record.py` writes.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::{Value, json};

const TEXT: &str = include_str!("columns.json");
static COLUMNS: LazyLock<HashMap<&'static str, Vec<Value>>> = LazyLock::new(read);

#[derive(Default, Deserialize)]
struct Document {
    descriptions: Vec<String>,
    /// By the name of the type.
    #[serde(borrow)]
    tables: HashMap<&'static str, Vec<Column>>,
}

/// The name, the type and the format, which description, and the priority.
#[derive(Deserialize)]
struct Column(String, String, String, usize, i32);

/// The columns of a type, as a Table tells them. Empty: there is no such type.
pub(super) fn of(name: &str) -> &'static [Value] {
    COLUMNS.get(name).map(Vec::as_slice).unwrap_or_default()
}

/// The description of a column that every type may have: `Name`, `Age`.
pub(crate) fn description(column: &str) -> &'static str {
    let columns = of("configmaps").iter().find(|it| it["name"] == column);
    columns.and_then(|column| column["description"].as_str()).unwrap_or_default()
}

/// The release of Kubernetes whose columns these are.
#[cfg(test)]
pub(super) fn release() -> String {
    let text: Value = serde_json::from_str(TEXT).unwrap_or_default();
    text["kubernetes"].as_str().unwrap_or_default().to_owned()
}

fn read() -> HashMap<&'static str, Vec<Value>> {
    // A test reads the text, too: it is not empty.
    let Document { descriptions, tables } = serde_json::from_str(TEXT).unwrap_or_default();
    let column = |Column(name, kind, format, description, priority)| {
        let description = descriptions.get(description);
        json!({ "name": name, "type": kind, "format": format, "description": description,
                "priority": priority })
    };
    let tables = tables.into_iter();
    tables.map(|(name, columns)| (name, columns.into_iter().map(column).collect())).collect()
}
