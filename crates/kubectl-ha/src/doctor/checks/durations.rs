//! Whether the duration of the lease can work.

use std::time::Duration;

use super::super::{
    election::Election,
    facts::Because,
    finding::{Checked, Seen},
};
use crate::track::leaves_no_margin;

pub(crate) fn invalid(election: &Election<'_>) -> Checked {
    election.held()?;
    let seen = match election.lease.duration_seconds {
        None => "it is held, and has no leaseDurationSeconds".to_owned(),
        Some(seconds @ ..=0) => format!("leaseDurationSeconds is {seconds}"),
        Some(1..) => return Ok(Vec::new()),
    };
    found(election, seen, "Set the lease duration of the program to whole seconds, 15 for example.")
}

pub(crate) fn long(election: &Election<'_>) -> Checked {
    let duration = election.lasts()?;
    if duration <= HOUR {
        return Ok(Vec::new());
    }
    let seen = format!("leaseDurationSeconds is {}", duration.as_secs());
    found(
        election,
        seen,
        "Set the lease duration of the program to how long the work may stand still after a crash, \
         15 s for example.",
    )
}

pub(crate) fn short(election: &Election<'_>) -> Checked {
    let (duration, latency) = (election.lasts()?, election.observed.latency);
    let is_slow = latency * PART >= duration;
    if duration >= SHORT || !(is_slow || duration <= SHORTEST) {
        return Ok(Vec::new());
    }
    let seen = format!(
        "leaseDurationSeconds is {}, and a request took {} ms here",
        duration.as_secs(),
        latency.as_millis()
    );
    found(
        election,
        seen,
        "Set the lease duration of the program to 15 s, its renew deadline to 10 s.",
    )
}

pub(crate) fn margin(election: &Election<'_>) -> Checked {
    let duration = election.lasts()?;
    election.is_led()?;
    // How long ago the last renewal was stored is known to the second.
    let silence = || Some(election.silence().ok()?.saturating_sub(Duration::from_secs(1)));
    let late = || silence().filter(|it| leaves_no_margin(*it, duration));
    let known = election.observed.cadence.or_else(late);
    let Some(cadence) = known else {
        let window = election.observed.window.as_secs();
        return Err(Because(format!(
            "fewer than two renewals were seen in {window} s: look longer with --observe"
        )));
    };
    if !leaves_no_margin(cadence, duration) {
        return Ok(Vec::new());
    }
    let seen = format!(
        "{:.1} s passed between two renewals, and it runs out {} s after one",
        cadence.as_secs_f64(),
        duration.as_secs()
    );
    found(
        election,
        seen,
        "Renew at least three times in the time of a lease: lower the retry period (or the renew \
         interval), or make the lease longer.",
    )
}

fn found(election: &Election<'_>, seen: String, fix: &str) -> Checked {
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

const HOUR: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_secs(1);
/// A renewal is a request or two, and has to be able to fail more than once.
const PART: u32 = 20;
