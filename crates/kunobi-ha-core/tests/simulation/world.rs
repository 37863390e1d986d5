//! Virtual real time: electors, their clocks and processes, the network and the Lease.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use kunobi_ha_core::{AttemptId, Input, Outcome, Request, Term};

use crate::simulation::{
    bugs::{Bug, Plant},
    incidents::Incident,
    ledger::{Author, Ledger},
    listener::Listener,
    news::Death,
    oracle::{Broken, Promise, Watched},
    profile::{Faults, Profile, Setting},
    replica::Replica,
    rng::Rng,
    server::Server,
};

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: u64,
    pub(crate) profile: Profile,
    pub(crate) faults: Faults,
    pub(crate) server: Server,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) bug: Option<Bug>,
    pub(crate) watched: Watched,
    pub(crate) ledger: Ledger,
    /// No wait of theirs means anything then.
    pub(crate) clocks_went_back: bool,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Happening>,
    next_event: u64,
    pub(crate) draws: u32,
    pub(crate) next_timer: u64,
    /// The newest fence, and the place in the ledger of the write behind it.
    pub(crate) fence: Option<(u64, usize)>,
    pub(crate) listener: Option<Box<dyn Listener>>,
    pub(crate) stats: Stats,
}

#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A request arrives at the server; `reply` is how long its answer takes, if one goes back.
    Arrives {
        from: Sender,
        id: AttemptId,
        request: Request,
        reply: Option<(u64, Reply)>,
    },
    /// Something happens to an elector.
    Told {
        to: Sender,
        input: Input,
    },
    Timer {
        of: usize,
        timer: u64,
    },
    /// A driver reads of deaths.
    Heard {
        by: usize,
        deaths: Vec<Death>,
    },
    Resumes(usize),
    Incident(Incident),
    NextIncident,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Sender {
    pub(crate) replica: usize,
    pub(crate) incarnation: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Honest,
    Instead(Outcome),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Stats {
    pub(crate) steps: u64,
    /// How many of them the table has judged.
    pub(crate) judged: u64,
    pub(crate) terms: u64,
    pub(crate) incidents: u64,
    /// Terms that ended without being asked to.
    pub(crate) lost: u64,
    /// Terms that began early, because the holder had died, or to take an own one back.
    pub(crate) died: u64,
    pub(crate) retaken: u64,
    /// Wishes that were told, and successors that did not come.
    pub(crate) wished: u64,
    pub(crate) let_go_first: u64,
    /// Virtual nanoseconds until somebody led after the faults had stopped.
    pub(crate) recovery: u64,
}

impl World {
    pub(crate) fn new(
        seed: u64,
        setting: Setting,
        plant: Option<Plant>,
        listener: Option<Box<dyn Listener>>,
    ) -> Self {
        let bug = plant.map(|plant| plant.bug);
        let mut rng = Rng::new(seed);
        let profile = Profile::draw(&mut rng, setting);
        let mut server = Server::new(rng.below(1000));
        server.creates_on_put = profile.creates_on_put;
        server.unguarded = bug == Some(Bug::NoGuard);
        let mut world = Self {
            faults: profile.faults.clone(),
            replicas: Vec::new(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            draws: 0,
            next_timer: 0,
            fence: None,
            stats: Stats::default(),
            now: 0,
            rng,
            profile,
            server,
            bug,
            watched: Watched(plant.map_or_else(only_spec, |plant| Some(plant.found_by))),
            ledger: Ledger::default(),
            clocks_went_back: false,
            listener,
        };
        for index in 0..world.profile.timings.len() {
            world.add_replica(index);
        }
        world.ledger.record(None, Author::Administrator);
        world.schedule(world.faults.incident_every, Happening::NextIncident);
        world
    }

    pub(crate) fn sender(&self, replica: usize) -> Sender {
        Sender { replica, incarnation: self.replicas[replica].incarnation }
    }

    pub(crate) fn tell_later(&mut self, index: usize, delay: u64, input: Input) {
        let to = self.sender(index);
        self.schedule(delay, Happening::Told { to, input });
    }

    pub(crate) fn schedule(&mut self, delay: u64, event: Happening) {
        self.next_event += 1;
        self.events.insert(self.next_event, event);
        let at = self.now.saturating_add(delay);
        self.queue.push(Reverse((at, self.next_event)));
    }

    /// Lets everything happen that happens before `until`, or until somebody leads.
    pub(crate) fn run(&mut self, until: u64, to_a_leader: bool) -> Result<(), Broken> {
        while let Some(Reverse((at, id))) = self.queue.peek().copied() {
            if at >= until || (to_a_leader && self.leader().is_some()) {
                break;
            }
            self.queue.pop();
            self.now = at;
            let event = self.events.remove(&id).unwrap();
            self.happens(event)?;
        }
        Ok(())
    }

    /// Returns the term of the elector that believes and could act on it.
    pub(crate) fn leader(&self) -> Option<Term> {
        let mut beliefs = self.replicas.iter().filter_map(|replica| {
            let belief = replica.witness.belief.as_ref()?;
            belief.holds_at(&replica.clock, self.now).then_some(belief.term?)
        });
        beliefs.next()
    }

    fn happens(&mut self, event: Happening) -> Result<(), Broken> {
        let concerned = match &event {
            Happening::Told { to, .. } => Some(to.replica),
            Happening::Timer { of, .. } => Some(*of),
            Happening::Heard { by, .. } => Some(*by),
            Happening::Arrives { .. }
            | Happening::Resumes(_)
            | Happening::Incident(_)
            | Happening::NextIncident => None,
        };
        if let Some(index) = concerned
            && self.replicas[index].paused_until > self.now
        {
            self.schedule(self.replicas[index].paused_until - self.now, event);
            return Ok(());
        }
        match event {
            Happening::Arrives { from, id, request, reply } => {
                self.arrive(from, id, &request, reply)
            }
            Happening::Told { to, input } if self.sender(to.replica) == to => {
                self.tell(to.replica, input)
            }
            Happening::Timer { of, timer } if self.replicas[of].timer == timer => {
                self.tell(of, Input::Wake)
            }
            Happening::Told { .. } | Happening::Timer { .. } => Ok(()),
            Happening::Heard { by, deaths } => {
                self.hear(by, deaths);
                Ok(())
            }
            Happening::Resumes(index) => {
                self.set_rate(index);
                Ok(())
            }
            Happening::Incident(incident) => {
                self.strike(incident);
                Ok(())
            }
            Happening::NextIncident => {
                self.next_incident();
                Ok(())
            }
        }
    }
}

impl World {
    pub(crate) fn note(&mut self, what: &impl std::fmt::Debug) {
        if let Some(listener) = &mut self.listener {
            listener.noted(self.now, what);
        }
    }
}

/// `WATCH=spec` looks at nothing but the trace validation.
fn only_spec() -> Option<Promise> {
    std::env::var("WATCH").is_ok_and(|watch| watch == "spec").then_some(Promise::Spec)
}
