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
};

/// Answers.
pub(crate) async fn run(words: &[String], console: &mut Console) -> Exit {
    let mut command = Cli::command();
    command.build();
    let asked = Asked::of(&command, words);
    let found = match proposals(&asked, console).await {
        Ok(found) => found,
        Err(failure) => {
            console.note(failure.first_line());
            Vec::new()
        }
    };
    for (word, help) in found.iter().filter(|(word, _)| word.starts_with(&asked.word)) {
        let line = if help.is_empty() { word.clone() } else { format!("{word}\t{help}") };
        if console.proposal(&line).is_err() {
            return Exit::Failed;
        }
    }
    let directive = if asked.what == What::Files { FILES } else { NO_FILES };
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
        What::Files | What::Nothing => Ok(Vec::new()),
    }
}

fn name_of(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    value
        .pointer("/metadata/name")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Cobra's `ShellCompDirectiveDefault` and `ShellCompDirectiveNoFileComp`.
const FILES: &str = ":0\n";
const NO_FILES: &str = ":4\n";

/// How long a shell waits for a cluster.
const PATIENCE: Duration = Duration::from_secs(3);
