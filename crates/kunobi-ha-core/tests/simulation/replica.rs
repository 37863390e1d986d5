//! One process with its elector and its clocks.

use kunobi_ha_core::{Elector, Input, Instant, Version};

use crate::{
    simulation::{
        bugs::Disguise,
        clock::{Monotonic, SECOND, Wall},
        listener::Start,
        news::Death,
        oracle::Witness,
        world::World,
    },
    spec::Monitor,
};

/// One process with one elector, or the place where it crashed.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) elector: Option<Elector>,
    pub(crate) incarnation: u32,
    pub(crate) identity: String,
    pub(crate) clock: Monotonic,
    pub(crate) wall: Wall,
    pub(crate) paused_until: u64,
    pub(crate) cut_until: u64,
    pub(crate) wake_at: Option<Instant>,
    pub(crate) timer: u64,
    pub(crate) witness: Witness,
    pub(crate) monitor: Monitor,
    pub(crate) disguise: Disguise,
    /// The deaths that its driver has read of; a process that starts again reads them again.
    pub(crate) heard: Vec<Death>,
    /// Which of them the elector was told last, and of which version.
    pub(crate) told: Option<Death>,
    pub(crate) compared: Option<Version>,
    /// Whom the next release names.
    pub(crate) successor: Option<Box<str>>,
}

impl World {
    pub(crate) fn add_replica(&mut self, index: usize) {
        let identity = if self.profile.twins && index < 2 { 0 } else { index };
        let mut clock = Monotonic::new(self.rng.below(1 << 50));
        let error = self.profile.rate_error;
        clock.run_at(0, self.rng.pick(&[-error, 0, error]));
        self.replicas.push(Replica {
            elector: None,
            incarnation: 0,
            identity: format!("replica-{identity}"),
            clock,
            wall: Wall::draw(&mut self.rng),
            paused_until: 0,
            cut_until: 0,
            wake_at: None,
            timer: 0,
            witness: Witness::default(),
            monitor: Monitor::new("", self.profile.timings[index].config()),
            disguise: Disguise::default(),
            heard: Vec::new(),
            told: None,
            compared: None,
            successor: None,
        });
        self.start(index);
    }

    /// Starts a process whose elector knows nothing.
    pub(crate) fn start(&mut self, index: usize) {
        let mut timing = self.profile.timings[index].clone();
        if let Some(bug) = self.bug {
            timing = bug.misread(&timing);
        }
        let seed = self.rng.next();
        let replica = &mut self.replicas[index];
        if let Some(listener) = &mut self.listener {
            let (identity, config) = (replica.identity.as_str(), timing.config());
            listener.started(&Start { replica: index, identity, config, seed });
        }
        replica.monitor = Monitor::new(&replica.identity, timing.config());
        replica.elector = Some(Elector::new(&replica.identity, timing, seed).unwrap());
        replica.witness = Witness::new(self.watched);
        replica.disguise = Disguise::default();
        self.set_rate(index);
        let delay = self.rng.below(SECOND);
        self.tell_later(index, delay, Input::Acquire);
    }
}

impl Replica {
    /// What was sent may still arrive; nothing comes back to anybody.
    pub(crate) fn crash(&mut self) {
        self.elector = None;
        self.incarnation += 1;
        self.witness.belief = None;
        self.wake_at = None;
        (self.told, self.compared, self.successor) = (None, None, None);
    }
}
