//! What the durations of a Lease promise, for the library that wrote it.

use std::time::Duration;

use kunobi_ha_core::{Timing, TimingConfig};
use serde_json::{Value, json};

use super::{odd::overdue_by_clocks, report::Observation};
use crate::{
    library::{Author, Library},
    say,
};

/// What is known of the time after the leader.
#[derive(Clone, Debug, Default)]
pub(super) struct Promises {
    pub(super) list: Vec<Promise>,
    /// Which errors of clocks are tolerated.
    pub(super) clocks: Option<String>,
    /// What can't be known from the Lease.
    pub(super) unknown: Vec<String>,
    /// Why nothing is promised.
    none: Option<String>,
    /// By clocks the leader is dead already.
    overdue: bool,
}

/// When the next leader can begin.
#[derive(Clone, Debug)]
pub(super) struct Promise {
    followers: &'static str,
    earliest: Duration,
    latest: Option<Duration>,
    /// How many requests come on top.
    requests: u32,
}

/// What is known of the leader.
#[derive(Clone, Copy)]
struct Known {
    duration: Duration,
    retry: Option<Duration>,
    /// How long ago the last renewal was seen.
    quiet: Duration,
}

impl Promises {
    pub(super) fn of(observation: &Observation, author: &Author) -> Self {
        let lease = observation.lease();
        let none = |why: &str| Self { none: Some(why.into()), ..Self::default() };
        if author.library == Library::Heartbeat {
            return none("nobody is elected with this Lease, so nobody takes over");
        }
        if lease.holder.is_none() {
            return none("nobody holds it: a candidate takes it at its next look");
        }
        let Some(duration) = lease.duration else {
            return none("the Lease has no duration that can be read, so nothing is promised");
        };
        let quiet = observation.end_at().saturating_duration_since(observation.renewed().0);
        if quiet >= duration {
            return none(
                "its duration is over: candidates take it at their next look, if there are any",
            );
        }
        let known = Known { duration, retry: observation.cadence.median(), quiet };
        let promises = match author.library {
            Library::KunobiHa => ours(known),
            Library::ClientGo => client_go(known),
            Library::Kubert
            | Library::KubeLeaseManager
            | Library::KubeLeaderElection
            | Library::KunobiHa06 => by_wall_clock(known),
            Library::Applied | Library::Unknown | Library::Heartbeat => unknown(known),
        };
        Self { overdue: overdue_by_clocks(observation, &lease).is_some(), ..promises }
    }

    /// Returns what the lines for people are about.
    pub(super) const fn title(&self) -> &'static str {
        match (&self.none, self.overdue) {
            (Some(_), _) => "What follows",
            (None, true) => "If the leader is alive, and dies now",
            (None, false) => "If the leader dies now",
        }
    }

    /// Returns the lines for people.
    pub(super) fn after_death(&self) -> Vec<String> {
        let promises = self.list.iter().map(Promise::line);
        self.none.clone().into_iter().chain(promises).chain(self.clocks.clone()).collect()
    }
}

impl Promise {
    fn line(&self) -> String {
        let Self { followers, earliest, latest, requests } = self;
        let time = match latest {
            None => format!("after {} at the earliest", say::time(*earliest)),
            Some(latest) if latest == earliest => format!("in {}", say::time(*latest)),
            Some(latest) => format!("in {} to {}", say::time(*earliest), say::time(*latest)),
        };
        let word = if *requests == 1 { "request" } else { "requests" };
        format!("{followers}: the next leader {time}, and {requests} {word}")
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "followers": self.followers,
            "earliestSeconds": self.earliest.as_secs_f64(),
            "latestSeconds": self.latest.map(|latest| latest.as_secs_f64()),
            "requests": self.requests,
        })
    }
}

impl Known {
    /// From now to that long after the last renewal.
    const fn left(self, of: Duration) -> Duration {
        of.saturating_sub(self.quiet)
    }
}

