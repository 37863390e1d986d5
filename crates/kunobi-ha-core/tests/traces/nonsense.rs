//! One elector that is told anything, in any order: what no server would say, too.

use std::{num::NonZeroU64, time::Duration};

use kunobi_ha_core::{
    Attempt, ClockReading, Elector, Input, Instant, Lease, LeaseRecord, LeaseTime, Observed,
    Outcome, Refusal, Request, Timestamp, Timing, TimingConfig, Uid, Version,
};

use super::tape::USUAL_DIGITS;
use crate::simulation::{
    listener::{Call, Listener, Start},
    rng::Rng,
};

#[derive(Debug)]
struct Teller {
    rng: Rng,
    newest: u64,
    sent: Vec<Attempt>,
}

/// Tells an elector some dozens of things.
pub(crate) fn tell(seed: u64, listener: &mut dyn Listener) {
    let mut teller = Teller { rng: Rng::new(seed), newest: 1, sent: Vec::new() };
    let rng = &mut teller.rng;
    let config = TimingConfig::default()
        .create_grace(Duration::from_secs(rng.pick(&[0, 0, 15])))
        .observe_timeout(Duration::from_secs(40))
        .renew_request_timeout(rng.pick(&[None, None, Some(Duration::from_secs(1))]));
    let seed = rng.next();
    listener.started(&Start { replica: 0, identity: "me", config: &config, seed });
    let mut elector = Elector::new("me", Timing::new(config).unwrap(), seed).unwrap();
    let mut now = 100 * SECOND;
    let (mut wake, mut digits) = (None, 0);
    for place in 0..teller.rng.between(10, 60) {
        let rng = &mut teller.rng;
        let in_time = wake.filter(|wake| *wake >= now && rng.chance(300));
        let after = rng.pick(&[SECOND / 20, SECOND / 20, 3 * SECOND, 20 * SECOND]);
        let after = rng.below(after);
        now = match in_time {
            Some(wake) => wake,
            None if rng.chance(10) => now - after,
            None => now + after,
        };
        let wall = match rng.below(20) {
            0 => rng.pick(&[i64::MIN, -1, 0, i64::MAX]),
            1 => i64::try_from(rng.below(1 << 52)).unwrap(),
            _ => NOW + i64::try_from(now / 1000).unwrap(),
        };
        digits = (digits + USUAL_DIGITS) % 1_000_000;
        let input = match (place, in_time) {
            (0, _) => Input::Acquire,
            (_, Some(_)) => Input::Wake,
            (_, None) => teller.input(),
        };
        let reading = ClockReading::new(Instant::from_nanos(now), wall, digits);
        let step = elector.handle(reading, input.clone());
        let (input, step) = (&input, &step);
        let (replica, elector) = (0, &elector);
        listener.called(now, &Call { replica, now, wall, digits, input, step, elector });
        teller.sent.extend(step.send.clone());
        wake = step.wake_at.map(Instant::as_nanos);
    }
}

impl Teller {
    fn input(&mut self) -> Input {
        match self.rng.below(25) {
            0 | 1 => Input::Acquire,
            2 => Input::StepDown,
            3 if self.rng.chance(300) => Input::Stop,
            3 | 4 => Input::Wake,
            5 => Input::Observed(Observed::Deleted),
            6..=8 => {
                let (version, record) = self.shown();
                Input::Observed(Observed::Found(Lease::new(version, record)))
            }
            9 => self.death(),
            _ => {
                let back = self.rng.pick(&[0, 0, 0, 0, 0, 1, 2]);
                match self.sent.iter().rev().nth(back).cloned() {
                    Some(attempt) => {
                        let outcome = self.outcome(&attempt.request);
                        Input::Answered { attempt: attempt.id, outcome }
                    }
                    None => Input::Acquire,
                }
            }
        }
    }

    /// Of somebody else, of somebody of our name, or of a term that we have bid for.
    fn death(&mut self) -> Input {
        let rng = &mut self.rng;
        let holder = rng.pick(&["me", "another", "another", "a third"]);
        let back = usize::try_from(rng.below(3)).unwrap();
        let mut bids = self.sent.iter().rev().filter_map(|sent| match &sent.request {
            Request::Read => None,
            Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
        });
        let acquire_time = match bids.nth(back).map(|record| &record.acquire_time) {
            Some(LeaseTime::At(time)) if holder == "me" && rng.chance(500) => *time,
            Some(_) | None => Timestamp::from_unix_micros(1),
        };
        Input::HolderDied { holder: holder.into(), acquire_time }
    }

