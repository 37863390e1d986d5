//! Whether the duration of the lease can work.

use std::time::Duration;

use super::super::{
    election::{Election, Record},
    facts::Because,
    finding::{Checked, Seen},
};

pub(crate) fn invalid(election: &Election<'_>) -> Checked {
    let seen = match election.lease.duration_seconds {
        _ if election.lease.holder.is_none() => return Ok(Vec::new()),
        None => "it is held, and says no leaseDurationSeconds".to_owned(),
        Some(seconds @ ..=0) => format!("leaseDurationSeconds is {seconds}"),
        Some(1..) => return Ok(Vec::new()),
    };
    found(election, seen, "Set the lease duration of the program to whole seconds, 15 for example.")
}

pub(crate) fn long(election: &Election<'_>) -> Checked {
    let duration = election.duration();
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
    let (duration, latency) = (election.duration(), election.observed.latency);
    let is_slow = latency * PART >= duration;
    let is_held = election.lease.holder.is_some() && !duration.is_zero();
    if !is_held || duration >= SHORT || !(is_slow || duration <= SHORTEST) {
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
    let duration = election.duration();
    if election.record() != Record::Live || duration.is_zero() {
        return Ok(Vec::new());
    }
    // How long ago the last renewal was stored is known to the second.
    let silence = election.silence().saturating_sub(Duration::from_secs(1));
    let known = election.observed.cadence.or_else(|| Some(silence).filter(|it| *it * 3 > duration));
    let Some(cadence) = known else {
        let window = election.observed.window.as_secs();
        return Err(Because(format!(
            "fewer than two renewals were seen in {window} s: look longer with --for"
        )));
    };
    if cadence * 3 <= duration {
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
