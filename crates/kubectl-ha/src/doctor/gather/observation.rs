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
