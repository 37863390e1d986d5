//! How Leases are renewed while the doctor watches.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::super::facts::{Observed, Subject};
use crate::{
    api::{self, Change},
    failure::Failure,
    lease::Lease,
};

/// What was seen of each Lease, by namespace and name.
pub(super) struct Observation {
    seen: BTreeMap<(String, String), Seen>,
    window: Duration,
}

struct Seen {
    lease: Lease,
    renewals: u32,
    changes_of_holder: u32,
    renewed: Option<Instant>,
    cadence: Option<Duration>,
}

impl Observation {
    /// Watches until each Lease that is held was renewed twice, or this time is over. Without the right to watch,
    /// nothing is seen.
    pub(super) async fn make(
        api: &api::Cluster,
        namespace: Option<&str>,
        name: Option<&str>,
        window: Duration,
    ) -> Result<Self, Failure> {
        let mut observation = Self { seen: BTreeMap::new(), window: Duration::ZERO };
        let begun = Instant::now();
        let until = begun + window;
        let (listing, mut follow) = match api.follow(namespace, None, name).await {
            Ok(following) => following,
            Err(Failure::Denied(_)) if name.is_some() => return Ok(observation),
            Err(failure) => return Err(failure),
        };
        for lease in listing.items.into_iter().filter(|it| !it.is_heartbeat()) {
            observation.seen.insert(key(&lease.namespace, &lease.name), Seen::new(lease));
        }
        while !observation.is_enough() {
            match timeout_at(until, follow.next()).await {
                Err(_) | Ok(Err(Failure::Denied(_))) => break,
                Ok(Err(failure)) => return Err(failure),
                Ok(Ok(Change::Applied(lease))) => observation.take(*lease, Instant::now()),
                Ok(Ok(Change::Deleted(_) | Change::Away(_) | Change::Back)) => {}
            }
        }
        observation.window = begun.elapsed();
        Ok(observation)
    }

    pub(super) fn of(&self, lease: &Subject, now: Timestamp, latency: Duration) -> Observed {
        let seen = self.seen.get(&key(&lease.namespace, &lease.name));
        Observed {
            now,
            window: self.window,
            renewals: seen.map_or(0, |it| it.renewals),
            changes_of_holder: seen.map_or(0, |it| it.changes_of_holder),
            cadence: seen.and_then(|it| it.cadence),
            latency,
        }
    }

    fn is_enough(&self) -> bool {
        self.seen.values().all(|it| it.lease.holder.is_none() || it.cadence.is_some())
    }

    fn take(&mut self, lease: Lease, now: Instant) {
        let Some(seen) = self.seen.get_mut(&key(&lease.namespace, &lease.name)) else {
            return;
        };
        if lease.holder != seen.lease.holder {
            seen.changes_of_holder += 1;
            (seen.renewals, seen.renewed, seen.cadence) = (0, None, None);
        } else if !lease.same_record(&seen.lease) {
            if let Some(before) = seen.renewed.replace(now) {
                let between = now.duration_since(before);
                seen.cadence = Some(seen.cadence.map_or(between, |known| known.max(between)));
            }
            seen.renewals += 1;
        }
        seen.lease = lease;
    }
}

impl Seen {
    fn new(lease: Lease) -> Self {
        Self { lease, renewals: 0, changes_of_holder: 0, renewed: None, cadence: None }
    }
}

fn key(namespace: &str, name: &str) -> (String, String) {
    (namespace.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lease(holder: &str, renewed: u32) -> Lease {
        let renewed = format!("2026-11-27T10:00:{renewed:02}.000000Z");
        Lease::read(&json!({
            "metadata": { "namespace": "shop", "name": "orders" },
            "spec": { "holderIdentity": holder, "leaseDurationSeconds": 15, "renewTime": renewed },
        }))
    }

    /// Returns what is seen if these come after a first one, each so many seconds after the start.
    fn observed(writes: &[(&str, u32)]) -> (bool, Observed) {
        let seen = [(key("shop", "orders"), Seen::new(lease("a", 0)))].into();
        let mut observation = Observation { seen, window: Duration::ZERO };
        let start = Instant::now();
        for (holder, at) in writes {
            let passed = Duration::from_secs(u64::from(*at));
            observation.take(lease(holder, *at), start + passed);
        }
        let subject =
            Subject { namespace: "shop".into(), name: "orders".into(), ..Subject::default() };
        let observed = observation.of(&subject, Timestamp::UNIX_EPOCH, Duration::ZERO);
        (observation.is_enough(), observed)
    }

    #[test]
    fn the_cadence_is_the_longest_time_between_renewals() {
        let (enough, seen) = observed(&[("a", 3), ("a", 5), ("a", 9), ("a", 11)]);
        assert_eq!((enough, seen.renewals, seen.changes_of_holder), (true, 4, 0));
        assert_eq!(seen.cadence, Some(Duration::from_secs(4)));
    }

    #[test]
    fn one_renewal_tells_no_cadence() {
        let (enough, seen) = observed(&[("a", 3)]);
        assert_eq!((enough, seen.renewals, seen.cadence), (false, 1, None));
    }

    #[test]
    fn a_takeover_is_no_renewal_and_what_is_written_twice_is_one_write() {
        let (enough, seen) = observed(&[("a", 3), ("b", 5), ("b", 5), ("b", 7)]);
        assert_eq!((enough, seen.renewals, seen.changes_of_holder), (false, 1, 1));
    }
}
