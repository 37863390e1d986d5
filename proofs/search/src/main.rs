//! Exhaustive search of the shipping election core.

mod liveness;
mod marks;
mod search;
mod setup;
mod setups;
#[cfg(test)]
mod tests;
mod world;

use std::{process::ExitCode, time::Duration};

use self::{
    liveness::{Live, liveness},
    search::{Extent, Found, Limits, search},
    setup::Setup,
};

/// What a form of the search consists of.
struct Form {
    searches: Vec<Setup>,
    limits: Limits,
    three: Vec<Setup>,
    limits_of_three: Limits,
    /// Whether each search has to visit every state.
    complete: bool,
    /// The largest search whose liveness is explored too.
    live: usize,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (form, only) = (arguments.next(), arguments.next());
    match form.as_deref() {
        Some("short") => run(Form::short(), only.as_deref()),
        Some("release") => run(Form::release(), only.as_deref()),
        Some("bug") => bug(only.as_deref()),
        Some(_) | None => {
            eprintln!("usage: proof-search short|release|bug [name of one search]");
            ExitCode::from(2)
        }
    }
}

impl Form {
    /// Three minutes of one core.
    fn short() -> Self {
        let limits = Limits::new(600, 1);
        Self {
            searches: setups::short(),
            limits,
            three: setups::three(),
            limits_of_three: Limits { depth: Some(DEPTH_OF_THREE), ..limits },
            complete: true,
            live: 100_000,
        }
    }

    /// All cores, half an hour a search, and 12 GiB.
    fn release() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = Limits::new(1_800, threads);
        Self {
            searches: all(),
            limits,
            three: setups::three(),
            limits_of_three: limits,
            complete: false,
            live: 8_000_000,
        }
    }
}

impl Limits {
    fn new(seconds: u64, threads: usize) -> Self {
        Self { time: Duration::from_secs(seconds), threads, depth: None }
    }
}

fn all() -> Vec<Setup> {
    let mut all = setups::short();
    all.extend(setups::long());
    all
}

/// Tells whether one of these searches has this name, and which there are if none has.
fn is_known<'a>(only: Option<&str>, searches: impl IntoIterator<Item = &'a Setup>) -> bool {
    let names: Vec<&str> = searches.into_iter().map(|setup| setup.name).collect();
    let known = only.is_none_or(|name| names.contains(&name));
    if !known {
        eprintln!("no search has this name here; the names are:\n  {}", names.join("\n  "));
    }
    known
}

fn run(form: Form, only: Option<&str>) -> ExitCode {
    let controls = setups::controls();
    if !is_known(only, form.searches.iter().chain(&controls).chain(&form.three)) {
        return ExitCode::from(2);
    }
    let chosen = |setup: &Setup| only.is_none_or(|name| setup.name == name);
    let mut good = true;
    println!("{:24} {:>10} {:>12} {:>6} {:>7}", "search", "states", "transitions", "depth", "time");
    for setup in form.searches.into_iter().filter(chosen) {
        let name = setup.name;
        let found = search(setup, form.limits);
        let mut verdict = verdict(&found);
        let complete = found.extent == Extent::Complete;
        good &= found.violation.is_none() && (found.unseen.is_empty() || !complete);
        good &= complete || !form.complete;
        if complete && found.states <= form.live {
            let live = all().into_iter().find(|setup| setup.name == name);
            if let Some(Live { states, led, stuck }) = live.map(|setup| liveness(&setup)) {
                good &= stuck == 0;
                verdict = format!("{verdict}; a leader in {led} of {states}, {stuck} stuck");
            }
        }
        found.print(&verdict);
    }
    for setup in controls.into_iter().filter(chosen) {
        let found = search(setup, Limits::new(120, form.limits.threads));
        good &= found.violation.is_some();
        let verdict = match &found.violation {
            Some((_, way)) => format!("control: found out in {} steps", way.len()),
            None => "CONTROL: NOT FOUND OUT".to_owned(),
        };
        found.print(&verdict);
    }
    for setup in form.three.into_iter().filter(chosen) {
        let found = search(setup, form.limits_of_three);
        good &= found.violation.is_none();
        good &= !form.complete || matches!(found.extent, Extent::Within(_));
        found.print(&verdict(&found));
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Searches until a bug that was planted in the core is found.
fn bug(only: Option<&str>) -> ExitCode {
    let searches = all();
    if !is_known(only, &searches) {
        return ExitCode::from(2);
    }
    let chosen = |setup: &Setup| only.is_none_or(|name| setup.name == name);
    for setup in searches.into_iter().filter(chosen) {
        let found = search(setup, Limits::new(60, 1));
        if let Some((broken, way)) = &found.violation {
            let seconds = found.time.as_secs_f64();
            println!("{}, {} steps, {seconds:.1} s: {broken}", found.name, way.len());
            return ExitCode::SUCCESS;
        }
        if found.extent == Extent::Complete && !found.unseen.is_empty() {
            println!("{}: never seen: {:?}", found.name, found.unseen);
            return ExitCode::SUCCESS;
        }
    }
    println!("nothing found");
    ExitCode::FAILURE
}

fn verdict(found: &Found) -> String {
    match (&found.violation, found.extent) {
        (Some((broken, way)), _) => format!("VIOLATED: {broken}\n{way:#?}"),
        (None, Extent::Complete) if found.unseen.is_empty() => "complete".to_owned(),
        (None, Extent::Complete) => format!("NEVER SEEN: {:?}", found.unseen),
        (None, Extent::Within(depth)) => format!("every state within {depth} steps"),
        (None, Extent::Cut(depth)) => format!("cut at depth {depth}"),
    }
}

impl Found {
    fn print(&self, verdict: &str) {
        let Self { name, states, transitions, depth, time, .. } = self;
        let seconds = time.as_secs_f64();
        println!("{name:24} {states:10} {transitions:12} {depth:6} {seconds:6.1}s {verdict}");
    }
}

/// How far three replicas are searched in the short form.
const DEPTH_OF_THREE: usize = 10;
