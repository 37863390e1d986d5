//! How Leases are renewed while the doctor watches.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::super::facts::{Observed, Subject};
use crate::{
    api::{self, Change},
    failure::Failure,
    lease::Lease,
    track::Track,
};

/// What was seen of each Lease, by namespace and name.
pub(super) struct Observation {
    seen: BTreeMap<(String, String), Seen>,
    watch: Watch,
}

struct Seen {
    /// Since the last leader was first seen.
    track: Track,
    counts: Counts,
}

/// What happened to a record.
#[derive(Clone, Default)]
struct Counts {
    holder: Option<String>,
    renewed: Option<Timestamp>,
    /// Who held it last.
    leader: Option<String>,
    writes: u32,
    changes_of_leader: u32,
    beats: bool,
}

/// For how long the server told what changed.
#[derive(Default)]
struct Watch {
    looked: Duration,
    /// Since when it tells, if it does.
    since: Option<Instant>,
}

impl Observation {
    /// Watches until the leader of each Lease has renewed twice, or this time is over. Without the right to watch,
    /// nothing is seen.
    pub(super) async fn make(
        api: &api::Cluster,
        namespace: Option<&str>,
        name: Option<&str>,
        window: Duration,
    ) -> Result<Self, Failure> {
        let mut observation = Self { seen: BTreeMap::new(), watch: Watch::default() };
        let begun = Instant::now();
        let until = begun + window;
        let (listing, mut follow) = match api.follow(namespace, None, name).await {
            Ok(following) => following,
            Err(Failure::Denied(_)) if name.is_some() => return Ok(observation),
            Err(failure) => return Err(failure),
        };
        observation.watch.begin(begun);
        for lease in listing.items.into_iter().filter(|it| !it.is_heartbeat()) {
            observation.seen.insert(lease.key(), Seen::new(lease, Instant::now()));
        }
        while !observation.is_enough() {
            match timeout_at(until, follow.next()).await {
                Err(_) | Ok(Err(Failure::Denied(_))) => break,
                Ok(Err(failure)) => return Err(failure),
                Ok(Ok(change)) => observation.take(change, Instant::now()),
            }
        }
        observation.watch.end(Instant::now());
        Ok(observation)
    }

    /// Returns what was seen of a Lease that was read after the watch. One that was not there before was not watched.
    pub(super) fn of(&self, lease: &Subject, now: Timestamp, latency: Duration) -> Observed {
        let seen = self.seen.get(&(lease.namespace.clone(), lease.name.clone()));
        let mut counts = seen.map(|it| it.counts.clone()).unwrap_or_default();
        let is_same_leader = seen.is_some() && !counts.take(lease.holder.as_ref(), lease.renewed);
        let cadence = seen.and_then(|it| it.track.cadence().median());
        Observed {
            now,
            window: seen.map_or(Duration::ZERO, |_| self.watch.looked),
            writes: counts.writes,
            changes_of_leader: counts.changes_of_leader,
            cadence: cadence.filter(|_| is_same_leader),
            beats: counts.beats,
            latency,
        }
    }

    fn is_enough(&self) -> bool {
        let is_known = |it: &Seen| it.track.cadence().median().is_some();
        // One that was released is soon taken by another leader.
        self.seen.values().all(|it| it.counts.leader.is_none() || is_known(it))
    }

    fn take(&mut self, change: Change, now: Instant) {
        match change {
            Change::Applied(lease) => {
                if let Some(seen) = self.seen.get_mut(&lease.key()) {
                    seen.take(*lease, now);
                }
            }
            Change::Deleted(_) => {}
            Change::Away(_) => {
                self.watch.end(now);
                self.seen.values_mut().for_each(|it| it.track.looks_away());
            }
            Change::Back => {
                self.watch.begin(now);
                self.seen.values_mut().for_each(|it| it.track.looks_again(now));
            }
        }
    }
}

impl Seen {
    fn new(lease: Lease, now: Instant) -> Self {
        let (holder, renewed) = (lease.holder.clone(), renewed(&lease));
        let counts = Counts { leader: holder.clone(), holder, renewed, ..Counts::default() };
        Self { track: Track::begin(Some(lease), now), counts }
    }

    fn take(&mut self, lease: Lease, now: Instant) {
        if self.track.lease().is_some_and(|seen| !lease.is_newer_than(seen)) {
            return;
        }
        if self.counts.take(lease.holder.as_ref(), renewed(&lease)) {
            self.track = Track::begin(Some(lease), now);
        } else {
            self.track.saw(lease, now);
        }
    }
}

impl Counts {
    /// Takes a record that is seen now, and says whether another one leads since then. A handover is a release and a
    /// takeover, and one change.
    fn take(&mut self, holder: Option<&String>, renewed: Option<Timestamp>) -> bool {
        let is_renewed = renewed != self.renewed;
        self.writes += u32::from(is_renewed || holder != self.holder.as_ref());
        self.beats |= is_renewed && holder.is_none() && self.holder.is_none();
        let is_another = holder.is_some() && holder != self.leader.as_ref();
        self.changes_of_leader += u32::from(is_another && self.leader.is_some());
        if is_another {
            self.leader = holder.cloned();
        }
        (self.holder, self.renewed) = (holder.cloned(), renewed);
        is_another
    }
}

impl Watch {
    fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    fn end(&mut self, now: Instant) {
        let since = self.since.take();
        self.looked += since.map(|it| now.saturating_duration_since(it)).unwrap_or_default();
    }
}

