//! One elector against a server that answers at once, honestly until the trouble begins.

use kunobi_ha_core::{
    Attempt, ClockReading, Elector, Failure, Input, Instant, Leadership, Lease, LeaseRecord,
    Notice, Observed, Outcome, Release, Request, Step, Timing, TimingConfig, Version,
};

use crate::endurance::trouble::{Constant, Scope, Stage, Watched, dead, version};

/// One cell of the matrix, as it runs.
pub(crate) struct World {
    elector: Elector,
    timing: TimingConfig,
    now: u64,
    wake_at: Option<u64>,
    answers: Vec<(u64, Attempt)>,
    stored: Option<(Version, LeaseRecord)>,
    versions: u64,
    trouble: Option<(Constant, Scope)>,
    watched: Watched,
    next_event: u64,
    pub(crate) seen: Seen,
}

/// What an onlooker has noted since the trouble began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) began: u64,
    /// When requests were sent.
    pub(crate) sent: Vec<u64>,
    /// When requests in trouble were answered with what leads nowhere.
    pub(crate) fruitless: Vec<u64>,
    /// When the operator was told something, or the phase ended.
    pub(crate) told: Vec<u64>,
    pub(crate) steps: u64,
    pub(crate) failed: Option<(u64, Failure)>,
    pub(crate) leads: bool,
}

impl World {
    /// Brings an elector to the stage at which the trouble begins.
    pub(crate) fn at(stage: Stage, mut timing: TimingConfig, watched: Watched) -> Self {
        if stage == Stage::Graced {
            timing.create_grace = timing.lease_duration;
        }
        let parsed = Timing::new(timing.clone()).unwrap();
        let mut world = Self {
            elector: Elector::new("me", parsed, 7).unwrap(),
            timing,
            now: SECOND,
            wake_at: None,
            answers: Vec::new(),
            stored: None,
            versions: 1,
            trouble: None,
            watched,
            next_event: u64::MAX,
            seen: Seen::default(),
        };
        let held = matches!(stage, Stage::Starting | Stage::Following);
        world.stored = held.then(|| (version(1), dead()));
        if stage != Stage::Starting {
            world.tell(Input::Acquire);
            // Who leads has renewed, so that an update has been granted before.
            let renewed = matches!(stage, Stage::Leading | Stage::Releasing);
            let retry = nanos(world.timing.retry_period);
            world.run(world.now + SECOND + if renewed { 2 * retry } else { 0 });
        }
        world
    }

    /// From here on, everything in that scope is answered so.
    pub(crate) fn begin(&mut self, stage: Stage, constant: Constant, scope: Scope) {
        self.trouble = Some((constant, scope));
        self.next_event = self.now;
        self.seen = Seen { began: self.now, leads: stage == Stage::Leading, ..Seen::default() };
        match stage {
            Stage::Starting => self.tell(Input::Acquire),
            Stage::Releasing => self.tell(Input::StepDown),
            Stage::Following | Stage::Graced | Stage::Leading => {}
        }
    }

    pub(crate) fn run(&mut self, until: u64) {
        while self.seen.failed.is_none() {
            let answer = self.answers.iter().map(|(at, _)| *at).min();
            let event = (self.watched != Watched::Nothing).then_some(self.next_event);
            let next = [answer, self.wake_at, event].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            if answer == Some(next) {
                self.answer(next);
            } else if event == Some(next) {
                self.next_event = self.now + nanos(self.timing.retry_period);
                let observed = self.observed();
                self.tell(Input::Observed(observed));
            } else {
                self.tell(Input::Wake);
            }
        }
        self.now = self.now.max(until);
    }

    fn answer(&mut self, at: u64) {
        let position = self.answers.iter().position(|(due, _)| *due == at).unwrap();
        let (_, attempt) = self.answers.remove(position);
        let outcome = match self.trouble {
            Some((constant, scope)) if scope.covers(&attempt.request) => {
                let outcome = constant.answer(&attempt.request);
                if !informs(&attempt.request, &outcome) {
                    self.seen.fruitless.push(self.now);
                }
                outcome
            }
            Some(_) | None => self.honest(&attempt.request),
        };
        self.tell(Input::Answered { attempt: attempt.id, outcome });
    }

