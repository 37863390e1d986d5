//! The runs that are recorded, by number.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use super::{nonsense, tape::Tape};
use crate::simulation::{profile::Vandal, run::run};

/// How many runs are on record.
pub(crate) const RUNS: u64 = 20_000;

/// Returns the record of a run; what the oracles say of it is not the question here.
pub(crate) fn record(seed: u64) -> String {
    let mut tape = Tape::default();
    match vandal(seed) {
        Some(vandal) => {
            let _ = run(seed, vandal, None, Some(Box::new(tape.clone())));
        }
        None => nonsense::tell(seed, &mut tape),
    }
    tape.text()
}

/// Tells whether one elector alone is told anything in this run.
pub(crate) fn is_nonsense(seed: u64) -> bool {
    vandal(seed).is_none()
}

fn vandal(seed: u64) -> Option<Vandal> {
    match seed % 5 {
        0 => Some(Vandal::None),
        1 => Some(Vandal::DoesAnything),
        2 => Some(Vandal::DeletesOnce),
        3 => Some(Vandal::Frees),
        _ => None,
    }
}

/// Returns what `judge` makes of the record of each run, in order.
pub(crate) fn of_all<T: Send>(
    seeds: impl IntoIterator<Item = u64>,
    judge: impl Fn(u64, &str) -> T + Sync,
) -> Vec<T> {
    let seeds: Vec<u64> = seeds.into_iter().collect();
    let next = AtomicU64::new(0);
    let judged = Mutex::new(Vec::new());
    let work = || {
        loop {
            let place = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
            let Some(&seed) = seeds.get(place) else { return };
            let verdict = judge(seed, &record(seed));
            judged.lock().unwrap().push((place, verdict));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut judged = judged.into_inner().unwrap();
    judged.sort_by_key(|(place, _)| *place);
    judged.into_iter().map(|(_, verdict)| verdict).collect()
}

/// FNV-1a of 64 bits, the halves of which are folded into one.
pub(crate) fn hash(text: &str) -> u32 {
    let hash = fnv_1a(text.bytes());
    u32::try_from((hash >> 32) ^ (hash & u64::from(u32::MAX))).unwrap()
}

pub(crate) fn fnv_1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
