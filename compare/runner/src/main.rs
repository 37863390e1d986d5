//! `compare`: see `COMPARISON.md`, and `--help`.

mod options;
mod rollouts;
mod schedule;

use std::{fs, path::PathBuf, process::ExitCode, sync::Arc};

use compare::{fault, machine, migrate, page, peer, results::Results};

use self::options::{Command, Options};

fn main() -> ExitCode {
    let outcome = options::parse(lexopt::Parser::from_env()).and_then(|command| match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::Check => check(),
        Command::Run(options) => run(options),
        Command::Migrate(options) => migrate(&options),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn migrate(options: &Options) -> Result<(), String> {
    let all = peer::all(&folder());
    let mut routes = migrate::routes(&all);
    routes.retain(|route| {
        let is_built = route.theirs.program.is_file() && route.ours.program.is_file();
        if !is_built {
            eprintln!("{}: left out, since it is not built", route.page);
        }
        is_built && options.peers.iter().any(|peer| peer.folder == route.theirs.folder)
    });
    let runtime = tokio::runtime::Runtime::new().map_err(|why| why.to_string())?;
    runtime.block_on(async {
        tokio::select! {
            outcome = rollouts::run(options, routes) => outcome,
            _ = tokio::signal::ctrl_c() => Err("interrupted: nothing is written".to_owned()),
        }
    })
}

fn check() -> Result<(), String> {
    let columns = page::columns(peer::all(&folder()), &folder())?;
    page::check(&read_page()?, &columns)?;
    println!("COMPARISON.md has the tables that compare/ would print");
    rollouts::check(&migrate::routes(&peer::all(&folder())))
}

fn run(mut options: Options) -> Result<(), String> {
    options.peers.retain(|peer| {
        let exists = peer.program.is_file();
        if !exists {
            eprintln!("{}: left out, since it is not built", peer.folder);
        }
        exists
    });
    let columns = page::columns(options.peers.clone(), &folder())?;
    let load = machine::load();
    let runtime = tokio::runtime::Runtime::new().map_err(|why| why.to_string())?;
    let results = runtime.block_on(async {
        tokio::select! {
            results = schedule::run(Arc::new(options.clone())) => Ok(results),
            _ = tokio::signal::ctrl_c() => Err("interrupted: nothing is written".to_owned()),
        }
    })?;
    // What is still running ends with it.
    drop(runtime);
    let text = page::render(&columns, &results, &said(&options, &load));
    println!("{}", page::measured(&text));
    if options.writes_page() {
        let page = page::replace(&read_page()?, &text)?;
        fs::write(page_file(), page).map_err(|why| format!("COMPARISON.md: {why}"))?;
        eprintln!("COMPARISON.md is written");
    }
    planned(&options, &results)
}

/// A run in which something failed that should not is no success, whatever it printed.
fn planned(options: &Options, results: &Results) -> Result<(), String> {
    let measured = |peer: &peer::Peer| {
        options.faults.iter().any(|fault| {
            results.figures(peer.folder, *fault).is_some_and(|f| f.two.worst().is_some())
        })
    };
    let missing: Vec<_> =
        options.peers.iter().filter(|peer| !measured(peer)).map(|peer| peer.folder).collect();
    if options.faults.is_empty() || missing.is_empty() {
        return Ok(());
    }
    Err(format!("nothing could be measured of {}", missing.join(", ")))
}

fn said(options: &Options, load: &str) -> Vec<String> {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d, %H:%M UTC");
    vec![
        format!(
            "Run: {today}; {} repetitions, seed {}, {} elections at a time",
            options.repetitions, options.seed, options.jobs
        ),
        format!("Machine: {}", machine::describe()),
        format!("Load averages: {load} at the start, {} at the end", machine::load()),
        format!("Compilers: {}; Rust with opt-level 1", machine::compilers()),
        format!(
            "Server: kunobi-ha-test of this checkout; skew {} s, pause {} s, cut off for {} s",
            fault::SKEW.as_secs(),
            fault::PAUSE.as_secs(),
            fault::LASTS.as_secs()
        ),
    ]
}

/// The folder `compare`, which has the programs.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page_file() -> PathBuf {
    folder().join("../COMPARISON.md")
}

fn read_page() -> Result<String, String> {
    fs::read_to_string(page_file()).map_err(|why| format!("COMPARISON.md: {why}"))
}

const HELP: &str = include_str!("help.txt");
