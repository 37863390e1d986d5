//! A [`TestServer`] on a port, with a kubeconfig for each client.
// They panic if nobody reads what is printed, and the last state is not saved.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod clients;
mod failure;
mod faults;
mod files;
mod kubeconfigs;
mod options;
mod signals;
mod state;

use std::{fmt, io, io::Write, path::Path, process::ExitCode};

use kunobi_ha_test::{Controller, Listener, LoadError, Snapshot, TestServer};
use tokio::runtime::Runtime;

use self::{
    failure::Failure,
    kubeconfigs::Kubeconfigs,
    options::{Command, Options},
    signals::Signals,
    state::State,
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            warn(&failure);
            failure.code()
        }
    }
}

fn run() -> Result<(), Failure> {
    let options = match options::parse(lexopt::Parser::from_env())? {
        Command::Serve(options) => options,
        Command::Help => {
            say(HELP.trim_end());
            return Ok(());
        }
        Command::Version => {
            say(concat!("ha-test-server ", env!("CARGO_PKG_VERSION")));
            return Ok(());
        }
    };
    let (state, snapshot) = options.state.clone().map(State::open).transpose()?.unzip();
    let runtime =
        Runtime::new().map_err(|error| Failure::Run(format!("can't start threads: {error}")))?;
    let server = build(&options, snapshot.flatten(), &runtime)?;
    let kubeconfigs = Kubeconfigs::plan(&options)?;
    let outcome = runtime.block_on(serve(&server, &options, &kubeconfigs, state.as_ref()));
    // No request is handled any more when this returns: what was answered is in the last state.
    drop(runtime);
    outcome?;
    state.map_or(Ok(()), |state| state.save(&server).map(drop))
}

fn build(
    options: &Options,
    snapshot: Option<Snapshot>,
    runtime: &Runtime,
) -> Result<TestServer, Failure> {
    // Controllers are tasks of it.
    let _inside = runtime.enter();
    let mut builder = TestServer::builder()
        .log_capacity(options.log_capacity)
        .with_namespaces(options.namespaces.iter());
    if options.rbac {
        builder = builder.with_rbac();
    }
    if options.controllers {
        let (sets, jobs) = (Controller::stateful_sets(), Controller::jobs());
        let all = [Controller::deployments(), Controller::daemon_sets(), sets, jobs];
        builder = builder.with_controllers(all);
    }
    if let Some(snapshot) = snapshot {
        builder = builder.with_snapshot(snapshot);
    }
    for path in options.crds.iter().chain(&options.objects) {
        builder = builder.try_with_files(path).map_err(|error| refused(options, &error))?;
    }
    let server = builder.try_build().map_err(|error| refused(options, &error))?;
    for (client, faults) in &options.faults {
        server.set_faults(client, faults.clone());
    }
    Ok(server)
}

/// Names the option that brought what is refused.
fn refused(options: &Options, error: &LoadError) -> Failure {
    let file = match error {
        LoadError::File { path, .. } => Some(path),
        LoadError::Object { file, .. } => file.as_ref(),
        _ => None,
    };
    let brings = |given: &[_]| {
        given.iter().any(|path: &std::path::PathBuf| {
            file.is_some_and(|file: &std::path::PathBuf| file.starts_with(path))
        })
    };
    let option = if file.is_none() {
        "--namespaces"
    } else if brings(&options.crds) {
        "--crds"
    } else {
        "--objects"
    };
    // The words of the library name its functions.
    let words = error.to_string().replace("`with_namespaces`", "--namespaces");
    Failure::Usage(format!("{option}: {}", words.replace("`with_crds`", "--crds")))
}

async fn serve(
    server: &TestServer,
    options: &Options,
    kubeconfigs: &Kubeconfigs,
    state: Option<&State>,
) -> Result<(), Failure> {
    let signals = Signals::listen()
        .map_err(|error| Failure::Run(format!("can't listen to signals: {error}")))?;
    let listener = listen(server, options).await.map_err(|error| {
        let why = format!("can't listen on {}: {error}", options.listen);
        Failure::Run(format!("{why}; --listen takes another address, and port 0 picks a free one"))
    })?;
    let saved = state.map(|state| state.save(server)).transpose()?;
    let files = kubeconfigs.write(&listener)?;
    if options.rbac && !options.tls {
        warn(&RBAC_WITHOUT_TLS);
    }
    let scheme = if options.tls { "https" } else { "http" };
    say(&format!("listening on {scheme}://{}", listener.address()));
    for file in files {
        say(&format!("export KUBECONFIG={}", quoted(&file)));
    }
    match state.zip(saved) {
        Some((state, saved)) => tokio::select! {
            () = signals.stop() => {}
            () = state.keep(server, saved) => {}
        },
        None => signals.stop().await,
    }
    Ok(())
}

async fn listen(server: &TestServer, options: &Options) -> io::Result<Listener> {
    if !options.tls {
        return server.listen(options.listen).await;
    }
    #[cfg(feature = "tls")]
    return server.listen_tls(options.listen).await;
    #[cfg(not(feature = "tls"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Prints a line. Who has started the program may read no further, which is no reason to end.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Tells what is wrong, to nobody if need be.
fn warn(what: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "ha-test-server: {what}");
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/.-_+:@%".contains(letter);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

const HELP: &str = include_str!("help.txt");
const RBAC_WITHOUT_TLS: &str = "\
--rbac without --tls: kubectl and Go's clients send no token over plain HTTP, so that they are \
anonymous, who may do next to nothing; add --tls for them";
