//! An elector, and the book that is kept of what it was told and what it promised.

use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

use kunobi_ha_core::{
    Attempt, AttemptId, ClockReading, Elector, Input, Instant, Lease, LeaseRecord, LeaseTime,
    Observed, Outcome, Refusal, Request, StepDownReason, Term, Timestamp, Timing, TimingConfig,
    Uid, Version,
};

use crate::spec::Monitor;

use super::{
    promises::record_of,
    script::{Answer, Content, Died, Line, Shown, What},
};

#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) elector: Elector,
    /// How many calls there were.
    pub(super) calls: u64,
    /// How many of them the table has judged.
    pub(super) judged: u64,
    monitor: Monitor,
    only_spec: bool,
    now: u64,
    newest: u64,
    pub(super) sent: Vec<(Attempt, Instant)>,
    pub(super) outstanding: BTreeMap<AttemptId, Attempt>,
    pub(super) belief: Option<(Term, Instant)>,
    pub(super) ended: Vec<Term>,
    pub(super) reason: Option<StepDownReason>,
    /// The user gave up while a write was under way.
    pub(super) gives_up: bool,
    pub(super) last_renew_time: Option<Timestamp>,
    pub(super) told: Vec<Version>,
    pub(super) wake_at: Option<Instant>,
    /// The clock shows less than at the last call.
    pub(super) went_back: bool,
    pub(super) published: Vec<&'static str>,
}

impl Ledger {
    pub(super) fn new(grace: bool) -> Self {
        let create_grace = Duration::from_secs(if grace { 15 } else { 0 });
        let config = TimingConfig::default()
            .create_grace(create_grace)
            .observe_timeout(Duration::from_secs(40));
        Self {
            calls: 0,
            judged: 0,
            monitor: Monitor::new("me", &config),
            only_spec: std::env::var("WATCH").is_ok_and(|watch| watch == "spec"),
            elector: Elector::new("me", Timing::new(config).unwrap(), 1).unwrap(),
            now: 100_000,
            newest: 1,
            sent: Vec::new(),
            outstanding: BTreeMap::new(),
            belief: None,
            ended: Vec::new(),
            reason: None,
            gives_up: false,
            last_renew_time: None,
            told: Vec::new(),
            wake_at: None,
            went_back: false,
            published: Vec::new(),
        }
    }

    /// Tells the elector, and checks what it does.
    pub(super) fn play(&mut self, line: &Line) -> Result<(), String> {
        let wake = self.wake_at.map_or(0, |at| at.as_nanos().div_ceil(MILLI));
        let before = self.now;
        self.now = match line.what {
            What::WakeInTime => self.now.max(wake),
            _ if line.back => self.now.saturating_sub(line.after_millis),
            _ => self.now + line.after_millis,
        };
        let now = Instant::from_nanos(self.now * MILLI);
        self.went_back = self.now < before;
        let input = self.input(&line.what);
        let reading = ClockReading::new(now, line.wall, line.digits);
        let step = self.elector.handle(reading, input.clone());
        let watched = self.monitor.watch(now, &input, &step);
        watched.map_err(|violation| violation.to_string())?;
        self.calls += 1;
        self.judged += u64::from(self.monitor.judges());
        let checked = self.check(&input, &step, now);
        let checked = if self.only_spec { Ok(()) } else { checked };
        checked.map_err(|broken| format!("{broken}: {input:?} -> {step:?}"))
    }

    fn input(&mut self, what: &What) -> Input {
        match what {
            What::Acquire => Input::Acquire,
            What::Answer { back, answer } => match self.sent.iter().rev().nth(*back).cloned() {
                Some((attempt, _)) => {
                    let outcome = self.outcome(&attempt, answer);
                    Input::Answered { attempt: attempt.id, outcome }
                }
                None => Input::Acquire,
            },
            What::Observed(shown) => {
                let (version, record) = self.show(shown);
                Input::Observed(Observed::Found(Lease::new(version, record)))
            }
            What::Died(died) => self.died(*died),
            What::ObservedDeleted => Input::Observed(Observed::Deleted),
            What::StepDown => Input::StepDown,
            What::Stop => Input::Stop,
            What::Wake | What::WakeInTime => Input::Wake,
        }
    }