fn renewed(lease: &Lease) -> Option<Timestamp> {
    lease.renewed.as_ref()?.at
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

    /// A watch that began with a Lease that `a` holds.
    struct Look {
        observation: Observation,
        start: Instant,
    }

    impl Look {
        fn begin(holder: &str) -> Self {
            let start = Instant::now();
            let seen = [(lease(holder, 0).key(), Seen::new(lease(holder, 0), start))].into();
            let mut observation = Observation { seen, watch: Watch::default() };
            observation.watch.begin(start);
            Self { observation, start }
        }

        /// Takes what is seen so many milliseconds after the start.
        fn take(&mut self, change: Change, at: u32) {
            let passed = Duration::from_millis(u64::from(at));
            self.observation.take(change, self.start + passed);
        }

        fn writes(mut self, writes: &[(&str, u32)]) -> Self {
            for (holder, at) in writes {
                self.take(Change::Applied(Box::new(lease(holder, *at))), *at * 1000);
            }
            self
        }

        /// Ends so many seconds after the start. The Lease that is read then has this holder and was renewed then.
        fn end(mut self, at: u32, holder: &str, renewed: u32) -> Observed {
            let passed = Duration::from_secs(u64::from(at));
            self.observation.watch.end(self.start + passed);
            let read = lease(holder, renewed);
            let subject = Subject {
                namespace: read.namespace,
                name: read.name,
                holder: read.holder,
                renewed: read.renewed.and_then(|it| it.at),
                ..Subject::default()
            };
            self.observation.of(&subject, Timestamp::UNIX_EPOCH, Duration::ZERO)
        }
    }

    #[test]
    fn the_cadence_is_the_middle_of_the_times_between_renewals() {
        let look = Look::begin("a").writes(&[("a", 3), ("a", 5), ("a", 9), ("a", 11)]);
        assert!(look.observation.is_enough());
        let seen = look.end(12, "a", 11);
        assert_eq!((seen.writes, seen.changes_of_leader), (4, 0));
        assert_eq!(seen.cadence, Some(Duration::from_secs(2)));
    }

    #[test]
    fn one_renewal_tells_no_cadence() {
        let look = Look::begin("a").writes(&[("a", 3)]);
        assert!(!look.observation.is_enough());
        let seen = look.end(4, "a", 3);
        assert_eq!((seen.writes, seen.cadence), (1, None));
    }

    #[test]
    fn the_second_write_of_a_renewal_is_no_other_renewal() {
        let mut look = Look::begin("a");
        for (renewed, at) in [(1, 1_000), (2, 1_020), (15, 15_000), (16, 15_020)] {
            look.take(Change::Applied(Box::new(lease("a", renewed))), at);
            assert_eq!(look.observation.is_enough(), at >= 15_000, "{at}");
        }
        let cadence = look.end(16, "a", 16).cadence;
        assert_eq!(cadence, Some(Duration::from_millis(13_980)));
    }

    #[test]
    fn a_handover_is_one_change_of_the_leader() {
        let look = Look::begin("a").writes(&[("", 3), ("b", 4), ("b", 4), ("b", 6)]);
        assert!(!look.observation.is_enough(), "one renewal of the new leader");
        let seen = look.end(7, "b", 6);
        assert_eq!((seen.writes, seen.changes_of_leader, seen.cadence), (3, 1, None));
        let back = Look::begin("a").writes(&[("", 3), ("a", 4)]).end(5, "a", 4);
        assert_eq!((back.writes, back.changes_of_leader), (2, 0));
        let often = Look::begin("").writes(&[("a", 3), ("b", 4)]).end(5, "a", 5);
        assert_eq!((often.writes, often.changes_of_leader), (3, 2));
    }

    #[test]
    fn a_renewal_that_the_watch_did_not_show_is_one() {
        let seen = Look::begin("a").end(6, "a", 5);
        assert!(!seen.is_silent());
        assert_eq!(seen.window, Duration::from_secs(6));
        let taken = Look::begin("a").writes(&[("a", 1), ("a", 3)]).end(6, "b", 5);
        assert_eq!((taken.changes_of_leader, taken.cadence), (1, None));
        assert!(Look::begin("a").end(6, "a", 0).is_silent());
    }

    #[test]
    fn the_time_in_which_the_server_does_not_tell_is_not_watched() {
        let mut look = Look::begin("a");
        for at in [2_000, 4_000, 9_000] {
            look.take(Change::Away("it does not answer".into()), at);
        }
        look.take(Change::Back, 10_000);
        look.take(Change::Applied(Box::new(lease("a", 11))), 11_000);
        let seen = look.end(13, "a", 11);
        assert_eq!((seen.window, seen.cadence), (Duration::from_secs(5), None));
    }

    #[test]
    fn a_lease_that_was_not_there_was_not_watched() {
        let mut look = Look::begin("a");
        look.observation.seen.clear();
        let seen = look.end(6, "b", 5);
        assert_eq!((seen.window, seen.changes_of_leader), (Duration::ZERO, 0));
    }

    #[test]
    fn a_lease_that_is_renewed_and_never_held_beats() {
        assert!(Look::begin("").writes(&[("", 3)]).end(6, "", 3).beats);
        assert!(Look::begin("").end(6, "", 3).beats);
        assert!(!Look::begin("a").writes(&[("", 3)]).end(6, "", 3).beats, "a release");
    }
}
