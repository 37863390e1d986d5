//! `compare`: see `COMPARISON.md`, and `--help`.

mod options;
mod rollouts;
mod schedule;
mod servers;

use std::{fs, path::PathBuf, process::ExitCode};

use compare::{
    fault, machine, migrate,
    page::{self, Column, Run},
    peer,
    results::Results,
};

use tokio::signal::unix::{SignalKind, signal};

use self::{
    options::{Command, Options},
    servers::Running,
};

fn main() -> ExitCode {
    let outcome = options::parse(lexopt::Parser::from_env()).and_then(|command| match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::Check => check(),
        Command::Run(options) => run(options),
        Command::Migrate(options) => migrate(options),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn migrate(mut options: Options) -> Result<(), String> {
    let all = peer::all(&folder());
    let mut routes = migrate::routes(&all);
    routes.retain(|route| {
        let is_built = route.theirs.program.is_file() && route.ours.program.is_file();
        if !is_built {
            eprintln!("{}: left out, since it is not built", route.page);
        }
        is_built && options.peers.iter().any(|peer| peer.folder == route.theirs.folder)
    });
    let interop = servers::prepare(&mut options.servers)?;
    until_interrupted(async {
        let mut outcomes = Vec::new();
        for kind in &options.servers {
            let running = Running::start(*kind, interop.as_deref()).await?;
            println!("On {}:\n", running.words);
            outcomes.push(rollouts::run(&options, &running, routes.clone()).await);
        }
        outcomes.into_iter().collect()
    })
}

/// What still runs ends with it.
fn until_interrupted<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|why| why.to_string())?;
    runtime.block_on(async {
        tokio::select! {
            // The signal first: what is handled from then on leaves nothing behind.
            biased;
            told = told_to_end() => Err(told.err().unwrap_or_else(|| INTERRUPTED.to_owned())),
            outcome = work => outcome,
        }
    })
}

async fn told_to_end() -> Result<(), String> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|why| why.to_string())?;
    tokio::select! {
        told = tokio::signal::ctrl_c() => told.map_err(|why| why.to_string()),
        _ = terminate.recv() => Ok(()),
    }
}

fn check() -> Result<(), String> {
    let columns = page::columns(peer::all(&folder()), &folder())?;
    page::check(&read_page()?, &columns)?;
    println!("COMPARISON.md has the tables that compare/ would print");
    rollouts::check(&migrate::routes(&peer::all(&folder())))
}

fn run(mut options: Options) -> Result<(), String> {
    let is_whole = options.writes_page();
    options.peers.retain(|peer| {
        let exists = peer.program.is_file();
        if !exists {
            eprintln!("{}: left out, since it is not built", peer.folder);
        }
        exists
    });
    let columns = page::columns(options.peers.clone(), &folder())?;
    let interop = servers::prepare(&mut options.servers)?;
    if is_whole && !options.writes_page() {
        eprintln!("COMPARISON.md stays as it is: not everything could be built");
    }
    let runs = until_interrupted(async {
        let mut runs = Vec::new();
        for kind in &options.servers {
            let running = Running::start(*kind, interop.as_deref()).await?;
            runs.push(measure(&options, &columns, &running).await);
        }
        Ok(runs)
    })?;
    if let (true, [test, real]) = (options.writes_page(), runs.as_slice()) {
        let page = page::replace(&read_page()?, &page::whole(&columns, test, real))?;
        fs::write(page_file(), page).map_err(|why| format!("COMPARISON.md: {why}"))?;
        eprintln!("COMPARISON.md is written");
    }
    runs.iter().try_for_each(|run| planned(&options, &run.results))
}

async fn measure(options: &Options, columns: &[Column], running: &Running) -> Run {
    let load = machine::load();
    let results = schedule::run(options, &running.server).await;
    let run = Run { said: said(options, running, &load), results };
    println!("{}", page::measured(&page::render(columns, &run)));
    run
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

fn said(options: &Options, running: &Running, load: &str) -> Vec<String> {
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
            "Server: {}; skew {} s, pause {} s, cut off for {} s",
            running.words,
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

const INTERRUPTED: &str = "interrupted: nothing is written";
const HELP: &str = include_str!("help.txt");
