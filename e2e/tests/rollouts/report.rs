//! The table of all rollouts so far.

use std::{sync::Mutex, time::Duration};

use e2e::lock;
use rustix::time::{ClockId, clock_gettime};

use super::{
    deployment::Rolled,
    site::version_of_plane,
    verdict::{Handover, Verdict},
};

static ROWS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Adds a line, and prints all lines. The bound is what the longest time without a leader is
/// to be compared with.
pub(crate) fn add(
    what: &str,
    replicas: usize,
    rolled: Option<Rolled>,
    handovers: &[Handover<'_>],
    bound: Duration,
    verdict: &Verdict,
) {
    let gaps = handovers.iter().map(|handover| handover.gap).collect();
    add_gaps(what, replicas, rolled, &Gaps { gaps, bound }, verdict);
}

/// For how long nobody led, in each handover.
pub(crate) struct Gaps {
    pub(crate) gaps: Vec<Duration>,
    pub(crate) bound: Duration,
}

/// Does so for handovers of which our pods do not know all.
pub(crate) fn add_gaps(
    what: &str,
    replicas: usize,
    rolled: Option<Rolled>,
    handovers: &Gaps,
    verdict: &Verdict,
) {
    let (took, least) = match rolled {
        Some(Rolled { took, least_available }) => {
            (format!("{:.1} s", took.as_secs_f64()), least_available.to_string())
        }
        None => ("never".into(), "-".into()),
    };
    let Gaps { gaps, bound } = handovers;
    let longest = gaps.iter().max().copied();
    let mut versions = versions(verdict);
    if gaps.is_empty() {
        // The pod that wrote first went on, whatever came in the rows after this one.
        versions.truncate(1);
    }
    if let [first, second, .., last] = versions[..]
        && versions.len() > MOST_VERSIONS
    {
        versions = vec![first, second, "…", last];
    }
    let versions = versions.join(" → ");
    let row = format!(
        "| {what} | {replicas} | {took} | {least} | {} | {} | {} | {} | {} | {} | {versions} |",
        gaps.len(),
        longest.map_or("-".into(), millis),
        longest.map_or("-".into(), |_| millis(*bound)),
        verdict.ticks.len(),
        verdict.lost,
        verdict.doubled,
    );
    let mut rows = lock(&ROWS);
    rows.push(row);
    println!("\nKubernetes {}\n\n{HEAD}", version_of_plane());
    for row in &*rows {
        println!("{row}");
    }
    println!();
}

/// The version that wrote first, and each that took over from another.
fn versions(verdict: &Verdict) -> Vec<&str> {
    let mut versions: Vec<&str> = Vec::new();
    for tick in &verdict.ticks {
        if versions.last() != Some(&tick.version.as_str()) {
            versions.push(&tick.version);
        }
    }
    versions
}

pub(crate) fn millis(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

/// Reads the clock of the lines of the pods.
pub(crate) fn now() -> u64 {
    let now = Duration::try_from(clock_gettime(ClockId::Boottime)).expect("it is positive");
    u64::try_from(now.as_nanos()).expect("it fits")
}

const MOST_VERSIONS: usize = 4;
const HEAD: &str = "\
| rollout | replicas | rolled in | least available | handovers | longest without a leader | bound | writes | lost | doubled | versions that wrote |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";
