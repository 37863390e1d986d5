//! Several electors over one Lease, each with a network of its own, in virtual time.

mod lease;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use kunobi_ha_core::{
    AttemptId, ClockReading, Elector, Input, Instant, Leadership, Lease, LeaseTime, Notice,
    Outcome, Request, Step, Takeover, Timing, TimingConfig,
};

use crate::endurance::world::SECOND;

#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) now: u64,
    pub(crate) members: Vec<Member>,
    pub(crate) stored: Option<Lease>,
    /// The terms, in order.
    pub(crate) terms: Vec<Begun>,
    /// What was told, and by whom.
    pub(crate) told: Vec<(usize, Notice)>,
    timing: TimingConfig,
    versions: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    next_event: u64,
    calls: u32,
}

/// A replica, and its way to the Lease.
#[derive(Debug)]
pub(crate) struct Member {
    elector: Option<Elector>,
    pub(crate) watches: bool,
    /// How long a request and its answer take.
    pub(crate) round_trip: u64,
    /// From when until when it reaches nobody, and is told so at once.
    pub(crate) breaks: Vec<(u64, u64)>,
    /// How long it has led, without the term that runs.
    led: u64,
    leads: Option<Belief>,
    timer: u64,
    incarnation: u64,
}

#[derive(Clone, Copy, Debug)]
struct Belief {
    since: u64,
    until: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    pub(crate) by: usize,
    pub(crate) at: u64,
    pub(crate) how: Takeover,
}

#[derive(Clone, Debug)]
enum Event {
    Arrives { from: usize, incarnation: u64, id: AttemptId, request: Request },
    Told { to: usize, incarnation: u64, input: Input },
    Timer { of: usize, timer: u64 },
}

impl Fleet {
    /// Replicas 0, 1, … start in this order, a tenth of a second after each other.
    pub(crate) fn new(timing: TimingConfig, round_trips: &[u64], watches: bool) -> Self {
        let member = |round_trip: &u64| Member {
            elector: None,
            watches,
            round_trip: *round_trip,
            breaks: Vec::new(),
            led: 0,
            leads: None,
            timer: 0,
            incarnation: 0,
        };
        let mut fleet = Self {
            now: SECOND,
            members: round_trips.iter().map(member).collect(),
            stored: None,
            terms: Vec::new(),
            told: Vec::new(),
            timing,
            versions: 0,
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            calls: 0,
        };
        for who in 0..round_trips.len() {
            fleet.start(who, u64::try_from(who).unwrap() * SECOND / 10);
        }
        fleet
    }

    /// Starts a process, which contends after that time.
    pub(crate) fn start(&mut self, who: usize, after: u64) {
        let timing = Timing::new(self.timing.clone()).unwrap();
        let elector = Elector::new(&name(who), timing, self.next_event).unwrap();
        self.members[who].elector = Some(elector);
        self.tell_later(who, after, Input::Acquire);
    }

    /// Ends a process; what it has sent still arrives. Returns what stands in its certificate.
    pub(crate) fn crash(&mut self, who: usize) -> Input {
        let record = &self.stored.as_ref().unwrap().record;
        let LeaseTime::At(acquire_time) = record.acquire_time else { panic!("{record:?}") };
        self.settle(who);
        let member = &mut self.members[who];
        member.elector = None;
        member.incarnation += 1;
        member.timer = 0;
        Input::HolderDied { holder: name(who).into(), acquire_time }
    }

    pub(crate) fn tell_later(&mut self, to: usize, after: u64, input: Input) {
        let incarnation = self.members[to].incarnation;
        self.schedule(after, Event::Told { to, incarnation, input });
    }

    pub(crate) fn leader(&self) -> Option<usize> {
        let leads = |member: &Member| member.leads.is_some_and(|belief| self.now < belief.until);
        self.members.iter().position(leads)
    }

    /// Returns for how long this one has led.
    pub(crate) fn led(&mut self, who: usize) -> u64 {
        let running =
            self.members[who].leads.map(|belief| self.now.min(belief.until) - belief.since);
        self.members[who].led + running.unwrap_or(0)
    }

    pub(crate) fn run_for(&mut self, time: u64) {
        self.run_until(self.now + time, |_| false);
    }

    /// Returns whether it came to that, by then.
    pub(crate) fn run_until(&mut self, limit: u64, done: impl Fn(&Self) -> bool) -> bool {
        while !done(self) {
            let Some(Reverse((at, id))) =
                self.queue.peek().copied().filter(|next| next.0.0 <= limit)
            else {
                self.now = limit;
                return done(self);
            };
            self.queue.pop();
            self.now = at;
            let event = self.events.remove(&id).unwrap();
            self.happens(event);
        }
        true
    }

