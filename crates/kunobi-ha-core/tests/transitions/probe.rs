//! One elector, told what happens in milliseconds, and its steps in a line of text each.

use std::{fmt::Write as _, num::NonZeroU64, time::Duration};

use kunobi_ha_core::{
    Attempt, ClockReading, Elector, Input, Instant, Leadership, Lease, LeaseRecord, LeaseTime,
    Notice, Observed, Outcome, Release, Request, Step, Timestamp, Timing, TimingConfig, Uid,
    Version,
};

/// An elector under 15/10/2, by the name of `me`.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) elector: Elector,
    pub(crate) now: u64,
    pub(crate) digits: u32,
    pub(crate) wall: Option<i64>,
    /// What was sent last, and before that.
    pub(crate) sent: Vec<Attempt>,
    pub(crate) last: Step,
    steps: u32,
}

impl Probe {
    pub(crate) fn new(change: impl FnOnce(&mut TimingConfig)) -> Self {
        let mut config = TimingConfig::default();
        change(&mut config);
        let timing = Timing::new(config).unwrap();
        Self {
            elector: Elector::new("me", timing, 7).unwrap(),
            now: 0,
            digits: 42,
            wall: None,
            sent: Vec::new(),
            last: Step::default(),
            steps: 0,
        }
    }

    /// Tells it at this millisecond.
    pub(crate) fn at(&mut self, now: u64, input: Input) -> &Step {
        self.now = now;
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "it spins: {}", self.brief());
        let wall = self.wall.unwrap_or(WALL + i64::try_from(now).unwrap() * 1000);
        let reading = ClockReading::new(instant(now), wall, self.digits);
        self.last = self.elector.handle(reading, input);
        self.sent.extend(self.last.send.clone());
        &self.last
    }

    /// Answers the attempt that was sent last.
    pub(crate) fn answer(&mut self, now: u64, outcome: Outcome) -> &Step {
        let attempt = self.sent.last().unwrap().clone();
        self.answer_to(&attempt, now, outcome)
    }

    pub(crate) fn answer_to(&mut self, to: &Attempt, now: u64, outcome: Outcome) -> &Step {
        let attempt = to.id;
        self.at(now, Input::Answered { attempt, outcome })
    }

    /// Lets time pass until it wants to be called, and calls it.
    pub(crate) fn wake(&mut self) -> &Step {
        let wake = self.last.wake_at.unwrap().as_nanos();
        self.at(wake.div_ceil(1_000_000), Input::Wake)
    }

    /// Lets time pass until the next request is sent.
    pub(crate) fn wake_to_send(&mut self) {
        self.wake();
        self.wake_until_sent();
    }

    /// Lets time pass until it sends something, if it has not just done so.
    pub(crate) fn wake_until_sent(&mut self) {
        while self.last.send.is_none() {
            self.wake();
        }
    }

    /// Answers every read with this until a write goes out; returns when.
    pub(crate) fn writes_at(&mut self, read: &Outcome) -> u64 {
        for _ in 0..200 {
            match self.last.send.as_ref().map(|attempt| &attempt.request) {
                Some(Request::Create { .. } | Request::Update { .. }) => return self.now,
                Some(Request::Read) => self.answer(self.now + 1, read.clone()),
                None => self.wake(),
            };
        }
        panic!("nothing is written")
    }

    /// Answers every write with a conflict until a read goes out.
    pub(crate) fn wake_to_read(&mut self) {
        loop {
            match self.last.send.as_ref().map(|attempt| &attempt.request) {
                Some(Request::Read) => return,
                Some(Request::Create { .. } | Request::Update { .. }) => {
                    self.answer(self.now + 1, Outcome::Conflict)
                }
                None => self.wake(),
            };
        }
    }

    pub(crate) fn leads(&self) -> bool {
        matches!(self.last.publish, Some(Leadership::Leading { .. }))
    }

    pub(crate) fn newest(&self) -> &Attempt {
        self.sent.last().unwrap()
    }

    /// What the newest attempt would write.
    pub(crate) fn record(&self) -> LeaseRecord {
        record_of(self.newest()).unwrap().clone()
    }

    /// What its newest create would write.
    pub(crate) fn created(&self) -> LeaseRecord {
        let created = |attempt: &&Attempt| matches!(attempt.request, Request::Create { .. });
        record_of(self.sent.iter().rfind(created).unwrap()).unwrap().clone()
    }

    /// The newest attempt, applied as this version.
    pub(crate) fn written(&self, version: u64, created: bool) -> Outcome {
        Outcome::Written { lease: Lease::new(at_version(version), self.record()), created }
    }

    pub(crate) fn brief(&self) -> String {
        brief(&self.last, self.now)
    }
}