    fn died(&self, died: Died) -> Input {
        let foreign = Timestamp::from_unix_micros(0);
        let mut writes = self.sent.iter().rev().filter_map(|(attempt, _)| record_of(attempt));
        let (holder, acquire_time) = match died {
            Died::Foreign => ("other", foreign),
            Died::UnderOurName => ("me", foreign),
            Died::Ours(back) => match writes.nth(back).map(|record| &record.acquire_time) {
                Some(LeaseTime::At(time)) => ("me", *time),
                Some(_) | None => ("me", foreign),
            },
        };
        Input::HolderDied { holder: holder.into(), acquire_time }
    }

    fn outcome(&mut self, attempt: &Attempt, answer: &Answer) -> Outcome {
        let seconds = |after: &Option<u64>| after.map(Duration::from_secs);
        match answer {
            Answer::Applied => match &attempt.request {
                Request::Read => Outcome::Absent,
                Request::Create { record, .. } => self.written("uid-0", record.clone(), true),
                Request::Update { version, record } => {
                    let uid = version.uid.as_str().to_owned();
                    self.written(&uid, record.clone(), false)
                }
            },
            Answer::Found(shown) => {
                let (version, record) = self.show(shown);
                Outcome::Found(Lease::new(version, record))
            }
            Answer::Absent => Outcome::Absent,
            Answer::Written(shown, created) => {
                let (version, record) = self.show(shown);
                Outcome::Written { lease: Lease::new(version, record), created: *created }
            }
            Answer::Conflict => Outcome::Conflict,
            Answer::MethodNotAllowed => Outcome::MethodNotAllowed,
            Answer::Refused => Outcome::Refused(Refusal::Forbidden),
            Answer::Rejected(after) => Outcome::Rejected { retry_after: seconds(after) },
            Answer::Unknown(after) => Outcome::Unknown { retry_after: seconds(after) },
        }
    }

    fn written(&mut self, uid: &str, record: LeaseRecord, created: bool) -> Outcome {
        Outcome::Written { lease: Lease::new(self.version(uid, 1), record), created }
    }

    fn version(&mut self, uid: &str, ahead: i64) -> Version {
        let number = self.newest.saturating_add_signed(ahead).max(1);
        self.newest = self.newest.max(number);
        let uid = Uid::new(uid).unwrap();
        let version = Version { uid, resource_version: NonZeroU64::new(number).unwrap() };
        self.told.push(version.clone());
        version
    }

    fn show(&mut self, shown: &Shown) -> (Version, LeaseRecord) {
        let version = self.version(&format!("uid-{}", shown.uid), shown.version);
        let mut writes = self.sent.iter().rev().filter_map(|(attempt, _)| record_of(attempt));
        let at = |micros| LeaseTime::At(Timestamp::from_unix_micros(micros));
        let held = |holder: &str, renewal| LeaseRecord {
            holder: Some(holder.into()),
            duration_seconds: Some(15),
            acquire_time: at(0),
            renew_time: at(renewal),
            transitions: Some(1),
            ..LeaseRecord::default()
        };
        let record = match &shown.record {
            Content::Ours(back) => writes.nth(*back).cloned().unwrap_or_default(),
            Content::Foreign { renewal, duration, transitions } => LeaseRecord {
                duration_seconds: *duration,
                transitions: *transitions,
                ..held("other", *renewal)
            },
            Content::UnderOurName(renewal) => held("me", *renewal),
            Content::Free => LeaseRecord { holder: None, ..held("", 5) },
            Content::Empty => LeaseRecord::default(),
        };
        (version, record)
    }
}

const MILLI: u64 = 1_000_000;
