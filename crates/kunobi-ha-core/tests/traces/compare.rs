//! The tests: what is done now beside what is on record.

use std::{collections::BTreeSet, env, fmt::Write, fs, path::PathBuf};

use super::{
    corpus::{self, Candidate},
    legend::{self, LEGEND},
    runs::{self, RUNS},
};

#[test]
fn the_machine_does_what_it_did() {
    if let Some(seed) = env::var("TRACE").ok().and_then(|seed| seed.parse().ok()) {
        println!("{}", runs::record(seed));
        return;
    }
    if env::var_os("BLESS").is_some() {
        return bless();
    }
    if let Some(what) = first_difference(&read("corpus.txt")) {
        panic!("{what}\n{HOW_TO_BLESS}");
    }
    let recorded = read("hashes.txt");
    let recorded: Vec<&str> = recorded.lines().flat_map(hashes_of).collect();
    let seeds = if env::var_os("ALL").is_some() { RUNS } else { RUNS_OF_THE_GATE };
    let now = runs::of_all(0..seeds, |seed, record| (seed, format!("{:08x}", runs::hash(record))));
    let differ = now.iter().zip(&recorded).filter(|((_, now), then)| now != *then);
    let differ: Vec<u64> = differ.map(|((seed, _), _)| *seed).collect();
    assert_eq!(recorded.len() as u64, RUNS, "hashes.txt is of another number of runs");
    assert!(
        differ.is_empty(),
        "{} of {seeds} runs went otherwise than recorded, none of them in the corpus. The first: \
         {:?}. `TRACE=n cargo test -p kunobi-ha-core --test traces -- --nocapture` shows run n; \
         compare it with the one of an older commit.\n{HOW_TO_BLESS}",
        differ.len(),
        &differ[..differ.len().min(MOST_NAMED)],
    );
}

#[test]
fn the_corpus_shows_everything_that_a_record_can_say() {
    let corpus = read("corpus.txt");
    let lines = corpus::read(&corpus).flat_map(|(_, record)| record.lines());
    let words: BTreeSet<_> = lines.flat_map(|line| line.split(' ').map(legend::tag)).collect();
    let missing = LEGEND.iter().filter(|(tag, _)| !words.contains(tag));
    let missing: Vec<_> = missing.map(|(_, meaning)| *meaning).collect();
    assert_eq!(missing, Vec::<&str>::new(), "no run shows them");
    let unknown = words.iter().filter(|word| LEGEND.iter().all(|(tag, _)| tag != *word));
    assert_eq!(unknown.collect::<Vec<_>>(), [NO_TAG], "words without a meaning");
}

/// Returns what the runs of the corpus do now that they did not do when they were recorded.
fn first_difference(recorded: &str) -> Option<String> {
    let recorded: Vec<(u64, &str)> = corpus::read(recorded).collect();
    let now = runs::of_all(recorded.iter().map(|(seed, _)| *seed), |_, now| now.to_owned());
    let differ = recorded.iter().zip(&now).filter(|((_, then), now)| then != now);
    let differ: Vec<_> = differ.collect();
    let ((seed, then), now) = differ.first()?;
    let same = then.lines().zip(now.lines()).take_while(|(then, now)| then == now).count();
    let mut what = String::new();
    let seeds = differ.iter().map(|((seed, _), _)| *seed).collect::<Vec<_>>();
    let (count, all, first) = (seeds.len(), recorded.len(), &seeds[..seeds.len().min(MOST_NAMED)]);
    writeln!(what, "{count} of {all} runs of the corpus went otherwise than recorded. The first:")
        .unwrap();
    writeln!(what, "{first:?}").unwrap();
    writeln!(what, "the first difference is in run {seed}, line {}", same + 1).unwrap();
    for line in before(then, same) {
        writeln!(what, "   before: {line}").unwrap();
    }
    for (name, record) in [("recorded", *then), ("now", now.as_str())] {
        let line = record.lines().nth(same).unwrap_or("(it has ended)");
        writeln!(what, "{name:>9}: {line}\n           {}", legend::explain(line)).unwrap();
    }
    Some(what)
}

/// Returns the last lines of the same elector before this one.
fn before(record: &str, place: usize) -> impl Iterator<Item = &str> {
    let elector = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let of = record.lines().nth(place).map(elector);
    let mut lines: Vec<&str> = record.lines().take(place).collect();
    lines.retain(|line| Some(elector(line)) == of);
    let first = lines.len().saturating_sub(LINES_BEFORE);
    lines.into_iter().skip(first)
}

/// Records what is done now as what is right.
fn bless() {
    let all =
        runs::of_all(0..RUNS, |seed, record| (runs::hash(record), Candidate::of(seed, record)));
    let hashes: Vec<String> = all.iter().map(|(hash, _)| format!("{hash:08x}")).collect();
    let lines: Vec<String> = hashes.chunks(12).map(<[String]>::concat).collect();
    fs::write(path("hashes.txt"), lines.join("\n") + "\n").unwrap();
    let candidates: Vec<Candidate> = all.into_iter().map(|(_, candidate)| candidate).collect();
    fs::write(path("corpus.txt"), corpus::write(&corpus::choose(candidates))).unwrap();
}

fn hashes_of(line: &str) -> impl Iterator<Item = &str> {
    (0..line.len()).step_by(8).map(|at| &line[at..at + 8])
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}: {HOW_TO_BLESS}"))
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/traces").join(name)
}

const HOW_TO_BLESS: &str = "If what the machine does was meant to change, record it: \
    BLESS=1 cargo test -p kunobi-ha-core --test traces";
const MOST_NAMED: usize = 20;
/// How many lines are shown before the one that differs.
const LINES_BEFORE: usize = 3;
/// The number of an elector has none.
const NO_TAG: &&str = &"";
const RUNS_OF_THE_GATE: u64 = 5_000;
