//! What is odd about a Lease that was looked at.

use std::time::Duration;

use super::report::Observation;
use crate::{
    hints,
    lease::Lease,
    library::{Author, Library, is_by_hand},
    observe::ahead,
    say,
    time::{TOLERATED, short},
    track::leaves_no_margin,
};

/// Returns all that is odd, each in words.
pub(super) fn all(observation: &Observation, author: &Author) -> Vec<String> {
    let lease = observation.lease();
    let mut odd = lease.odd.clone();
    if author.library == Library::Heartbeat {
        return odd;
    }
    odd.extend(silence(observation, &lease));
    odd.extend(overdue(observation, &lease));
    odd.extend(rhythm(observation, &lease));
    odd.extend(
        clock(observation).or_else(|| ahead(&lease, observation.time, observation.end_at())),
    );
    odd.extend(fields(&lease));
    odd.extend(by_hand(observation, &lease));
    odd.extend(observation.troubles.iter().map(|why| {
        format!("the API server was away meanwhile: {}", why.lines().next().unwrap_or_default())
    }));
    odd
}

fn silence(observation: &Observation, lease: &Lease) -> Option<String> {
    let holder = lease.holder.as_ref()?;
    let looked = observation.looked().filter(|_| observation.renewals() == 0)?;
    // While the server was away nobody looked.
    let over = lease.duration.is_some_and(|duration| looked >= duration)
        && observation.troubles.is_empty();
    let more = if over {
        ": its duration is over, and nobody has taken over, so either there is no candidate, or none can write the Lease"
    } else {
        ""
    };
    Some(format!("{holder} was not seen to renew within {}{more}", say::time(looked)))
}

fn overdue(observation: &Observation, lease: &Lease) -> Option<String> {
    let age = overdue_by_clocks(observation, lease)?;
    Some(format!(
        "renewTime is {} ago, and the duration is {}s: it has run out, unless the clock of {} is wrong",
        say::time(age),
        lease.duration?.as_secs(),
        lease.holder.as_deref()?
    ))
}

/// Returns how old the last renewal is, if it is older than the duration and no look shows more. A look that is shorter than
/// the duration shows nothing; clocks may.
pub(super) fn overdue_by_clocks(observation: &Observation, lease: &Lease) -> Option<Duration> {
    let duration = lease.duration.filter(|_| lease.holder.is_some())?;
    let renewed = lease.renewed.as_ref()?.at?;
    let age = Duration::try_from(observation.time.age(renewed, observation.end_at())).ok()?;
    let looked = observation.looked().unwrap_or_default();
    (observation.renewals() == 0 && looked < duration && age > duration).then_some(age)
}

fn rhythm(observation: &Observation, lease: &Lease) -> Vec<String> {
    let mut odd = Vec::new();
    let (Some(usual), Some(duration)) = (observation.cadence.median(), lease.duration) else {
        return odd;
    };
    if leaves_no_margin(usual, duration) {
        odd.push(format!(
            "it is renewed every {}, not more than twice per duration ({}s): one renewal that fails costs the leadership",
            say::time(usual),
            duration.as_secs()
        ));
    }
    if let Some((_, longest)) = observation.cadence.range()
        && longest > usual * 2
        && longest > usual + Duration::from_millis(500)
    {
        odd.push(format!(
            "renewals are irregular: usually every {}, once {} apart",
            say::time(usual),
            say::time(longest)
        ));
    }
    odd
}

/// The clock of the holder, by a renewal that was seen to arrive.
fn clock(observation: &Observation) -> Option<String> {
    let (seen, arrived) = observation.renewed();
    let lease = observation.lease();
    let renewed = lease.renewed.as_ref().and_then(|renewed| renewed.at).filter(|_| arrived)?;
    let behind = observation.time.age(renewed, seen);
    if behind.abs() <= TOLERATED {
        return None;
    }
    let side = if behind.is_negative() { "ahead of" } else { "behind" };
    Some(format!(
        "the clock of {} is {} {side} the API server's: candidates that compare times take over {}",
        lease.holder.as_deref().unwrap_or("its holder"),
        short(behind.abs()),
        if behind.is_negative() { "too late" } else { "too early" }
    ))
}

fn fields(lease: &Lease) -> Vec<String> {
    let mut odd = Vec::new();
    if lease.holder.is_some() {
        if lease.duration.is_none() {
            odd.push(
                "it is held and has no duration: some libraries take it at once, others never"
                    .into(),
            );
        }
        if lease.renewed.is_none() {
            odd.push("it is held and has no renewTime: libraries that compare times can't tell whether it has run out".into());
        }
        if lease.acquired.is_none() {
            odd.push("it has no acquireTime, so a new term of the same holder can't be told from a renewal".into());
        }
    }
    let at = |moment: &Option<crate::lease::Moment>| moment.as_ref().and_then(|moment| moment.at);
    if at(&lease.acquired)
        .zip(at(&lease.renewed))
        .is_some_and(|(acquired, renewed)| acquired > renewed)
    {
        odd.push("acquireTime is later than renewTime".into());
    }
    if lease.deleting.is_some() {
        odd.push(format!("it is being deleted{}", say::finalizers(", and", &lease.finalizers)));
    }
    if let Some(strategy) = &lease.strategy {
        odd.push(format!("strategy is {strategy}: the API server chooses the leader (coordinated leader election)"));
    }
    if let Some(preferred) = &lease.preferred_holder {
        odd.push(format!("preferredHolder is {preferred}: the leader is to give way"));
    }
    if let Some(wish) = hints::wish(lease) {
        odd.push(format!("{wish} is wished for as the leader, and that has not happened"));
    }
    odd
}

fn by_hand(observation: &Observation, lease: &Lease) -> Option<String> {
    if observation.renewals() > 0 {
        return None;
    }
    let manager = lease.renewer().filter(|manager| is_by_hand(&manager.name))?;
    Some(format!(
        "its record was written by hand, with {}: two may lead until the next renewal",
        manager.name
    ))
}
