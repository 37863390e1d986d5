//! Electors, one Lease, and the messages between them, as one value.

mod action;
mod canonical;
mod early;
mod life;
mod names;
mod packed;
mod register;
mod schedule;
mod step;
mod tell;

use kunobi_ha_core::{
    Attempt, AttemptId, Elector, Input, Instant, Lease, LeaseRecord, LeaseTime, Outcome, Request,
    Timestamp, Uid,
};

pub(crate) use self::{
    action::{Action, Served},
    packed::{Packed, Parts},
};
use crate::setup::{Setup, TICK};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct World {
    register: Register,
    replicas: Vec<Replica>,
    /// Writes that may still be applied, and that nobody waits for.
    orphans: Vec<Orphan>,
    /// What must not happen and has happened.
    broken: Option<&'static str>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Register {
    lease: Option<Lease>,
    /// What it was before the last write, where reads may be that old.
    previous: Option<Lease>,
    /// The largest version so far.
    version: u64,
    /// How many Leases there were.
    uids: u8,
    deletions_left: u8,
    /// The largest fence that was published.
    fence: u64,
    deaths_left: u8,
    /// The terms of processes that have ended, while any record may still show them.
    dead: Vec<Dead>,
}

/// A term whose process has ended.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Dead {
    holder: &'static str,
    acquire_time: Timestamp,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Replica {
    elector: Elector,
    now: Instant,
    /// Whether the last publication says that it leads.
    leads: bool,
    /// Its readers believe before this.
    until: Option<Instant>,
    /// The latest send of a write of its that was applied, plus D.
    applied_until: Option<Instant>,
    calls: Vec<Call>,
    /// What its next draw of an acquireTime shows.
    digits: u32,
    /// Where its last term was led, if it may be taken back early.
    led_in: Option<Uid>,
    /// The process has ended, and none has taken its place yet.
    has_ended: bool,
}

/// A request whose answer its elector waits for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Call {
    id: AttemptId,
    sent: Instant,
    stage: Stage,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Stage {
    Asked(Request),
    Answered(Outcome),
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Orphan {
    /// Who may learn that it was applied.
    by: Option<usize>,
    sent: Instant,
    request: Request,
}

impl World {
    /// All replicas have just asked to lead, or the first one leads already.
    pub(crate) fn new(setup: &Setup) -> Self {
        let replica = |settings: &crate::setup::Settings| Replica {
            elector: fresh(settings),
            now: START,
            leads: false,
            until: None,
            applied_until: None,
            calls: Vec::new(),
            digits: 1,
            led_in: None,
            has_ended: false,
        };
        let mut world = Self {
            register: Register {
                lease: None,
                previous: None,
                version: 0,
                uids: 0,
                deletions_left: setup.faults.deletions,
                fence: 0,
                deaths_left: setup.faults.deaths,
                dead: Vec::new(),
            },
            replicas: setup.replicas.iter().map(replica).collect(),
            orphans: Vec::new(),
            broken: None,
        };
        for who in 0..world.replicas.len() {
            if setup.led && who > 0 {
                world.replicas[who].has_ended = true;
            } else {
                world.tell(who, Input::Acquire, setup);
            }
        }
        if setup.led {
            world.let_the_first_lead(setup);
        }
        world
    }

    fn believers(&self, setup: &Setup) -> usize {
        self.replicas.iter().filter(|replica| replica.believes(setup)).count()
    }

    fn breaks(&mut self, rule: &'static str) {
        self.broken.get_or_insert(rule);
    }
}

impl Replica {
    fn believes(&self, setup: &Setup) -> bool {
        let extra = TICK * u32::try_from(setup.extra_belief).unwrap_or(u32::MAX);
        self.until.is_some_and(|until| self.now < until.after(extra))
    }
}

impl Call {
    fn of(attempt: Attempt, sent: Instant) -> Self {
        Self { id: attempt.id, sent, stage: Stage::Asked(attempt.request) }
    }
}

fn fresh(settings: &crate::setup::Settings) -> Elector {
    Elector::new(settings.identity, settings.timing.clone(), 0).expect("it has a name")
}

/// Returns the number of the process that has drawn this record's acquireTime.
fn author(record: &LeaseRecord) -> Option<u64> {
    match record.acquire_time {
        LeaseTime::At(time) => Some(time.as_unix_micros() / LIFE),
        LeaseTime::Absent | LeaseTime::Text(_) => None,
    }
}

/// What each clock shows at first, and in each canonical state.
const START: Instant = Instant::from_nanos(1_000_000_000_000);
/// The wall clock of each process stands still, ten seconds after that of the one before: longer than
/// every lease.
const LIFE: u64 = 10_000_000;
