//! How an object is created, updated or patched.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::{
    FieldValidation, PatchKind, PatchOptions, WriteOptions,
    parameter::{Parameter, Parameters},
    verb::Verb,
};
use crate::{
    go,
    status::{Cause, Rejection},
};

impl WriteOptions {
    pub(super) fn parse(parameters: &Parameters, headers: &HeaderMap) -> Result<Self, Rejection> {
        let mut causes = Vec::new();
        let options = Self::read(parameters, headers, &mut causes);
        refuse(parameters.verb(), &causes).map(|()| options)
    }

    fn read(parameters: &Parameters, headers: &HeaderMap, causes: &mut Vec<Cause>) -> Self {
        let manager = parameters.filled(Parameter::FieldManager);
        causes.extend(manager.into_iter().flat_map(faults_of_manager));
        let dry_run: Vec<&str> = parameters.all(Parameter::DryRun).collect();
        causes.extend(fault_of_dry_run(&dry_run));
        let validation = parameters.filled(Parameter::FieldValidation);
        let validation = match validation {
            None | Some("Warn") => FieldValidation::Warn,
            Some("Ignore") => FieldValidation::Ignore,
            Some("Strict") => FieldValidation::Strict,
            Some(other) => {
                let all = ["", "Ignore", "Strict", "Warn"].map(Value::from);
                causes.push(Cause::not_supported("fieldValidation", &other.into(), &all));
                FieldValidation::Warn
            }
        };
        let manager = manager.map_or_else(|| manager_of(headers), ToOwned::to_owned);
        Self { is_dry_run: !dry_run.is_empty(), manager, validation }
    }
}

impl PatchOptions {
    pub(super) fn parse(
        parameters: &Parameters,
        headers: &HeaderMap,
        kind: PatchKind,
    ) -> Result<Self, Rejection> {
        let mut causes = Vec::new();
        let force = parameters.text(Parameter::Force);
        let is_apply = kind == PatchKind::Apply;
        if is_apply && parameters.filled(Parameter::FieldManager).is_none() {
            causes.push(Cause::required("fieldManager", "is required for apply patch"));
        }
        if !is_apply && force.is_some() {
            causes.push(Cause::forbidden("force", "may not be specified for non-apply patch"));
        }
        let write = WriteOptions::read(parameters, headers, &mut causes);
        refuse(parameters.verb(), &causes)?;
        Ok(Self { write, kind, is_forced: force.is_some_and(go::boolean) })
    }
}

fn refuse(verb: Verb, causes: &[Cause]) -> Result<(), Rejection> {
    let kind = match verb {
        Verb::Create => "CreateOptions",
        Verb::Update => "UpdateOptions",
        Verb::Patch => "PatchOptions",
        Verb::Delete | Verb::DeleteCollection => "DeleteOptions",
        Verb::Get => "GetOptions",
        Verb::List | Verb::Watch => "ListOptions",
    };
    if causes.is_empty() { Ok(()) } else { Err(Rejection::invalid_options(kind, causes)) }
}

/// `All` is the only thing that can be tried without doing it.
pub(super) fn fault_of_dry_run(sent: &[&str]) -> Option<Cause> {
    let is_known = sent.iter().all(|sent| *sent == "All");
    (!is_known).then(|| Cause::not_supported("dryRun", &json!(sent), &["All".into()]))
}

fn faults_of_manager(name: &str) -> Vec<Cause> {
    let too_long =
        (name.len() > LONGEST_MANAGER).then(|| Cause::too_long("fieldManager", LONGEST_MANAGER));
    let odd = name.char_indices().filter(|(_, c)| !go::is_printable(*c)).map(|(at, c)| {
        let why = format!("invalid character U+{:04X} (at position {at})", u32::from(c));
        Cause::invalid("fieldManager", &name.into(), &why)
    });
    too_long.into_iter().chain(odd).collect()
}

/// What stands before the first slash of the user agent.
fn manager_of(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).map(header::HeaderValue::as_bytes);
    let agent = String::from_utf8_lossy(agent.unwrap_or_default());
    let mut manager = String::new();
    for c in agent.chars().take_while(|c| *c != '/').filter(|c| go::is_printable(*c)) {
        if manager.len() + c.len_utf8() > LONGEST_MANAGER {
            break;
        }
        manager.push(c);
    }
    if manager.is_empty() { "unknown".to_owned() } else { manager }
}

const LONGEST_MANAGER: usize = 128;