    fn outcome(&mut self, request: &Request) -> Outcome {
        let seconds = self.rng.pick(&[None, None, Some(1), Some(7), Some(60)]);
        let retry_after = seconds.map(Duration::from_secs);
        match self.rng.below(28) {
            0..=9 => self.applied(request),
            10..=14 => {
                let (version, record) = self.shown();
                Outcome::Found(Lease::new(version, record))
            }
            15..=18 => Outcome::Absent,
            19 => {
                let (version, record) = self.shown();
                Outcome::Written {
                    lease: Lease::new(version, record),
                    created: self.rng.chance(500),
                }
            }
            20 | 21 => Outcome::Conflict,
            22 => Outcome::MethodNotAllowed,
            23 | 24 => Outcome::Refused(self.rng.pick(&[
                Refusal::Forbidden,
                Refusal::Invalid,
                Refusal::NamespaceMissing,
                Refusal::NotALease,
                Refusal::Unauthorized,
            ])),
            25 => Outcome::Rejected { retry_after },
            _ => Outcome::Unknown { retry_after },
        }
    }

    /// What a server says that does what it was asked to.
    fn applied(&mut self, request: &Request) -> Outcome {
        let overwrites = self.rng.chance(30);
        match request {
            Request::Read => {
                let (version, record) = self.shown();
                Outcome::Found(Lease::new(version, record))
            }
            Request::Create { record, .. } => {
                let (version, record) = (self.version(), record.clone());
                Outcome::Written { lease: Lease::new(version, record), created: !overwrites }
            }
            Request::Update { version, record } => {
                let uid = version.uid.clone();
                let next = if overwrites { version.clone() } else { self.version() };
                let version = Version { uid, resource_version: next.resource_version };
                Outcome::Written { lease: Lease::new(version, record.clone()), created: false }
            }
        }
    }

    fn shown(&mut self) -> (Version, LeaseRecord) {
        (self.version(), self.record())
    }

    fn version(&mut self) -> Version {
        let uid = if self.rng.chance(30) { "another" } else { "one" };
        let older = if self.rng.chance(50) { self.rng.below(5) } else { 0 };
        self.newest += self.rng.below(3);
        let number = NonZeroU64::new(self.newest.saturating_sub(older)).unwrap_or(NonZeroU64::MIN);
        Version { uid: Uid::new(uid).unwrap(), resource_version: number }
    }

    fn record(&mut self) -> LeaseRecord {
        let rng = &mut self.rng;
        let number = rng.pick(&[None, Some(0), Some(1), Some(15), Some(7_200), Some(i64::MAX)]);
        let foreign = LeaseRecord {
            holder: Some(rng.pick(&["me", "another", "a third"]).into()),
            duration_seconds: Some(15),
            acquire_time: LeaseTime::At(Timestamp::from_unix_micros(1)),
            renew_time: LeaseTime::At(Timestamp::from_unix_micros(i64::from(rng.chance(500)))),
            transitions: number,
            ..LeaseRecord::default()
        };
        match rng.below(12) {
            0..=4 => {
                let back = usize::try_from(rng.below(4)).unwrap();
                let mut writes = self.sent.iter().rev().filter_map(|sent| match &sent.request {
                    Request::Read => None,
                    Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
                });
                writes.nth(back).cloned().unwrap_or_default()
            }
            5 | 6 => foreign,
            7 => LeaseRecord { duration_seconds: number, ..foreign },
            8 => LeaseRecord { renew_time: LeaseTime::Text("soon".into()), ..foreign },
            9 => LeaseRecord {
                strategy: Some("OldestEmulationVersion".into()),
                preferred_holder: Some("another".into()),
                ..foreign
            },
            10 => LeaseRecord { holder: None, ..foreign },
            _ => LeaseRecord::default(),
        }
    }
}

const SECOND: u64 = 1_000_000_000;
/// Some day in 2023, in microseconds.
const NOW: i64 = 1_700_000_000_000_000;
