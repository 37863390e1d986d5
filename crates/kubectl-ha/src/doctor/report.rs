//! What a person or a program reads of it.

mod blocks;

use serde::Serialize;

use super::{facts::Because, finding::Diagnosis};
use crate::{
    cli::{DoctorOptions, ObjectFormat},
    console::Console,
    failure::Failure,
    output::SCHEMA,
};

/// Where elections were looked for.
pub(super) struct Scope<'a> {
    /// `None`: in all.
    pub(super) namespace: Option<&'a str>,
    /// Why it is not known whether workloads want Leases that do not exist.
    pub(super) hidden: Option<Because>,
}

/// The document for programs, which the README describes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    elections: &'a [Diagnosis],
}

pub(super) fn write(
    diagnoses: &[Diagnosis],
    scope: &Scope<'_>,
    options: &DoctorOptions,
    console: &mut Console,
) -> Result<(), Failure> {
    if diagnoses.is_empty() {
        console.note(nothing(scope));
    }
    let document = Document { api_version: SCHEMA, kind: "DoctorReport", elections: diagnoses };
    match options.output {
        None => blocks::write(diagnoses, console),
        Some(ObjectFormat::Json) => console.json(&document),
        Some(ObjectFormat::Yaml) => console.yaml(&document),
    }
}

/// Says where there is no election, and whether there should be one.
fn nothing(scope: &Scope<'_>) -> String {
    let place = scope.namespace.map_or_else(
        || "in any namespace".into(),
        |namespace| format!("in the namespace {namespace} (-A looks in all)"),
    );
    match &scope.hidden {
        None => format!("There is no election {place}: no Lease, and no workload that names one."),
        Some(because) => format!(
            "There is no Lease of an election {place}. Whether a workload wants one is not known, because \
             {because}."
        ),
    }
}
