//! What the program `kubectl-ha` does, so that its tests can run it. This is no library to build on: any
//! of it can change in any version. What stays is written in the README: options, exit codes, and the
//! schema of `-o json`.

mod api;
mod cli;
mod command;
mod complete;
mod console;
mod doctor;
mod event;
mod exit;
mod failure;
mod hints;
mod holder;
mod lease;
mod library;
mod observe;
mod output;
mod pod;
mod rights;
mod say;
mod sight;
mod time;
mod track;
mod words;

use std::{ffi::OsString, io::ErrorKind};

use clap::Parser;

pub use self::{
    console::{Console, Terminal},
    exit::{Exit, Signal},
};
use crate::{
    cli::{Cli, Command},
    failure::Failure,
    rights::Rights,
};

/// Runs the program with these arguments, of which the first is its own name, and says how it ended.
pub async fn run<A>(arguments: impl IntoIterator<Item = A>, mut console: Console) -> Exit
where
    A: Into<OsString> + Clone,
{
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    if arguments.get(1).is_some_and(|word| word == "__complete") {
        let words: Vec<String> =
            arguments[2..].iter().map(|word| word.to_string_lossy().into_owned()).collect();
        return complete::run(&words, &mut console).await;
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return console.usage(&cli::advised(error)),
    };
    let done = match &cli.command {
        Command::Completion(options) => command::completion::run(options, &mut console),
        Command::Get(options) => command::get::run(&cli.access, options, &mut console).await,
        Command::List(options) => command::list::run(&cli.access, options, &mut console).await,
        Command::Doctor(options) => doctor::run(&cli.access, options, &mut console).await,
        Command::Watch(options) => command::watch::run(&cli.access, options, &mut console).await,
        Command::Wait(options) => command::wait::run(&cli.access, options, &mut console).await,
        Command::Explain(options) => {
            command::explain::run(&cli.access, options, &mut console).await
        }
        Command::StepDown(options) => {
            command::step_down::run(&cli.access, options, &mut console).await
        }
    };
    match done {
        Ok(exit) => exit,
        // Who reads the output has seen enough, as `head` does. What acts has to be told that it did not end as it should.
        Err(Failure::Output(error))
            if error.kind() == ErrorKind::BrokenPipe
                && !matches!(cli.command, Command::StepDown(_)) =>
        {
            Exit::Fine
        }
        Err(failure) => {
            console.failure(&failure);
            match &failure {
                // No Role of this command helps, and the right to impersonate is too strong to propose one for it.
                Failure::Denied(denied) if denied.is_of_impersonation() => console.note(
                    "Ask as yourself, or let an administrator allow it: the verb `impersonate` on that user or group.",
                ),
                Failure::Denied(denied) => {
                    console.lines("These objects would allow all that this command does:");
                    console.lines(&Rights::of(&cli.command).granted(denied));
                }
                _ => {}
            }
            failure.exit()
        }
    }
}
