//! `kubectl ha completion`.

use crate::{
    cli::{CompletionOptions, Shell},
    console::Console,
    exit::Exit,
    failure::Failure,
};

/// Prints the script for a shell.
pub(crate) fn run(options: &CompletionOptions, console: &mut Console) -> Result<Exit, Failure> {
    console.text(match options.shell {
        Shell::Bash => include_str!("completion/kubectl-ha.bash"),
        Shell::Zsh => include_str!("completion/_kubectl-ha"),
        Shell::Fish => include_str!("completion/kubectl-ha.fish"),
        Shell::Kubectl => include_str!("completion/kubectl_complete-ha"),
    })?;
    Ok(Exit::Fine)
}
