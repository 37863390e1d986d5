//! What was measured.

use e2e::history::{Report, milliseconds};

use crate::{Fault, Kind};

/// The crashes of one contest.
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) fault: Fault,
    /// From each death to the next leader, in nanoseconds.
    pub(crate) times: Vec<u64>,
    /// How often the next leader was the restarted container of the one that died.
    pub(crate) restarted: usize,
    pub(crate) report: Report,
}

impl Row {
    pub(crate) fn name(&self) -> String {
        format!("{}, {}", self.kind.name(), self.fault.name())
    }
}

pub(crate) fn print(rows: &[Row]) {
    println!(
        "\n| candidates | fault | crashes | median | longest | next is the restarted container \
         | overlaps |\n|---|---|---:|---:|---:|---:|---:|"
    );
    for row in rows {
        let mut times = row.times.clone();
        times.sort_unstable();
        let middle = times.len() / 2;
        let median = times[middle].midpoint(times[times.len() - 1 - middle]);
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.kind.name(),
            row.fault.name(),
            times.len(),
            milliseconds(median),
            milliseconds(times[times.len() - 1]),
            row.restarted,
            row.report.overlaps.len(),
        );
    }
    println!();
}
