//! What was measured.

use std::collections::BTreeMap;

use crate::{
    election::{Effect, Kind},
    outage::Outage,
};

/// What an outage did to the elections of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) outage: Outage,
    pub(crate) kind: Kind,
    /// From its begin to the first answer that a candidate could use.
    out: u64,
    /// For how long the answers before that one were refusals.
    refused: u64,
    /// For each election, from the first useful answer to the next belief.
    pub(crate) after: Vec<u64>,
    without: Vec<u64>,
    requests: Vec<Vec<String>>,
    pub(crate) faults: Vec<String>,
    overlaps: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Row>);

impl Row {
    pub(crate) fn new<'a>(
        outage: Outage,
        kind: Kind,
        [out, refused]: [u64; 2],
        effects: impl Iterator<Item = &'a Effect>,
    ) -> Self {
        let mut row = Self {
            outage,
            kind,
            out,
            refused,
            after: Vec::new(),
            without: Vec::new(),
            requests: Vec::new(),
            faults: Vec::new(),
            overlaps: 0,
        };
        for effect in effects {
            row.after.push(effect.after);
            row.without.push(effect.without);
            row.requests.push(effect.requests.clone());
            row.faults.extend(effect.report.faults.iter().cloned());
            row.overlaps += effect.report.overlaps.len();
        }
        row
    }

    pub(crate) fn name(&self) -> String {
        let [lease, deadline, retry] = self.outage.settings.map(|time| time.as_secs());
        let how = if self.outage.restart { "restarted" } else { "refused" };
        format!("{lease}/{deadline}/{retry}, {how}, {}", self.kind.name())
    }
}

impl Rows {
    pub(crate) fn add(&mut self, rows: Vec<Row>) {
        self.0.extend(rows);
    }

    pub(crate) fn of_ours(&self) -> impl Iterator<Item = &Row> {
        self.0.iter().filter(|row| row.kind != Kind::ClientGo)
    }

    /// Prints a row for each outage.
    pub(crate) fn print(&self) {
        println!(
            "\n| L/D/R | API server | out for | back: kunobi-ha | led for less than 4 L | client-go \
             | no leader: kunobi-ha | client-go | what the winner of kunobi-ha asked | overlaps |\n\
             |---|---|---:|---:|---:|---:|---:|---:|---|---|"
        );
        for rows in self.0.chunks(KINDS) {
            let [theirs, long, short] = rows else { continue };
            let [lease, deadline, retry] = long.outage.settings.map(|time| time.as_secs());
            let refused = format!("killed, 403 for {}", seconds(long.refused));
            let how = if long.outage.restart { refused } else { "refused".into() };
            println!(
                "| {lease}/{deadline}/{retry} | {how} | {} | {} | {} | {} | {} | {} | {} | {}, {} |",
                seconds(long.out),
                span(&long.after),
                span(&short.after),
                span(&theirs.after),
                span(&long.without),
                span(&theirs.without),
                counted(&long.requests),
                long.overlaps + short.overlaps,
                theirs.overlaps,
            );
        }
        println!();
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::Ours { long: true } => "kunobi-ha",
            Self::Ours { long: false } => "kunobi-ha, led for less than 4 L",
        }
    }
}

/// The shortest and the longest.
fn span(times: &[u64]) -> String {
    let ends = [times.iter().min(), times.iter().max()];
    let [Some(shortest), Some(longest)] = ends else { return "-".into() };
    match [shortest, longest].map(|time| seconds(*time)) {
        [shortest, longest] if shortest == longest => longest,
        [shortest, longest] => format!("{} to {longest}", shortest.trim_end_matches(" s")),
    }
}

fn seconds(nanoseconds: u64) -> String {
    let hundredths = (nanoseconds + 5_000_000) / 10_000_000;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

/// Each different sequence once.
fn counted(requests: &[Vec<String>]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for sequence in requests.iter().filter(|sequence| !sequence.is_empty()) {
        *counts.entry(sequence.join(", ")).or_default() += 1;
    }
    let shown = counts.into_iter().map(|(sequence, count)| format!("{count} × {sequence}"));
    shown.collect::<Vec<_>>().join("; ")
}

/// Rows of one outage: client-go, and ours after a long term and after a short one.
const KINDS: usize = 3;
