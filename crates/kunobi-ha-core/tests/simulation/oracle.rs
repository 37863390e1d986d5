//! What must hold at every step of one elector, and between all of them.

mod belief;
mod broken;
mod early;
mod grace;
mod hints;
mod knowledge;
mod order;
mod rates;
mod releases;
mod requests;
mod waits;
mod writes;

use std::collections::BTreeMap;

use kunobi_ha_core::{
    Attempt, AttemptId, Hints, Input, Instant, Leadership, Lease, LeaseRecord, LeaseTime, Notice,
    Observed, Outcome, Request, Step, Term, Timestamp, TimingConfig, Uid, Version,
};

pub(crate) use self::{
    broken::{Broken, Promise, Watched},
    writes::check_written,
};
use self::{
    early::Early, grace::Graces, hints::Wishes, knowledge::Knowledge, order::Order, rates::Rates,
    releases::Releases, waits::LeaseView,
};
use crate::simulation::{clock::Monotonic, ledger::Ledger, world::Sender};

/// What readers in one process see.
#[derive(Clone, Debug)]
pub(crate) struct Belief {
    /// `None`: a planted bug believes without one.
    pub(crate) term: Option<Term>,
    pub(crate) valid_until: Instant,
    /// Which object is held.
    pub(crate) uid: Option<Uid>,
    /// The place in the ledger of the write that it rests on.
    pub(crate) rests_on: Option<usize>,
}

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) request: Request,
    pub(crate) at: Instant,
    /// The newest version that was known by then.
    pub(crate) knew: u64,
    /// What the elector was about.
    order: Order,
}

/// One step of one elector.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) who: Sender,
    pub(crate) identity: &'a str,
    pub(crate) config: &'a TimingConfig,
    pub(crate) now: Instant,
    pub(crate) input: &'a Input,
    pub(crate) step: &'a Step,
    /// The version that is known after the step.
    pub(crate) known: Option<&'a Version>,
    /// What its annotations say.
    pub(crate) hints: Option<&'a Hints>,
    pub(crate) ledger: &'a Ledger,
    /// Whether a read shows the Lease as it is.
    pub(crate) fresh_reads: bool,
    /// Whether a write may be answered with a conflict without any.
    pub(crate) false_conflicts: bool,
}

/// One elector as the oracles see it.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    watched: Watched,
    pub(crate) belief: Option<Belief>,
    ended_terms: Vec<Term>,
    sent: BTreeMap<AttemptId, Sent>,
    pub(crate) outstanding: BTreeMap<AttemptId, Attempt>,
    knowledge: Knowledge,
    graces: Graces,
    order: Order,
    releases: Releases,
    rates: Rates,
    view: LeaseView,
    early: Early,
    wishes: Wishes,
    last_renew_time: Option<Timestamp>,
    now: Option<Instant>,
}

impl Witness {
    pub(crate) fn new(watched: Watched) -> Self {
        Self { watched, ..Self::default() }
    }

    /// Judges a step; returns the term that begins with it, if one does.
    pub(crate) fn watch(&mut self, scene: &Scene) -> Result<Option<Term>, Broken> {
        let believed = self.belief.clone();
        if self.went_back(scene) {
            self.forget_instants(scene.now);
        }
        let shown = self.shown(scene.input);
        self.check_rewind(scene)?;
        self.count_wake(scene)?;
        self.hear_of_creation(scene);
        if self.order == Order::Contending && *scene.input == Input::StepDown {
            self.give_up(scene);
        }
        self.check_order(scene)?;
        self.check_reason(scene, shown)?;
        let begun = match &scene.step.publish {
            Some(published) => self.publish(scene, published)?,
            None => None,
        };
        self.check_end(scene, believed.as_ref(), shown)?;
        self.learn(scene)?;
        self.see(scene);
        self.hear_early(scene)?;
        self.check_hints(scene)?;
        if let Input::Answered { attempt, .. } = scene.input {
            self.outstanding.remove(attempt);
        }
        for dropped in &scene.step.drop {
            self.outstanding.remove(dropped);
        }
        if let Some(attempt) = &scene.step.send {
            self.send(scene, attempt)?;
        }
        self.now = Some(scene.now);
        Ok(begun)
    }

