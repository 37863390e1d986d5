//! `kubectl-ha __complete WORDS…`: what can stand where the last word is, as Cobra's programs answer it.
//!
//! kubectl asks `kubectl_complete-ha` this way when somebody presses Tab after `kubectl ha`. The answer is a line for each
//! proposal, with a description after a tab, and a last line that says what the shell shall do beside.

mod asked;
#[cfg(test)]
mod tests;

use std::time::Duration;

use clap::CommandFactory;

use self::asked::{Asked, What};
use crate::{
    api::{Cluster, Kind, Target, contexts},
    cli::{Cli, Timeout},
    console::Console,
    exit::Exit,
    failure::Failure,
    pod::Pod,
};

/// Answers.
pub(crate) async fn run(words: &[String], console: &mut Console) -> Exit {
    let mut command = Cli::command();
    command.build();
    let asked = Asked::of(&command, words);
    let mut found = match proposals(&asked, console).await {
        Ok(found) => found,
        Err(failure) => {
            console.note(failure.first_line());
            Vec::new()
        }
    };
    found.retain(|(word, _)| word.starts_with(&asked.word));
    for (word, help) in &found {
        let line = if help.is_empty() { word.clone() } else { format!("{word}\t{help}") };
        if console.proposal(&line).is_err() {
            return Exit::Failed;
        }
    }
    let directive = if asked.what == What::Files {
        FILES
    } else if !found.is_empty() && found.iter().all(|(word, _)| word.ends_with('=')) {
        NO_SPACE
    } else {
        NO_FILES
    };
    match console.text(directive) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Failed,
    }
}

async fn proposals(asked: &Asked, console: &Console) -> Result<Vec<(String, String)>, Failure> {
    let mut access = asked.access.clone();
    access.request_timeout = Some(Timeout(Some(PATIENCE)));
    let names = |names: Vec<String>| names.into_iter().map(|name| (name, String::new())).collect();
    match &asked.what {
        What::These(words) => Ok(words.clone()),
        What::Contexts => contexts(&access).map(names),
        What::Namespaces => {
            let target = Target::list(Kind::new("", "namespaces"), None);
            let listing =
                Cluster::connect(&access, console).await?.list(&target, &[], name_of).await?;
            Ok(names(listing.items))
        }
        What::Leases => {
            let cluster = Cluster::connect(&access, console).await?;
            let listing = cluster.leases(Some(cluster.namespace()), None).await?;
            let leases = listing.items.into_iter().filter(|lease| !lease.is_heartbeat());
            Ok(leases.map(|lease| (lease.name, lease.holder.unwrap_or_default())).collect())
        }
        What::Successors(lease) => {
            let cluster = Cluster::connect(&access, console).await?;
            successors(&cluster, lease).await
        }
        What::Files | What::Nothing => Ok(Vec::new()),
    }
}

/// The pods that a leader can hand over to, each with its node.
async fn successors(cluster: &Cluster, lease: &str) -> Result<Vec<(String, String)>, Failure> {
    let Some(holder) = cluster.lease(cluster.namespace(), lease).await?.value.holder else {
        return Ok(Vec::new());
    };
    let target = Target::list(Kind::PODS, Some(cluster.namespace()));
    let pods = cluster.list(&target, &[], Pod::parse).await?.items;
    let leader = pods.iter().find(|pod| pod.name == holder);
    let fit = leader.into_iter().flat_map(|leader| leader.successors(&pods));
    Ok(fit.map(|pod| (pod.name.clone(), pod.node.clone())).collect())
}

fn name_of(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    value
        .pointer("/metadata/name")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Cobra's `ShellCompDirectiveDefault` and `ShellCompDirectiveNoFileComp`, and the latter with `ShellCompDirectiveNoSpace`.
const FILES: &str = ":0\n";
const NO_FILES: &str = ":4\n";
const NO_SPACE: &str = ":6\n";

/// How long a shell waits for a cluster.
const PATIENCE: Duration = Duration::from_secs(3);
