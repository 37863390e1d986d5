//! What a person or a program reads of it.

mod blocks;

use serde_json::json;

use super::finding::Diagnosis;
use crate::{
    cli::{DoctorOptions, ObjectFormat},
    console::Console,
    failure::Failure,
    output::SCHEMA,
};

pub(super) fn write(
    diagnoses: &[Diagnosis],
    options: &DoctorOptions,
    console: &mut Console,
) -> Result<(), Failure> {
    let document =
        || json!({ "apiVersion": SCHEMA, "kind": "DoctorReport", "elections": diagnoses });
    match options.output {
        None => blocks::write(diagnoses, console),
        Some(ObjectFormat::Json) => console.json(&document()),
        Some(ObjectFormat::Yaml) => console.yaml(&document()),
    }
}