/// The bounds are those of the library itself.
fn ours(known: Known) -> Promises {
    let defaults = TimingConfig::default();
    let mut config = TimingConfig::default();
    config.lease_duration = known.duration;
    let deadline = config.renew_deadline;
    let timing = Timing::new(config).map(|timing| timing.bounds());
    // As the leader renews, the others read.
    let retry = known.retry.unwrap_or(defaults.retry_period);
    let earliest = known.left(known.duration);
    let list = vec![
        Promise {
            followers: "followers that watch",
            earliest,
            latest: Some(earliest),
            requests: 2,
        },
        Promise {
            followers: "followers that poll",
            earliest,
            latest: Some(known.left(known.duration + retry)),
            requests: 3,
        },
    ];
    let clocks = match timing {
        Ok(bounds) => {
            let percent = f64::from(bounds.clock_rate_ppm) / 10_000.0;
            format!(
                "clocks may run too fast or too slow by {percent:.1} %, if renew_deadline is the default of {}s; what time they show does not matter",
                deadline.as_secs()
            )
        }
        Err(_) => format!(
            "by how much clocks may run wrong is not known: the Lease lasts no longer than the default renew_deadline of {}s, so that another one is set",
            deadline.as_secs()
        ),
    };
    let taken = match known.retry {
        Some(_) => "how often the leader renews".into(),
        None => format!("the default retry_period of {}s", retry.as_secs()),
    };
    let followers =
        format!("whether followers watch or poll; how often they poll is taken to be {taken}");
    let unknown = [
        &followers,
        "whether there are followers at all",
        "renew_deadline: how long the leader believes in itself without a renewal",
        "whether death certificates are on: with them, a crash of the process costs about 2s",
    ];
    Promises {
        list,
        clocks: Some(clocks),
        unknown: unknown.map(Into::into).into(),
        ..Promises::default()
    }
}

/// client-go's followers read every 1 to 2.2 retry periods, and take over at the second look after the duration.
fn client_go(known: Known) -> Promises {
    let earliest = known.left(known.duration);
    let latest = known.retry.map(|retry| known.left(known.duration + retry.mul_f64(2.0 * 2.2)));
    let list = vec![Promise { followers: "followers, which poll", earliest, latest, requests: 2 }];
    let unknown = [
        "RenewDeadline: how long the leader goes on without a renewal, and with it what clocks may run wrong",
        match known.retry {
            Some(_) => {
                "RetryPeriod of the followers; it is taken to be how often the leader renews"
            }
            None => "RetryPeriod of the followers",
        },
        "whether there are followers at all",
    ];
    let clocks = Some("what time clocks show does not matter".into());
    Promises { list, clocks, unknown: unknown.map(Into::into).into(), ..Promises::default() }
}

/// These compare renewTime with the clock of their own machine.
fn by_wall_clock(known: Known) -> Promises {
    let earliest = known.left(known.duration);
    let list = vec![Promise {
        followers: "followers whose clocks agree with the leader's",
        earliest,
        latest: None,
        requests: 1,
    }];
    let clocks = known.retry.map(|retry| {
        format!(
            "followers compare renewTime with their own clock: one that is ahead by more than {} can take over from a leader that is alive",
            say::time(known.duration.saturating_sub(retry))
        )
    });
    let unknown = ["when followers look", "whether there are followers at all"];
    Promises { list, clocks, unknown: unknown.map(Into::into).into(), ..Promises::default() }
}

fn unknown(known: Known) -> Promises {
    let earliest = known.left(known.duration);
    let list = vec![Promise {
        followers: "if followers measure time as client-go does",
        earliest,
        latest: None,
        requests: 1,
    }];
    let unknown = [
        "which library the candidates use, and with it how they count the duration",
        "whether there are followers at all",
    ];
    Promises { list, clocks: None, unknown: unknown.map(Into::into).into(), ..Promises::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_that_the_library_computes() {
        let config = TimingConfig::default();
        let (duration, retry) = (config.lease_duration, config.retry_period);
        let bounds = Timing::new(config).unwrap().bounds();
        let promises = ours(Known { duration, retry: Some(retry), quiet: Duration::ZERO });
        let told: Vec<_> = promises.list.iter().map(|it| (it.latest, it.requests)).collect();
        let computed = [bounds.crash_watching, bounds.crash_polling];
        assert_eq!(told, computed.map(|bound| (Some(bound.duration), bound.requests)));
        assert!(promises.clocks.unwrap().contains("20.0 %"));
        // A second after the renewal, a second less is left.
        let later = ours(Known { duration, retry: Some(retry), quiet: Duration::from_secs(1) });
        assert_eq!(later.list[0].earliest + Duration::from_secs(1), duration);
    }

    #[test]
    fn the_default_deadline_says_nothing_of_a_lease_that_is_shorter() {
        let promises =
            ours(Known { duration: Duration::from_secs(10), retry: None, quiet: Duration::ZERO });
        assert!(promises.clocks.unwrap().contains("is not known"));
    }
}
