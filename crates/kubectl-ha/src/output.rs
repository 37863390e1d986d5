//! How objects are written.

mod table;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::table::{Cell, Table};
use crate::{console::Console, failure::Failure, words};

/// The version of the schema of `-o json` and `-o yaml`. A field is never removed or changed within a version; new ones can
/// come.
pub(crate) const SCHEMA: &str = "kubectl-ha.kunobi.ninja/v1";

impl Console {
    /// Writes an object as JSON, safe for a terminal.
    pub(crate) fn json(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(object).map_err(|error| unwritten(&error))?;
        self.text(&format!("{}\n", words::json(&text)))
    }

    /// Writes an object as JSON on one line, for one of many.
    pub(crate) fn json_line(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(object).map_err(|error| unwritten(&error))?;
        self.text(&format!("{}\n", words::json(&text)))
    }

    /// Writes an object as YAML, safe for a terminal.
    pub(crate) fn yaml(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let value = serde_json::to_value(object).map_err(|error| unwritten(&error))?;
        let text = serde_saphyr::to_string(&value).map_err(|error| unwritten(&error))?;
        // Text that YAML would show as it is, and a terminal obey, is written as JSON, which is YAML.
        let safe = if text.lines().all(|line| words::shown(line) == line) {
            text
        } else {
            safe_json(&value)?
        };
        self.text(&safe)
    }

    /// Writes a table, as wide as the terminal if it can be made so narrow.
    pub(crate) fn table(&mut self, table: &Table) -> Result<(), Failure> {
        let text = table.drawn(self.terminal);
        self.text(&text)
    }
}

fn safe_json(value: &Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| unwritten(&error))?;
    Ok(format!("{}\n", words::json(&text)))
}

fn unwritten(error: &dyn std::error::Error) -> Failure {
    Failure::Output(std::io::Error::other(error.to_string()))
}
