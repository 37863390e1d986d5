//! Two electors, one Lease, and the messages between them, as one value that can be hashed.

mod lease;

use std::{
    hash::{Hash, Hasher},
    time::Duration,
};

use kunobi_ha_core::{
    Attempt, AttemptId, ClockReading, Elector, Input, Instant, Leadership, LeaseRecord, Notice,
    Outcome, StepDownReason, Takeover, Timestamp, Timing, TimingConfig, Version,
};

use crate::spec::Monitor;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct World {
    now: u64,
    replicas: [Replica; 2],
    stored: Option<(Version, LeaseRecord)>,
    versions: u64,
    edits_left: u8,
    extra_belief: u64,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Replica {
    elector: Elector,
    wake_at: Option<Instant>,
    believes_until: Option<Instant>,
    requests: Vec<Attempt>,
    answers: Vec<(AttemptId, Outcome)>,
    /// What stands in its certificate: the acquireTime of its last bid (rule C1).
    bid: Option<Timestamp>,
    life: Life,
    /// It has begun a term because the other one had died.
    outlived: bool,
    shadow: Shadow,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Life {
    Lives,
    /// Its process has ended; what it has sent may still arrive.
    Died,
    /// The other one was told so.
    IsKnownToHaveDied,
}

/// The trace validation. It follows from what the elector did: states that differ in it only are
/// one.
#[derive(Clone, Debug)]
struct Shadow(Monitor);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Move {
    /// A second passes.
    Tick,
    /// The server handles this request.
    Handle { of: usize, request: usize },
    /// This answer arrives.
    Answer { to: usize, answer: usize },
    /// Somebody sets a label.
    Relabel,
    /// The user steps down, and asks again at once.
    StepDown(usize),
    /// This process ends, while it leads.
    Die(usize),
    /// The other one is told that this one has died.
    Tell { death_of: usize },
}

impl World {
    /// The first leads, and the second has just asked to.
    pub(super) fn new(extra_belief: u64) -> Self {
        let config = TimingConfig::default()
            .lease_duration(Duration::from_secs(3))
            .renew_deadline(Duration::from_secs(2))
            .retry_period(Duration::from_secs(1));
        let timing = Timing::new(config).unwrap();
        let replica = |name| Replica {
            elector: Elector::new(name, timing.clone(), 0).unwrap(),
            wake_at: None,
            believes_until: None,
            requests: Vec::new(),
            answers: Vec::new(),
            bid: None,
            life: Life::Lives,
            outlived: false,
            shadow: Shadow(Monitor::new(name, timing.config())),
        };
        let mut world = Self {
            now: 1,
            replicas: [replica("a"), replica("b")],
            stored: None,
            versions: 0,
            edits_left: 1,
            extra_belief,
        };
        world.tell(0, Input::Acquire);
        while let Some(message) = world.moves().into_iter().find(is_message) {
            world.make(&message);
        }
        world.tell(1, Input::Acquire);
        world
    }

    /// The same after a lease duration in which everything has worked.
    pub(super) fn settled() -> Self {
        let mut world = Self::new(0);
        for _ in 0..=3 {
            while let Some(message) = world.moves().into_iter().find(is_message) {
                world.make(&message);
            }
            world.tick();
        }
        world
    }

    pub(super) fn moves(&self) -> Vec<Move> {
        let mut moves = vec![Move::Tick];
        for (who, replica) in self.replicas.iter().enumerate() {
            moves.extend(
                (0..replica.requests.len()).map(|request| Move::Handle { of: who, request }),
            );
            moves.extend((0..replica.answers.len()).map(|answer| Move::Answer { to: who, answer }));
            if self.edits_left > 0 && replica.believes_until.is_some() {
                moves.push(Move::StepDown(who));
                moves.push(Move::Die(who));
            }
            if replica.life == Life::Died {
                moves.push(Move::Tell { death_of: who });
            }
        }
        if self.edits_left > 0 && self.stored.is_some() {
            moves.push(Move::Relabel);
        }
        moves
    }

    pub(super) fn make(&mut self, chosen: &Move) {
        match chosen {
            Move::Tick => self.tick(),
            Move::Handle { of, request } => {
                let attempt = self.replicas[*of].requests.remove(*request);
                let outcome = self.handle(attempt.request);
                if self.replicas[*of].life == Life::Lives {
                    self.replicas[*of].answers.push((attempt.id, outcome));
                    self.replicas[*of].answers.sort_by_key(|(id, _)| *id);
                }
            }
            Move::Answer { to, answer } => {
                let (attempt, outcome) = self.replicas[*to].answers.remove(*answer);
                self.tell(*to, Input::Answered { attempt, outcome });
            }
            Move::Relabel => {
                self.edits_left -= 1;
                if let Some((version, record)) = self.stored.take() {
                    self.store(version.uid, record);
                }
            }
            Move::StepDown(who) => {
                self.edits_left -= 1;
                self.tell(*who, Input::StepDown);
            }
            Move::Die(who) => {
                self.edits_left -= 1;
                let replica = &mut self.replicas[*who];
                (replica.wake_at, replica.believes_until) = (None, None);
                replica.answers.clear();
                replica.life = Life::Died;
            }
            Move::Tell { death_of } => {
                let dead = &mut self.replicas[*death_of];
                dead.life = Life::IsKnownToHaveDied;
                let acquire_time = dead.bid.expect("who leads has bid");
                let holder = dead.elector.identity().into();
                self.tell(1 - *death_of, Input::HolderDied { holder, acquire_time });
            }
        }
    }

    pub(super) fn believes(&self, who: usize) -> bool {
        let extra = Duration::from_secs(self.extra_belief);
        self.replicas[who].believes_until.is_some_and(|until| self.instant() < until.after(extra))
    }

    pub(super) fn has_outlived(&self) -> bool {
        self.replicas.iter().any(|replica| replica.outlived)
    }

    /// Lets the network work from now on; tells whether somebody leads within its bound.
    pub(super) fn settles(&mut self) -> bool {
        for _ in 0..12 {
            for _ in 0..20 {
                let Some(chosen) = self.moves().into_iter().find(is_message) else {
                    break;
                };
                self.make(&chosen);
            }
            if self.believes(0) || self.believes(1) {
                return true;
            }
            self.tick();
        }
        false
    }

    fn tick(&mut self) {
        self.now += 1;
        for who in [0, 1] {
            let due = |replica: &Replica, now| replica.wake_at.is_some_and(|at| at <= now);
            if due(&self.replicas[who], self.instant()) {
                self.tell(who, Input::Wake);
            }
        }
    }

    fn instant(&self) -> Instant {
        Instant::from_nanos(self.now * 1_000_000_000)
    }

    fn tell(&mut self, who: usize, input: Input) {
        let now = self.instant();
        let wall = i64::try_from(self.now * 1_000_000).unwrap();
        let digits = u32::try_from(who).unwrap();
        let replica = &mut self.replicas[who];
        let told = input.clone();
        let step = replica.elector.handle(ClockReading::new(now, wall, digits), input);
        if let Err(violation) = replica.shadow.0.watch(now, &told, &step) {
            panic!("{violation}");
        }
        assert!(replica.shadow.0.judges(), "nothing here is excluded by A1");
        let outlives = Notice::TermBegan { how: Takeover::Died };
        replica.outlived |= step.notices.contains(&outlives);
        let mut ended = false;
        match step.publish {
            Some(Leadership::Leading { valid_until, .. }) => {
                replica.believes_until = Some(valid_until);
            }
            // Who grants more than the elector does ignores its timely end, too.
            Some(Leadership::Ended { reason, .. }) => {
                ended = true;
                if self.extra_belief == 0 || reason == StepDownReason::Cancelled {
                    replica.believes_until = None;
                }
            }
            Some(Leadership::Released(_) | Leadership::Failed(_) | Leadership::Withdrawn) => {
                ended = true;
            }
            Some(Leadership::Following { .. }) | None => {}
        }
        if let Some(attempt) = step.send {
            replica.bid = lease::bid_of(&attempt.request).or(replica.bid);
            replica.requests.push(attempt);
            if replica.requests.len() > MOST_IN_FLIGHT {
                replica.requests.remove(0);
            }
        }
        replica.wake_at = step.wake_at;
        if ended && replica.wake_at.is_none() {
            self.tell(who, Input::Acquire);
        }
    }
}

impl PartialEq for Shadow {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Shadow {}

impl Hash for Shadow {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

fn is_message(chosen: &Move) -> bool {
    match chosen {
        Move::Handle { .. } | Move::Answer { .. } => true,
        Move::Tick | Move::Relabel | Move::StepDown(_) | Move::Die(_) | Move::Tell { .. } => false,
    }
}

/// Of one replica; an older one is lost for good.
const MOST_IN_FLIGHT: usize = 2;
