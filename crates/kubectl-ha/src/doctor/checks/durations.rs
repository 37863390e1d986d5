//! Whether the duration of the lease can work.

use std::time::Duration;

use super::super::{
    election::{Election, Holder},
    facts::Because,
    finding::{Checked, Seen},
    pods,
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
    let lasts = duration.as_secs();
    let seen = match (election.observed.cadence, late(election, duration)) {
        (Some(cadence), _) if !leaves_no_margin(cadence, duration) => return Ok(Vec::new()),
        (Some(cadence), _) => format!(
            "{:.1} s passed between two renewals, and it runs out {lasts} s after one",
            cadence.as_secs_f64()
        ),
        (None, Some(silence)) => format!(
            "its holder has not renewed for {} s, and it runs out {lasts} s after a renewal",
            silence.as_secs()
        ),
        (None, None) => {
            let window = election.observed.window.as_secs();
            return Err(Because::of(format!(
                "fewer than two renewals were seen in {window} s: look longer with --observe"
            )));
        }
    };
    found(
        election,
        seen,
        "Renew at least three times in the time of a lease: lower the retry period (or the renew \
         interval), or make the lease longer.",
    )
}

/// How long a holder that lives has not renewed, if that is too long; of one that may be dead it says nothing.
fn late(election: &Election<'_>, duration: Duration) -> Option<Duration> {
    match election.holder().ok()? {
        Holder::Nobody | Holder::Unknown(_) => return None,
        Holder::Pod(pod) if pods::has_ended(pod) => return None,
        Holder::Pod(_) | Holder::Node(_) | Holder::OnNode(_) => {}
    }
    // When the last renewal was stored is known to the second.
    let silence = election.silence().ok()?.saturating_sub(Duration::from_secs(1));
    leaves_no_margin(silence, duration).then_some(silence)
}

fn found(election: &Election<'_>, seen: String, fix: &str) -> Checked {
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

const HOUR: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_secs(1);
/// A renewal is a request or two, and has to be able to fail more than once.
const PART: u32 = 20;
