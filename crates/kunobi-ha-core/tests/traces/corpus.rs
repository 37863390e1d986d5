//! Which runs are recorded in full: those that show the most.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    legend::tag,
    runs::{self, fnv_1a},
};

/// What a run is chosen by.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) seed: u64,
    size: usize,
    tags: BTreeSet<u64>,
    /// Every kind of call in it: what was told and what was done, by the tags alone.
    shapes: BTreeSet<u64>,
}

impl Candidate {
    pub(crate) fn of(seed: u64, record: &str) -> Self {
        let tags = record.lines().flat_map(|line| line.split(' ').map(shape)).collect();
        let shapes = record.lines().map(shape).collect();
        Self { seed, size: record.len() + HEAD, tags, shapes }
    }

    /// Returns everything that it shows; a tag counts for itself, too.
    fn shown(&self) -> impl Iterator<Item = (u64, usize)> {
        let tags = self.tags.iter().map(|tag| (!tag, WORTH_OF_A_TAG));
        tags.chain(self.shapes.iter().map(|shape| (*shape, 1)))
    }
}

fn shape(line: &str) -> u64 {
    let tags = line.split(' ').map(tag);
    fnv_1a(tags.flat_map(|tag| tag.bytes().chain([b' '])))
}

/// Chooses from the simulation, and from the nonsense.
pub(crate) fn choose(candidates: Vec<Candidate>) -> Vec<u64> {
    let (nonsense, simulation): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| runs::is_nonsense(candidate.seed));
    let mut chosen = choose_from(&simulation, MOST_BYTES - NONSENSE_BYTES);
    chosen.extend(choose_from(&nonsense, NONSENSE_BYTES));
    chosen
}

/// Chooses greedily what shows the most in the least text: first everything once, then everything
/// twice, and so on, as long as there is room.
fn choose_from(candidates: &[Candidate], mut room: usize) -> Vec<u64> {
    let mut shown = BTreeMap::new();
    for (what, _) in candidates.iter().flat_map(Candidate::shown) {
        shown.insert(what, 0_u32);
    }
    let (mut chosen, mut times) = (BTreeSet::new(), 1);
    while chosen.len() < MOST_RUNS {
        let fits = candidates.iter().filter(|it| it.size <= room && !chosen.contains(&it.seed));
        let gains = fits.map(|candidate| {
            let news = candidate.shown().filter(|(what, _)| shown[what] < times);
            let worth: usize = news.map(|(_, worth)| worth).sum();
            (worth * worth * MOST_BYTES / candidate.size, candidate)
        });
        match gains.max_by_key(|(gain, candidate)| (*gain, candidate.seed)) {
            None => break,
            Some((0, _)) => times += 1,
            Some((_, best)) => {
                chosen.insert(best.seed);
                room -= best.size;
                for (what, _) in best.shown() {
                    *shown.get_mut(&what).unwrap() += 1;
                }
            }
        }
    }
    let seen = shown.values().filter(|times| **times > 0).count();
    println!("{} runs show {seen} of {} kinds of calls", chosen.len(), shown.len());
    chosen.into_iter().collect()
}

/// Returns the full records of these runs as one text.
pub(crate) fn write(seeds: &[u64]) -> String {
    let records = runs::of_all(seeds.iter().copied(), |seed, record| format!("# {seed}\n{record}"));
    records.concat()
}

/// Returns the runs of such a text, each with its record.
pub(crate) fn read(corpus: &str) -> impl Iterator<Item = (u64, &str)> {
    let runs = corpus.split("# ").filter(|run| !run.is_empty());
    runs.map(|run| {
        let (seed, record) = run.split_once('\n').unwrap();
        (seed.parse().unwrap(), record)
    })
}

/// Of each of the two.
const MOST_RUNS: usize = 100;
const MOST_BYTES: usize = 1 << 20;
const NONSENSE_BYTES: usize = MOST_BYTES / 4;
const WORTH_OF_A_TAG: usize = 100;
/// How long the line is that begins a run, at most.
const HEAD: usize = "# 20000\n".len();
