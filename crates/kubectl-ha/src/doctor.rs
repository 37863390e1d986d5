//! `kubectl ha doctor`: what is wrong with an election, why that matters, and how to fix it.

mod about;
mod checks;
mod election;
mod facts;
mod finding;
mod gather;
mod index;
mod pods;
mod report;
mod rules;
mod template;
mod workload;

use self::{
    election::{Election, Record},
    finding::{Diagnosis, Finding, Severity, Skipped},
    rules::RULES,
};
use crate::{
    api,
    cli::{Access, DoctorOptions, FailOn},
    console::Console,
    exit::Exit,
    failure::Failure,
    time::fine,
};

/// Examines the elections that the options name.
pub(crate) async fn run(
    access: &Access,
    options: &DoctorOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = api::Cluster::connect(access, console).await?;
    if let (Some(window), Some(_)) = (options.observe.0, console.terminal.width) {
        console.note(format!("Watching renewals for {} at most ...", fine(window)));
    }
    let seen = gather::Seen::gather(&cluster, options).await?;
    let index = seen.index();
    let diagnoses: Vec<_> = seen.elections(&index).iter().map(examine).collect();
    let scope = report::Scope {
        namespace: (!options.all_namespaces).then(|| cluster.namespace()),
        hidden: index.wanted().err(),
    };
    report::write(&diagnoses, &scope, options, console)?;
    let worst = diagnoses.iter().filter_map(Diagnosis::worst).min();
    let fails = worst.is_some_and(|worst| match options.fail_on {
        FailOn::Error => worst <= Severity::Error,
        FailOn::Warning => worst <= Severity::Warning,
        FailOn::Note => worst <= Severity::Note,
        FailOn::Never => false,
    });
    Ok(if fails { Exit::Failed } else { Exit::Fine })
}

/// Makes all checks.
fn examine(election: &Election<'_>) -> Diagnosis {
    let mut diagnosis = Diagnosis {
        namespace: election.lease.namespace.clone(),
        name: election.lease.name.clone(),
        exists: election.lease.exists,
        holder: election.lease.holder.clone(),
        is_expired: election.record() == Ok(Record::Expired),
        findings: Vec::new(),
        passed: Vec::new(),
        skipped: Vec::new(),
    };
    for rule in &RULES {
        match (rule.check)(election) {
            Ok(seen) if seen.is_empty() => diagnosis.passed.push(rule.id),
            Ok(seen) => diagnosis.findings.extend(seen.into_iter().map(|it| Finding {
                id: rule.id,
                severity: rule.severity,
                title: rule.title,
                object: it.about,
                seen: it.text,
                why: rule.why,
                fix: it.fix,
            })),
            Err(because) => {
                let is_denied = because.is_denied;
                let because = because.to_string();
                diagnosis.skipped.push(Skipped { id: rule.id, because, is_denied });
            }
        }
    }
    diagnosis.findings.sort_by_key(|it| it.severity);
    diagnosis
}

#[cfg(test)]
mod tests;
