//! What is printed at the end.

use std::{
    fmt, fs,
    time::{Duration, Instant},
};

use proof_years::Outcome;

/// All runs together.
#[derive(Debug)]
pub(crate) struct Report {
    all: Outcome,
    runs: u64,
    began: Instant,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { all: Outcome::default(), runs: 0, began: Instant::now() }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.all.add(outcome);
        self.runs += 1;
    }

    pub(crate) fn gaps(&self) -> Vec<String> {
        self.all.coverage.gaps()
    }

    pub(crate) fn short(&self) -> String {
        let hours = self.all.simulated.as_secs_f64() / 3_600.0;
        let cpu = cpu_seconds().unwrap_or_else(|| self.began.elapsed().as_secs_f64());
        format!("{hours:.0} h simulated in {cpu:.0} s of CPU: {:.1} h/s", hours / cpu)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { terms, writes, releases, losses, excused, faults, events, hash, .. } =
            &self.all;
        let share = |time: Duration| {
            let percent = 100.0 * time.as_secs_f64() / self.all.simulated.as_secs_f64();
            format!("{percent:.1} % of the time")
        };
        writeln!(f, "{}", self.all.coverage)?;
        writeln!(f, "{} runs, {}", self.runs, self.short())?;
        writeln!(f, "{terms} terms, {writes} writes, {releases} releases, {losses} losses")?;
        writeln!(f, "{faults} faults struck")?;
        writeln!(
            f,
            "after excluded faults, overlaps were excused for {}, and seen at {excused} events",
            share(self.all.excused_time)
        )?;
        writeln!(f, "other work was allowed beside work for {}", share(self.all.unjudged_time))?;
        write!(f, "{events} events, trace {hash:016x}")
    }
}

/// Returns the CPU time of this process, where the system tells it.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