    fn went_back(&self, scene: &Scene) -> bool {
        self.now > Some(scene.now)
    }

    /// What was measured by a clock that went back means nothing by what it shows now.
    fn forget_instants(&mut self, now: Instant) {
        self.rates = Rates::default();
        self.graces = Graces::default();
        self.releases = Releases::default();
        self.view.restart(now);
        self.early.restart(now);
    }

    fn publish(&mut self, scene: &Scene, published: &Leadership) -> Result<Option<Term>, Broken> {
        match published {
            Leadership::Leading { term, valid_until } => {
                let begins = self.belief.is_none();
                self.believe(scene, *term, *valid_until)?;
                self.check_grace(scene, *valid_until)?;
                return Ok(begins.then_some(*term));
            }
            Leadership::Ended { term, reason } => {
                self.begin_release(scene, *term, *reason);
                self.lose_early(scene, *term, *reason);
                self.ended_terms.push(*term);
            }
            Leadership::Released(release) => self.check_release(scene, release)?,
            Leadership::Following { .. } | Leadership::Failed(_) | Leadership::Withdrawn => {}
        }
        self.belief = None;
        Ok(None)
    }

    /// Returns the Lease that this input shows to an elector that still waits for it.
    fn shown<'a>(&self, input: &'a Input) -> Option<(&'a Version, &'a LeaseRecord)> {
        match input {
            Input::Answered { attempt, outcome: Outcome::Found(Lease { version, record, .. }) } => {
                self.outstanding.contains_key(attempt).then_some((version, record))
            }
            Input::Observed(Observed::Found(Lease { version, record, .. })) => {
                Some((version, record))
            }
            Input::Acquire
            | Input::Answered { .. }
            | Input::HolderDied { .. }
            | Input::Observed(Observed::Deleted)
            | Input::StepDown
            | Input::Stop
            | Input::Wake => None,
        }
    }

    /// Tells whether this input was meant for what the elector is about now.
    fn must_hear(&self, input: &Input) -> bool {
        match input {
            Input::Answered { attempt, .. } => {
                let sent = self.sent.get(attempt);
                sent.is_some_and(|sent| sent.order == self.order)
            }
            Input::Acquire
            | Input::HolderDied { .. }
            | Input::Observed(_)
            | Input::StepDown
            | Input::Stop
            | Input::Wake => true,
        }
    }

    /// Tells whether a record shows this term.
    fn is_of_term(
        &self,
        scene: &Scene,
        belief: &Belief,
        version: &Version,
        record: &LeaseRecord,
    ) -> bool {
        let Some(term) = belief.term else {
            return true;
        };
        (belief.uid.as_ref() == Some(&version.uid) || self.created(record))
            && shows(record, scene.identity, &term)
    }

    /// Tells whether this is what a create of ours would write.
    fn created(&self, record: &LeaseRecord) -> bool {
        self.sent.values().any(|sent| match &sent.request {
            Request::Create { record: ours, .. } => ours == record,
            Request::Read | Request::Update { .. } => false,
        })
    }
}

impl Belief {
    /// The clock may be read at any instant, in a stalled process too.
    pub(crate) fn holds_at(&self, clock: &Monotonic, real: u64) -> bool {
        clock.local_at(real) < self.valid_until.as_nanos()
    }
}

impl Scene<'_> {
    fn rewound(&self) -> Option<(u64, u64)> {
        self.step.notices.iter().find_map(|notice| match notice {
            Notice::Rewound { from, to } => Some((*from, *to)),
            _ => None,
        })
    }
}

/// Tells whether a record carries the marks of this term.
fn shows(record: &LeaseRecord, identity: &str, term: &Term) -> bool {
    record.holder.as_deref() == Some(identity)
        && record.transitions() == term.transitions()
        && record.acquire_time == LeaseTime::At(term.acquire_time())
}

/// Returns what a request would write.
fn written(request: &Request) -> Option<&LeaseRecord> {
    match request {
        Request::Read => None,
        Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
    }
}
