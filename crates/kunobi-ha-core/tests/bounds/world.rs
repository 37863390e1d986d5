//! Electors and the Lease in virtual time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use kunobi_ha_core::{
    AttemptId, ClockReading, Elector, Input, Instant, Leadership, LeaseTime, Outcome, Request,
    Step, StepDownReason,
};

use crate::bounds::{
    case::{Case, MILLI},
    network::{Connection, Mishap},
    rng::Rng,
    server::Server,
};

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) case: Case,
    pub(crate) rng: Rng,
    pub(crate) now: u64,
    pub(crate) replicas: Vec<Replica>,
    /// The writes that were applied, in that order.
    pub(crate) writes: Vec<Write>,
    /// When terms began.
    pub(crate) begun: Vec<u64>,
    /// When a term ended without a step-down.
    pub(crate) lost: Vec<u64>,
    /// What happens to the next write.
    pub(crate) mishap: Option<Mishap>,
    pub(crate) server: Server,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Happening>,
    next_event: u64,
    verbose: bool,
}

#[derive(Debug)]
pub(crate) struct Replica {
    elector: Option<Elector>,
    pub(crate) connection: Connection,
    pub(crate) leads: bool,
    /// When the last write was sent that is known to have succeeded.
    pub(crate) renewed: u64,
    /// When the last write was sent that did not join another one.
    pub(super) wrote: Option<u64>,
    /// How many reads were sent.
    pub(crate) reads: u64,
    timer: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) by: usize,
    pub(crate) sent: u64,
}

#[derive(Debug)]
pub(super) enum Happening {
    Arrives { from: usize, sent: u64, id: AttemptId, request: Request, answered: bool },
    Answered { to: usize, sent: u64, id: AttemptId, outcome: Outcome },
    Told { to: usize, input: Input },
    Timer { of: usize, timer: u64 },
}

impl World {
    /// Starts all replicas within a period.
    pub(crate) fn new(case: &Case, phase: u64) -> Self {
        let mut rng = Rng::new(case.seed ^ (phase << 32));
        let replicas = (0..case.replicas).map(|index| {
            let elector =
                Elector::new(&format!("replica-{index}"), case.timing.clone(), rng.next());
            Replica {
                elector: Some(elector.unwrap()),
                connection: Connection::Good,
                leads: false,
                renewed: 0,
                wrote: None,
                reads: 0,
                timer: 0,
            }
        });
        let mut world = Self {
            replicas: replicas.collect(),
            case: case.clone(),
            now: rng.between(0, 1 << 40),
            writes: Vec::new(),
            begun: Vec::new(),
            lost: Vec::new(),
            mishap: None,
            server: Server::default(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            verbose: std::env::var("SEED").is_ok(),
            rng,
        };
        let spread = if world.rng.coin() { case.latency } else { case.period() };
        for to in 0..case.replicas {
            let delay = world.rng.between(0, spread);
            world.schedule(delay, Happening::Told { to, input: Input::Acquire });
        }
        world
    }

    pub(super) fn schedule(&mut self, delay: u64, event: Happening) {
        self.next_event += 1;
        self.events.insert(self.next_event, event);
        self.queue.push(Reverse((self.now + delay, self.next_event)));
    }

    /// Lets everything happen that happens within this time.
    pub(crate) fn run_for(&mut self, time: u64) {
        self.run_until(self.now + time, |_| false);
    }

    /// Lets everything happen until it is `done`, or that late; tells whether it was done.
    pub(crate) fn run_until(&mut self, limit: u64, done: impl Fn(&Self) -> bool) -> bool {
        while !done(self) {
            match self.queue.peek().copied() {
                Some(Reverse((at, id))) if at <= limit => {
                    self.queue.pop();
                    self.now = at;
                    let event = self.events.remove(&id).unwrap();
                    self.happens(event);
                }
                Some(_) | None => {
                    self.now = limit;
                    return false;
                }
            }
        }
        true
    }

    pub(crate) fn leader(&self) -> Option<usize> {
        self.replicas.iter().position(|replica| replica.leads)
    }

    fn happens(&mut self, event: Happening) {
        match event {
            Happening::Arrives { from, sent, id, request, answered } => {
                self.arrive(from, sent, id, &request, answered);
            }
            Happening::Answered { to, sent, id, outcome } => {
                if self.replicas[to].connection == Connection::Good {
                    if let Outcome::Written { .. } = outcome {
                        self.replicas[to].renewed = sent;
                    }
                    self.tell(to, Input::Answered { attempt: id, outcome });
                }
            }
            Happening::Told { to, input: input @ Input::Observed(_) } => {
                if self.replicas[to].connection == Connection::Good {
                    self.tell(to, input);
                }
            }
            Happening::Told { to, input } => self.tell(to, input),
            Happening::Timer { of, timer } if self.replicas[of].timer == timer => {
                self.tell(of, Input::Wake);
            }
            Happening::Timer { .. } => {}
        }
    }

    pub(crate) fn tell(&mut self, index: usize, input: Input) {
        let digits = u32::try_from(self.rng.between(0, 999_999)).unwrap();
        let wall = 1_700_000_000_000_000 + i64::try_from(self.now / 1_000).unwrap();
        let now = Instant::from_nanos(self.now);
        let Some(elector) = &mut self.replicas[index].elector else {
            return;
        };
        let shown = self.verbose.then(|| format!("{input:?}"));
        let step = elector.handle(ClockReading::new(now, wall, digits), input);
        if let Some(input) = shown {
            println!("{:>8} ms  {index} {input}\n             -> {step:?}", self.now / MILLI);
        }
        self.carry_out(index, step);
    }

    fn carry_out(&mut self, index: usize, step: Step) {
        if let Some(published) = step.publish {
            self.publish(index, &published);
        }
        if let Some(attempt) = step.send {
            self.send(index, attempt.id, attempt.request);
        }
        let replica = &mut self.replicas[index];
        replica.timer += 1;
        if let Some(wake) = step.wake_at {
            let delay = wake.as_nanos().saturating_sub(self.now);
            let timer = replica.timer;
            self.schedule(delay, Happening::Timer { of: index, timer });
        }
    }

    fn publish(&mut self, index: usize, published: &Leadership) {
        let led = self.replicas[index].leads;
        let leads = matches!(published, Leadership::Leading { .. });
        if leads && !led {
            self.begun.push(self.now);
        }
        if let Leadership::Ended { reason, .. } = published
            && *reason != StepDownReason::Cancelled
        {
            self.lost.push(self.now);
            self.schedule(0, Happening::Told { to: index, input: Input::Acquire });
        }
        self.replicas[index].leads = leads;
    }

    /// Tells everybody that the process of the holder has ended.
    pub(crate) fn tell_death(&mut self) {
        let record = self.server.record();
        if let (Some(holder), LeaseTime::At(acquire_time)) = (record.holder, record.acquire_time) {
            for to in 0..self.replicas.len() {
                let holder = holder.clone();
                self.tell(to, Input::HolderDied { holder, acquire_time });
            }
        }
    }

    /// Ends a process; what it has sent may still arrive.
    pub(crate) fn crash(&mut self, index: usize) {
        self.replicas[index].elector = None;
        self.replicas[index].leads = false;
    }
}
