//! Carries out what the machine decides. It compares no times and no holders.

mod answer;
mod author;
mod deaths;
#[cfg(feature = "test-util")]
pub mod hostile;
mod in_flight;
mod k8s_event;
mod lease;
mod lease_watch;
mod pod_watch;
mod publish;
mod report;
mod send;
mod watch;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use kunobi_ha_core::{
    Elector, Failure, Input, LeaseRecord, Notice, Release, Step, StepDownReason, Term,
};
use tokio::time::{self, Sleep};

use self::{
    answer::Meaning,
    author::Author,
    deaths::Deaths,
    in_flight::InFlight,
    lease::{Fields, Served},
    lease_watch::WatchEvent,
    pod_watch::PodEvent,
    report::printable,
    watch::Watch,
};
pub(super) use self::{
    answer::Trouble,
    lease::{LeaseName, format_time},
};
use super::{
    candidacy::Candidacy,
    certificates::{Certificates, Evidence},
    clock::Clock,
    successors::Chooser,
    transport::{Answer, Transport},
};
use crate::{
    error::BoxError,
    journal::{Span, info_span},
};

/// One elector with its requests, its timer and its watch.
pub(super) struct Driver {
    elector: Elector,
    pub(super) lease: LeaseName,
    transport: Arc<dyn Transport>,
    clock: Clock,
    candidacy: Candidacy,
    /// The object that was served with the elector's version: an update is written over it.
    object: Option<Fields>,
    /// What the election sees in it.
    record: Option<LeaseRecord>,
    in_flight: Vec<InFlight>,
    timer: Option<Pin<Box<Sleep>>>,
    watches: bool,
    watch: Option<Watch<WatchEvent>>,
    author: Option<Author>,
    deaths: Option<Deaths>,
    /// By what the death is known that began the last term.
    taken_over: Option<Evidence>,
    events: bool,
    pub(super) successors: Option<Arc<Chooser>>,
    /// Whom the next release names.
    successor: Option<String>,
    trouble: Option<Trouble>,
    span: Span,
    term_span: Option<Span>,
}

/// A publication that the candidate or the guard waits for.
pub(super) enum Milestone {
    Ended(StepDownReason),
    Failed(Failure),
    Leading(Term),
    Released(Release),
}

/// Everything that a driver is made of.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// As it is before its first candidacy.
    pub(super) elector: Elector,
    pub(super) lease: LeaseName,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) clock: Clock,
    pub(super) watches: bool,
    pub(super) events: bool,
    pub(super) certificates: Option<Certificates>,
    pub(super) successors: Option<Arc<Chooser>>,
}

/// What a driver waits for.
enum Arrival {
    Answer(InFlight, Result<Answer, BoxError>),
    Timer,
    Pod(Option<PodEvent>),
    Watch(Option<Box<WatchEvent>>),
}

impl Driver {
    pub(super) fn new(parts: Parts, candidacy: Candidacy) -> Self {
        let Parts { elector, lease, transport, clock, watches, events, certificates, successors } =
            parts;
        let span = info_span!(
            "election",
            lease = %format_args!("{}/{}", lease.namespace, lease.name),
            identity = %printable(elector.identity()),
        );
        let author = certificates.as_ref().and_then(|certificates| {
            span.in_scope(|| Author::new(certificates, elector.identity(), &candidacy))
        });
        Self {
            elector,
            lease,
            transport,
            clock,
            candidacy,
            object: None,
            record: None,
            in_flight: Vec::new(),
            timer: None,
            watches,
            watch: None,
            author,
            deaths: certificates.map(Deaths::new),
            taken_over: None,
            events,
            successors,
            successor: None,
            trouble: None,
            span,
            term_span: None,
        }
    }

    /// Takes part until there is a milestone.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: `self` keeps all that is under way.
    pub(super) async fn next(&mut self) -> Milestone {
        loop {
            if let Some(milestone) = self.advance().await {
                return milestone;
            }
        }
    }

