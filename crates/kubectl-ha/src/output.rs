//! How objects are written.

mod schema;
mod table;

use serde::Serialize;

pub(crate) use self::{
    schema::{Known, LeaseDocument, LeaseList, PodDocument, SCHEMA},
    table::{Cell, Table},
};
use crate::{console::Console, failure::Failure, words};

impl Console {
    /// Writes an object as JSON, safe for a terminal.
    pub(crate) fn json(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text =
            serde_json::to_string_pretty(&sorted(object)?).map_err(|error| unwritten(&error))?;
        self.text(&format!("{}\n", words::json(&text)))
    }

    /// Writes an object as JSON on one line, for one of many.
    pub(crate) fn json_line(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(&sorted(object)?).map_err(|error| unwritten(&error))?;
        self.text(&format!("{}\n", words::json(&text)))
    }

    /// Writes an object as YAML, safe for a terminal.
    pub(crate) fn yaml(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text = serde_saphyr::to_string(&sorted(object)?).map_err(|error| unwritten(&error))?;
        if text.lines().all(|line| words::shown(line) == line) {
            return self.text(&text);
        }
        // YAML would show as it is what a terminal obeys. JSON, which is YAML, has an escape for it.
        self.json(object)
    }

    /// Writes an object as one of several YAML documents.
    pub(crate) fn yaml_document(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        self.text("---\n")?;
        self.yaml(object)
    }

    /// Writes a table. If the terminal is too narrow, it says which columns were left out.
    pub(crate) fn table(&mut self, table: &Table) -> Result<(), Failure> {
        let drawn = table.drawn(self.terminal);
        self.text(&drawn.text)?;
        if !drawn.left_out.is_empty() {
            let left_out = drawn.left_out.join(", ");
            self.note(format!("(too narrow for {left_out}: `-o wide` shows all columns)"));
        }
        Ok(())
    }
}

/// Returns an object whose keys are in the order of the alphabet, as kubectl writes them, whatever it was made of.
fn sorted(object: &impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(object).map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::error::Error) -> Failure {
    Failure::Output(std::io::Error::other(error.to_string()))
}
