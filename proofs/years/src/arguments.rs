//! What is asked for.

use std::time::Duration;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    hours: u64,
    seed: Option<u64>,
    first: u64,
    /// Whether every cell of the matrix has to be struck.
    pub(crate) complete: bool,
    pub(crate) printed: bool,
    /// How often each run is simulated, to compare the traces.
    pub(crate) times: u64,
}

impl Arguments {
    pub(crate) const USAGE: &str = "\
usage: proof-years [--month | --year | --hours H | --corpus [--print]] [--first SEED] [--times N]
       proof-years --seed N [--hours H] [--print] [--times N]

The corpus runs first. A month and a year fail if a cell of the matrix stays empty. With --times, each
run is simulated N times, and all its traces have to be equal.";

    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut asked = Self {
            hours: RUN_HOURS,
            seed: None,
            first: 1,
            complete: false,
            printed: false,
            times: 1,
        };
        while let Some(word) = words.next() {
            let mut number = || {
                let text = words.next().unwrap_or_default();
                text.parse::<u64>().map_err(|_| format!("{word} needs a number, not {text:?}"))
            };
            match word.as_str() {
                "--month" => (asked.hours, asked.complete) = (30 * 24, true),
                "--year" => (asked.hours, asked.complete) = (365 * 24, true),
                "--hours" => asked.hours = number()?,
                "--seed" => asked.seed = Some(number()?),
                "--first" => asked.first = number()?,
                "--corpus" => asked.hours = 0,
                "--print" => asked.printed = true,
                "--times" => asked.times = number()?,
                _ => return Err(format!("{word:?} is not known")),
            }
        }
        Ok(asked)
    }

    /// Returns seeds and lengths.
    pub(crate) fn runs(&self) -> Vec<(u64, Duration)> {
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        match self.seed {
            Some(seed) => vec![(seed, hours(self.hours))],
            None => (0..self.hours.div_ceil(RUN_HOURS))
                .map(|index| (self.first + index, hours(RUN_HOURS)))
                .collect(),
        }
    }
}

/// How long one run is.
const RUN_HOURS: u64 = 2;