    fn schedule(&mut self, after: u64, event: Event) {
        self.next_event += 1;
        self.events.insert(self.next_event, event);
        self.queue.push(Reverse((self.now + after, self.next_event)));
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrives { from, incarnation, id, request } => {
                let lost = Outcome::Unknown { retry_after: None };
                let outcome = if self.is_cut(from) { lost } else { self.handle(&request) };
                let input = Input::Answered { attempt: id, outcome };
                let back = self.members[from].round_trip / 2;
                self.schedule(back, Event::Told { to: from, incarnation, input });
            }
            Event::Told { to, incarnation, input } => {
                if self.members[to].incarnation == incarnation {
                    let input = if self.is_cut(to) { lose(input) } else { Some(input) };
                    if let Some(input) = input {
                        self.tell(to, input);
                    }
                }
            }
            Event::Timer { of, timer } if self.members[of].timer == timer => {
                self.tell(of, Input::Wake);
            }
            Event::Timer { .. } => {}
        }
    }

    fn is_cut(&self, who: usize) -> bool {
        self.members[who].breaks.iter().any(|(from, to)| (*from..*to).contains(&self.now))
    }

    fn tell(&mut self, to: usize, input: Input) {
        self.calls += 1;
        let (now, wall) = (Instant::from_nanos(self.now), i64::try_from(self.now / 1000).unwrap());
        let reading =
            ClockReading::new(now, WALL + wall, self.calls.wrapping_mul(7919) % 1_000_000);
        let Some(elector) = &mut self.members[to].elector else { return };
        let step = elector.handle(reading, input);
        self.carry_out(to, step);
    }

    fn carry_out(&mut self, who: usize, step: Step) {
        let how = step.notices.iter().find_map(|notice| match notice {
            Notice::TermBegan { how } => Some(*how),
            _ => None,
        });
        if let Some(how) = how {
            self.terms.push(Begun { by: who, at: self.now, how });
        }
        self.told.extend(step.notices.into_iter().map(|notice| (who, notice)));
        match step.publish {
            Some(Leadership::Leading { valid_until, .. }) => self.believe(who, valid_until),
            Some(Leadership::Following { .. }) | None => {}
            Some(
                Leadership::Ended { .. }
                | Leadership::Released(_)
                | Leadership::Failed(_)
                | Leadership::Withdrawn,
            ) => {
                self.settle(who);
                self.tell_later(who, 0, Input::Acquire);
            }
        }
        let member = &mut self.members[who];
        member.timer = self.next_event + 1;
        if let Some(wake) = step.wake_at {
            let timer = member.timer;
            self.schedule(
                wake.as_nanos().saturating_sub(self.now),
                Event::Timer { of: who, timer },
            );
        }
        if let Some(attempt) = step.send {
            let (id, request) = (attempt.id, attempt.request);
            let incarnation = self.members[who].incarnation;
            if self.is_cut(who) {
                let outcome = Outcome::Unknown { retry_after: None };
                self.tell_later(who, REFUSED_AFTER, Input::Answered { attempt: id, outcome });
            } else {
                let there = self.members[who].round_trip / 2;
                self.schedule(there, Event::Arrives { from: who, incarnation, id, request });
            }
        }
    }

    fn believe(&mut self, who: usize, valid_until: Instant) {
        let until = valid_until.as_nanos();
        let since = self.members[who].leads.map_or(self.now, |belief| belief.since);
        self.members[who].leads = Some(Belief { since, until });
        let believes =
            |member: &&Member| member.leads.is_some_and(|belief| self.now < belief.until);
        let leaders = self.members.iter().filter(believes).count();
        assert!(leaders <= 1, "{leaders} believe at {}", self.now);
    }

    /// Counts a term that is over.
    fn settle(&mut self, who: usize) {
        self.members[who].led = self.led(who);
        self.members[who].leads = None;
    }
}

pub(crate) fn name(who: usize) -> String {
    format!("replica-{who}")
}

/// What comes of this where nothing comes through.
fn lose(input: Input) -> Option<Input> {
    match input {
        Input::Answered { attempt, .. } => {
            Some(Input::Answered { attempt, outcome: Outcome::Unknown { retry_after: None } })
        }
        Input::Observed(_) => None,
        Input::Acquire | Input::HolderDied { .. } | Input::StepDown | Input::Stop | Input::Wake => {
            Some(input)
        }
    }
}

const REFUSED_AFTER: u64 = SECOND / 1000;
/// Some day in 2023, in microseconds.
const WALL: i64 = 1_700_000_000_000_000;
