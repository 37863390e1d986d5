//! Pods that exist only as numbers.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Pace, later};

/// A pod, which is not stored anywhere.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    /// The template that it was made from.
    pub(super) revision: String,
    /// When it is ready, or ends; none: never.
    pub(super) ready: Option<Timestamp>,
    /// Of a `DaemonSet`: where it is.
    pub(super) node: String,
}

/// The pods of an object, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Pods(pub(super) Vec<Pod>);

/// When pods are ready, and available.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) now: Timestamp,
    /// How long pods of the current template take; none: for ever.
    pub(super) after: Option<SignedDuration>,
    pub(super) min_ready: SignedDuration,
}

impl Clock {
    pub(super) fn new(now: Timestamp, pace: &Pace, is_never: bool, min_ready: i64) -> Self {
        let after = (!is_never && pace.after != SignedDuration::MAX).then_some(pace.after);
        Self { now, after, min_ready: SignedDuration::from_secs(min_ready) }
    }

    /// For pods that go on running: one that fails never becomes ready.
    pub(super) fn of_running(object: &Value, pace: &Pace, now: Timestamp, min_ready: i64) -> Self {
        Self::new(now, pace, pace.is_never(object) || pace.is_failure(object), min_ready)
    }

    fn ready(&self) -> Option<Timestamp> {
        self.after.map(|after| later(self.now, after))
    }
}

impl Pod {
    pub(super) fn new(revision: &str, clock: &Clock) -> Self {
        Self { revision: revision.into(), ready: clock.ready(), node: String::new() }
    }

    pub(super) fn is_ready(&self, clock: &Clock) -> bool {
        self.ready.is_some_and(|ready| clock.now >= ready)
    }

    pub(super) fn is_available(&self, clock: &Clock) -> bool {
        self.ready.is_some_and(|ready| clock.now >= later(ready, clock.min_ready))
    }

    fn review(&mut self, clock: &Clock) {
        if clock.after.is_none() {
            if !self.is_ready(clock) {
                self.ready = None;
            }
        } else if self.ready.is_none() {
            self.ready = clock.ready();
        }
    }
}

impl Pods {
    pub(super) fn len(&self) -> i64 {
        count(self.0.iter())
    }

    pub(super) fn of(&self, revision: &str) -> i64 {
        count(self.0.iter().filter(|pod| pod.revision == revision))
    }

    pub(super) fn ready(&self, clock: &Clock) -> i64 {
        count(self.0.iter().filter(|pod| pod.is_ready(clock)))
    }

    pub(super) fn available(&self, clock: &Clock) -> i64 {
        count(self.0.iter().filter(|pod| pod.is_available(clock)))
    }

    pub(super) fn unavailable_of(&self, revision: &str, clock: &Clock) -> i64 {
        count(self.0.iter().filter(|pod| pod.revision == revision && !pod.is_available(clock)))
    }

    /// Makes so many pods, or as many as there is room for.
    pub(super) fn make(&mut self, number: i64, revision: &str, clock: &Clock) {
        let room = i64::try_from(MOST.saturating_sub(self.0.len())).unwrap_or_default();
        let number = number.min(room);
        self.0.extend((0..number).map(|_| Pod::new(revision, clock)));
    }

    /// Takes account of a condition that has begun or ceased to hold for pods of this template.
    pub(super) fn review(&mut self, revision: &str, clock: &Clock) {
        let meant = self.0.iter_mut().filter(|pod| pod.revision == revision);
        meant.for_each(|pod| pod.review(clock));
    }

    /// Removes so many of the pods that are meant at most, the oldest first, and returns how many.
    pub(super) fn remove(&mut self, number: i64, is_meant: impl Fn(&Pod) -> bool) -> i64 {
        let before = self.len();
        let mut left = number;
        self.0.retain(|pod| {
            let goes = left > 0 && is_meant(pod);
            left -= i64::from(goes);
            !goes
        });
        before - self.len()
    }

    /// Brings the pods of a template to a number; those that are not ready go first.
    pub(super) fn scale(&mut self, number: i64, revision: &str, clock: &Clock) {
        let surplus = self.of(revision) - number;
        self.make(-surplus, revision, clock);
        let unready = |pod: &Pod| pod.revision == revision && !pod.is_ready(clock);
        let removed = self.remove(surplus, unready);
        self.remove(surplus - removed, |pod| pod.revision == revision);
    }

    /// When the next pod becomes ready or available.
    pub(super) fn next(&self, clock: &Clock) -> Option<Timestamp> {
        let ready = self.0.iter().filter_map(|pod| pod.ready);
        let times = ready.flat_map(|ready| [ready, later(ready, clock.min_ready)]);
        times.filter(|time| *time > clock.now).min()
    }
}

/// More than a test needs, and less than the memory of its machine.
pub(super) const MOST: usize = 10_000;

fn count<'a>(pods: impl Iterator<Item = &'a Pod>) -> i64 {
    i64::try_from(pods.count()).unwrap_or(i64::MAX)
}
