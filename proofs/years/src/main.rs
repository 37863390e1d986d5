//! `proof-years`: simulates hours, a month or a year, and repeats a run by its seed.

mod arguments;
mod report;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use proof_years::{Options, Outcome, Plan, REPEATABLE, corpus, shrink, simulate};

use self::{arguments::Arguments, report::Report};

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => run(&arguments),
        Err(why) => {
            eprintln!("{why}\n{}", Arguments::USAGE);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> ExitCode {
    if !REPEATABLE {
        eprintln!("equal seeds can give different runs here; scripts/proof-years.sh prevents that");
    }
    let mut report = Report::new();
    let options = if arguments.printed { Options::printed() } else { Options::default() };
    // Of a single run, nothing else is printed.
    let of_corpus = if arguments.runs().is_empty() { options } else { Options::default() };
    for entry in corpus() {
        let outcome = simulate(&entry.plan(), of_corpus);
        let broken = outcome.broken.clone();
        report.add(&outcome);
        if let Some(broken) = broken {
            println!("corpus seed {}: {broken}\n  it failed before: {}", entry.seed, entry.why);
            return ExitCode::FAILURE;
        }
    }
    let mut last_words = Instant::now();
    for (seed, length) in arguments.runs() {
        let plan = Plan::draw(seed, length);
        let outcome = simulate(&plan, options);
        report.add(&outcome);
        if outcome.broken.is_some() {
            tell_failure(&plan, &outcome);
            return ExitCode::FAILURE;
        }
        if !(1..arguments.times).all(|_| is_repeated(&plan, &outcome)) {
            return ExitCode::FAILURE;
        }
        if last_words.elapsed() > Duration::from_secs(60) {
            println!("seed {seed}: {}", report.short());
            last_words = Instant::now();
        }
    }
    println!("{report}");
    let gaps = report.gaps();
    if arguments.complete && !gaps.is_empty() {
        println!("never struck: {}", gaps.join("; "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Tells whether another run of this plan has the same trace.
fn is_repeated(plan: &Plan, first: &Outcome) -> bool {
    let second = simulate(plan, Options::default());
    let equal = (first.hash, first.events) == (second.hash, second.events);
    if !equal {
        let [first, second] = [first, &second].map(|run| format!("{:016x}", run.hash));
        println!("seed {}: two runs differ, with the traces {first} and {second}", plan.seed);
    }
    equal
}

fn tell_failure(plan: &Plan, outcome: &Outcome) {
    let Some(broken) = &outcome.broken else { return };
    println!("seed {}: {broken}", plan.seed);
    println!("{plan:#?}");
    match shrink(plan, Options::default()) {
        Some(entry) => {
            let kept: Vec<String> = entry.kept.iter().map(ToString::to_string).collect();
            let kept = if kept.is_empty() { "all".to_owned() } else { kept.join(",") };
            println!(
                "for proofs/years/corpus.txt:\n{} {} {kept} {}",
                entry.seed, entry.minutes, entry.why
            );
        }
        None => println!("it did not fail again: two runs of this seed differ"),
    }
}
