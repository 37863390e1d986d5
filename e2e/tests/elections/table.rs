//! Prints what was measured, as tables.

use std::collections::BTreeMap;

use e2e::{
    candidate::Maker,
    history::{Report, milliseconds},
};

use serde_json::Value;

use crate::{contest::Handover, member::Fault};

type Direction = (Fault, Maker, Maker);

/// Prints the time without a leader by kind and direction, beside its bound.
pub(crate) fn handovers(handovers: &[Handover]) {
    println!("| fault | from | to | handovers | median | longest | bound |");
    println!("|---|---|---|---:|---:|---:|---:|");
    for ((fault, from, to), times) in by_direction(handovers) {
        let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
        println!(
            "| {fault:?} | {from} | {to} | {} | {} | {} | {} |",
            times.len(),
            milliseconds(median),
            milliseconds(longest),
            milliseconds(bound(fault, from, to)),
        );
    }
}

/// Prints what the checker found.
pub(crate) fn report(report: &Report) {
    println!("| handed over | smallest time between two beliefs |");
    println!("|---|---:|");
    for ((from, to), gap) in &report.gaps {
        println!("| {from} to {to} | {} |", milliseconds(*gap));
    }
    for (maker, wait) in &report.waits {
        println!("{maker} took over {} after a renewal at the earliest", milliseconds(*wait));
    }
    let overlaps = |maker| {
        let of = report.overlaps.iter().filter(move |overlap| overlap.fault == maker);
        of.map(|overlap| overlap.length)
    };
    for maker in [Maker::Kunobi, Maker::ClientGo] {
        let (count, longest) = (overlaps(maker).count(), overlaps(maker).max().unwrap_or(0));
        println!("overlaps of {maker}: {count}, the longest {}", milliseconds(longest));
    }
    println!("{} versions and {} terms checked", report.versions, report.terms);
}

/// Checks that no handover took twice its bound. The bound itself may be missed, because other
/// programs use the machine, too.
pub(crate) fn assert_bounds(handovers: &[Handover]) {
    for Handover { fault, from, to, without } in handovers {
        let bound = bound(*fault, *from, *to);
        let took = milliseconds(*without);
        assert!(*without <= 2 * bound, "{fault:?} from {from} to {to} took {took}");
    }
}

/// What the settings promise: one poll after a release, otherwise a lease and a poll. client-go polls
/// every 1.1 s at the latest, twice if it comes a moment early; ours every 0.5 s.
fn bound(fault: Fault, from: Maker, to: Maker) -> u64 {
    let lease = match (fault, from) {
        (Fault::Graceful, _) => 0,
        (Fault::Kill | Fault::Stop | Fault::Cut, _) => 3_000,
    };
    let poll = match (to, fault) {
        (Maker::Kunobi, _) => 500,
        (Maker::ClientGo, Fault::Graceful) => 1_100,
        (Maker::ClientGo, Fault::Kill | Fault::Stop | Fault::Cut) => 2_200,
    };
    (lease + poll) * 1_000_000
}

fn by_direction(handovers: &[Handover]) -> BTreeMap<Direction, Vec<u64>> {
    let mut directions: BTreeMap<Direction, Vec<u64>> = BTreeMap::new();
    for Handover { fault, from, to, without } in handovers {
        directions.entry((*fault, *from, *to)).or_default().push(*without);
    }
    for times in directions.values_mut() {
        times.sort_unstable();
    }
    directions
}

/// Prints a table of the API server as kubectl does: the columns of the first priority.
pub(crate) fn kubectl(table: &Value) {
    let columns: Vec<_> = table["columnDefinitions"].as_array().into_iter().flatten().collect();
    let shown: Vec<_> = (0..columns.len()).filter(|n| columns[*n]["priority"] == 0).collect();
    let names = shown.iter().map(|n| columns[*n]["name"].as_str().unwrap_or("").to_uppercase());
    println!("  {}", names.collect::<Vec<_>>().join("  "));
    for row in table["rows"].as_array().into_iter().flatten() {
        let cells = shown.iter().map(|n| match &row["cells"][*n] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        println!("  {}", cells.collect::<Vec<_>>().join("  "));
    }
}