    async fn advance(&mut self) -> Option<Milestone> {
        let (in_flight, timer, watch) = (&mut self.in_flight, &mut self.timer, &mut self.watch);
        let (deaths, clock) = (&mut self.deaths, self.clock);
        let watches_pod = deaths.as_ref().is_some_and(Deaths::is_watching);
        let arrival = tokio::select! {
            biased;
            (request, answer) = poll_fn(|context| in_flight::poll(in_flight, context)) => {
                Arrival::Answer(request, answer)
            }
            event = async { watch.as_mut()?.next().await.map(Box::new) }, if watch.is_some() => {
                Arrival::Watch(event)
            }
            event = async { deaths.as_mut()?.next().await }, if watches_pod => Arrival::Pod(event),
            () = poll_fn(|context| poll_timer(timer, clock, context)) => Arrival::Timer,
        };
        match arrival {
            Arrival::Answer(InFlight { id, verb, sent, renews, .. }, answer) => {
                let Meaning { outcome, served, trouble } = Meaning::of(verb, &self.lease, answer);
                let (well, took) = (trouble.is_none(), self.clock.now().since(sent));
                self.note(verb, took, trouble);
                self.candidacy.election().watchdog.answered(&outcome);
                self.candidacy.election().stats.introduce();
                if renews {
                    self.candidacy.election().stats.renewed(&outcome, took);
                }
                let milestone = self.step(Input::Answered { attempt: id, outcome }, served);
                if well && !self.elector.is_failing() {
                    self.candidacy.election().note_error(None);
                    self.trouble = None;
                }
                milestone
            }
            Arrival::Timer => {
                self.timer = None;
                self.step(Input::Wake, None)
            }
            Arrival::Watch(Some(event)) => self.step(Input::Observed(event.observed), event.served),
            Arrival::Watch(None) => {
                self.watch = None;
                None
            }
            Arrival::Pod(event) => {
                self.pod_showed(event);
                self.look()
            }
        }
    }

    /// Tells the machine what its user wants, and does what it says.
    pub(super) fn tell(&mut self, input: Input) -> Option<Milestone> {
        self.step(input, None)
    }

    fn step(&mut self, input: Input, served: Option<Served>) -> Option<Milestone> {
        let milestone = self.take(input, served);
        if milestone.is_some() { milestone } else { self.look() }
    }

    /// Tells the machine if the holder has died.
    fn look(&mut self) -> Option<Milestone> {
        let died = self.look_for_death()?;
        self.take(died, None)
    }

    fn take(&mut self, input: Input, served: Option<Served>) -> Option<Milestone> {
        // rule 2: the clock is read before the request is made, and a deadline counts from then on.
        let step = self.elector.handle(self.clock.read(), input);
        let Step { publish, notices, drop, send, wake_at } = step;
        // Before the publication: another thread that hears of the end may ask for it at once.
        self.candidacy.election().watchdog.flapped(&self.elector);
        for notice in &notices {
            if let Notice::TermBegan { how } = notice {
                self.took_over(*how);
            }
        }
        // rule 16: publish first, then send.
        let milestone = publish.and_then(|leadership| self.publish(leadership));
        for notice in notices {
            self.report(&notice);
        }
        self.in_flight.retain(|request| !drop.contains(&request.id));
        if let Some(Served { version, object, record, .. }) = served
            && self.elector.version() == Some(&version)
        {
            self.object = Some(object);
            self.record = Some(record);
        }
        if let Some(attempt) = send {
            self.launch(attempt);
        }
        self.candidacy.election().watchdog.stepped(&self.elector, wake_at);
        self.timer = wake_at.map(|at| {
            let timer = time::sleep(self.clock.until(at));
            match self.timer.take() {
                Some(mut old) => {
                    old.as_mut().reset(timer.deadline());
                    old
                }
                None => Box::pin(timer),
            }
        });
        milestone
    }

    /// Takes part in this candidacy from now on.
    pub(super) fn join(&mut self, candidacy: Candidacy) {
        self.candidacy = candidacy;
        self.successor = None;
        self.trouble = None;
    }
}

fn poll_timer(
    timer: &mut Option<Pin<Box<Sleep>>>,
    clock: Clock,
    context: &mut Context<'_>,
) -> Poll<()> {
    match timer {
        Some(timer) => {
            ready!(clock.poll_timers(context));
            timer.as_mut().poll(context)
        }
        None => Poll::Pending,
    }
}