pub(crate) fn record_of(attempt: &Attempt) -> Option<&LeaseRecord> {
    match &attempt.request {
        Request::Read => None,
        Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
    }
}

pub(crate) fn instant(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

pub(crate) fn at_version(version: u64) -> Version {
    version_of("uid", version)
}

pub(crate) fn version_of(uid: &str, version: u64) -> Version {
    Version { uid: Uid::new(uid).unwrap(), resource_version: NonZeroU64::new(version).unwrap() }
}

/// What `other` wrote, its `nth` renewal.
pub(crate) fn foreign(nth: i64) -> LeaseRecord {
    LeaseRecord {
        holder: Some("other".into()),
        duration_seconds: Some(15),
        acquire_time: LeaseTime::At(Timestamp::from_unix_micros(WALL)),
        renew_time: LeaseTime::At(Timestamp::from_unix_micros(WALL + nth)),
        transitions: Some(3),
        ..LeaseRecord::default()
    }
}

pub(crate) fn found(version: u64, record: LeaseRecord) -> Outcome {
    Outcome::Found(Lease::new(at_version(version), record))
}

pub(crate) fn event(version: u64, record: LeaseRecord) -> Input {
    Input::Observed(Observed::Found(Lease::new(at_version(version), record)))
}

/// Tells what a step says; times in milliseconds, a wait of less than a retry period as `a tick`.
pub(crate) fn brief(step: &Step, now: u64) -> String {
    let mut text = String::new();
    if let Some(published) = &step.publish {
        text += &publication(published);
    }
    let for_a_test_of_its_own =
        |notice: &&Notice| matches!(notice, Notice::Following { .. } | Notice::TermBegan { .. });
    for notice in step.notices.iter().filter(|notice| !for_a_test_of_its_own(notice)) {
        write!(text, "; notice {notice:?}").unwrap();
    }
    for dropped in &step.drop {
        write!(text, "; drop {}", dropped.get()).unwrap();
    }
    if let Some(attempt) = &step.send {
        write!(text, "; {}", request(attempt)).unwrap();
    }
    if let Some(wake) = step.wake_at {
        let wake = wake.as_nanos() / 1_000_000;
        match wake.saturating_sub(now) {
            1600..2000 => text += "; wake in a tick",
            _ => write!(text, "; wake {wake}").unwrap(),
        }
    }
    let text = text.trim_start_matches("; ");
    if text.is_empty() { "nothing" } else { text }.into()
}

fn publication(published: &Leadership) -> String {
    match published {
        Leadership::Following { holder } => {
            format!("following {}", holder.as_deref().unwrap_or("nobody"))
        }
        Leadership::Leading { term, valid_until } => {
            let until = valid_until.as_nanos() / 1_000_000;
            format!("leading {term} until {until}")
        }
        Leadership::Ended { term, reason } => format!("ended {term}: {reason:?}"),
        Leadership::Released(Release::StillHeld { until }) => {
            format!("still held until {}", until.as_nanos() / 1_000_000)
        }
        Leadership::Released(release) => format!("release: {release:?}"),
        Leadership::Failed(failure) => format!("failed: {failure:?}"),
        Leadership::Withdrawn => "withdrawn".into(),
    }
}

fn request(attempt: &Attempt) -> String {
    let id = attempt.id.get();
    match &attempt.request {
        Request::Read => format!("GET {id}"),
        Request::Create { via, .. } => format!("create {id} by {via:?}"),
        Request::Update { version, record } => {
            let what = if record.is_free() { "free" } else { "update" };
            format!("{what} {id} onto {}", version.resource_version)
        }
    }
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An answer that was lost.
pub(crate) const LOST: Outcome = Outcome::Unknown { retry_after: None };

/// An answer that says nothing but no.
pub(crate) const REJECTED: Outcome = Outcome::Rejected { retry_after: None };

/// More than any test takes unless its elector spins.
const MOST_STEPS: u32 = 20_000;

/// Some day in 2023, in microseconds.
pub(crate) const WALL: i64 = 1_700_000_000_000_000;