    fn honest(&mut self, request: &Request) -> Outcome {
        let (record, created) = match (request, &self.stored) {
            (Request::Read, None) => return Outcome::Absent,
            (Request::Read, Some((version, record))) => {
                let (version, record) = (version.clone(), record.clone());
                return Outcome::Found(Lease::new(version, record));
            }
            (Request::Create { .. }, Some(_)) | (Request::Update { .. }, None) => {
                return Outcome::Conflict;
            }
            (Request::Update { version, .. }, Some((stored, _))) if version != stored => {
                return Outcome::Conflict;
            }
            (Request::Create { record, .. }, None) => (record, true),
            (Request::Update { record, .. }, Some(_)) => (record, false),
        };
        self.versions += 1;
        let version = version(self.versions);
        self.stored = Some((version.clone(), record.clone()));
        Outcome::Written { lease: Lease::new(version, record.clone()), created }
    }

    fn observed(&self) -> Observed {
        match (self.watched, &self.stored) {
            (Watched::Nothing | Watched::OldNews, Some((version, record))) => {
                Observed::Found(Lease::new(version.clone(), record.clone()))
            }
            (Watched::Nothing | Watched::OldNews, None) | (Watched::Deletions, _) => {
                Observed::Deleted
            }
        }
    }

    fn tell(&mut self, input: Input) {
        let wall = 1_700_000_000_000_000 + i64::try_from(self.now / 1000).unwrap();
        let reading = ClockReading::new(Instant::from_nanos(self.now), wall, 42);
        let Step { publish, notices, drop, send, wake_at } = self.elector.handle(reading, input);
        self.seen.steps += 1;
        assert!(self.seen.steps < MOST_STEPS, "a busy loop at {}", self.now);
        if notices.iter().any(tells) {
            self.seen.told.push(self.now);
        }
        self.answers.retain(|(_, attempt)| !drop.contains(&attempt.id));
        if let Some(attempt) = send {
            self.seen.sent.push(self.now);
            self.answers.push((self.now + LATENCY, attempt));
        }
        self.wake_at = wake_at.map(Instant::as_nanos);
        if let Some(published) = publish {
            self.publish(&published);
        }
    }

    fn publish(&mut self, published: &Leadership) {
        match published {
            Leadership::Following { .. } => {}
            Leadership::Leading { .. } => self.seen.leads = true,
            Leadership::Failed(failure) => {
                self.seen.told.push(self.now);
                self.seen.failed = Some((self.now, *failure));
            }
            // A user that steps down wants a release, or to be told that there was none.
            Leadership::Ended { reason, .. } => {
                self.seen.leads = false;
                self.seen.told.push(self.now);
                if *reason != kunobi_ha_core::StepDownReason::Cancelled {
                    self.tell(Input::Acquire);
                }
            }
            Leadership::Released(Release::Released) => self.tell(Input::Acquire),
            Leadership::Released(_) | Leadership::Withdrawn => {
                self.seen.told.push(self.now);
                self.tell(Input::Acquire);
            }
        }
    }
}

/// A read that is answered, whatever it shows, leads somewhere.
fn informs(request: &Request, outcome: &Outcome) -> bool {
    matches!(request, Request::Read) && matches!(outcome, Outcome::Absent | Outcome::Found(_))
}

/// Whether this tells that requests lead nowhere.
fn tells(notice: &Notice) -> bool {
    match notice {
        Notice::Altered { .. }
        | Notice::Failing { .. }
        | Notice::Refused { .. }
        | Notice::CreateOverwrote
        | Notice::NothingWritten => true,
        Notice::Following { .. }
        | Notice::IdentityCollision
        | Notice::Lapsed { .. }
        | Notice::Rewound { .. }
        | Notice::TermBegan { .. } => false,
        other => panic!("is {other:?} told?"),
    }
}

pub(crate) fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap()
}

/// Far more than two hundred retry periods need.
const MOST_STEPS: u64 = 20_000;
pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const LATENCY: u64 = 10_000_000;
