//! How a program is put together.

use std::{fmt, pin::Pin, sync::Arc};

use super::{
    context::{Context, LeaderContext},
    on_lost::{LossPolicy, OnLost, Policy},
};
use crate::{
    error::BoxError,
    leader::LeaderElection,
    readiness::Health,
    shutdown::{Scope, Shutdown},
};

/// A program with an election: what runs always, what runs on the leader, and how it ends.
#[must_use = "nothing happens before `run`"]
pub struct Operator {
    pub(super) election: LeaderElection,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) probes: Option<Probes>,
    pub(super) metrics: Option<Encoder>,
    pub(super) always: Vec<(Scope, Arc<str>, Always)>,
    pub(super) leads: Vec<(Arc<str>, Lead)>,
    pub(super) on_lost: Policy,
    pub(super) exits_on_timeout: bool,
}

/// Where probes are served, and what they say.
pub(super) struct Probes {
    pub(super) address: String,
    pub(super) health: Result<Health, String>,
}

pub(super) type Encoder = Arc<dyn Fn() -> String + Send + Sync>;
pub(super) type Always = Box<dyn FnOnce(Context) -> Work + Send>;
pub(super) type Lead = Arc<dyn Fn(LeaderContext) -> Work + Send + Sync>;
pub(super) type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

impl Operator {
    /// Begins with an election: [`LeaderElection::builder`], or [`LeaderElection::standalone`] for
    /// a program without a cluster.
    pub fn new(election: LeaderElection) -> Self {
        Self {
            election,
            shutdown: None,
            probes: None,
            metrics: None,
            always: Vec::new(),
            leads: Vec::new(),
            on_lost: Policy::Fixed(OnLost::default()),
            exits_on_timeout: false,
        }
    }

    /// Ends with this shutdown. Default: [`run`](Self::run) installs one, with what the environment
    /// says. A signal that arrives before `run` then ends the process at once.
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = Some(shutdown);
        self
    }

    /// Serves probes here, `[::]:8081` for example; takes [`Health`] or its builder. Default: none
    /// are served.
    pub fn probes<H>(mut self, address: impl Into<String>, health: H) -> Self
    where
        H: TryInto<Health>,
        H::Error: fmt::Display,
    {
        let health = health.try_into().map_err(|error| error.to_string());
        self.probes = Some(Probes { address: address.into(), health });
        self
    }

    /// Serves what this returns at `/metrics` of the probes' port, as
    /// [`HealthProbe::metrics`](crate::health_probe::HealthProbe::metrics) says.
    pub fn metrics(mut self, encode: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Some(Arc::new(encode));
        self
    }

    /// Sets what to do when leadership is lost: an [`OnLost`], or a function of the
    /// [`StepDownReason`](crate::leader::StepDownReason). Default: [`OnLost::Exit`].
    pub fn on_lost(mut self, policy: impl LossPolicy) -> Self {
        self.on_lost = Policy::of(policy);
        self
    }

    /// Ends the program, with exit code 1, when no request of the election has made progress for its
    /// [`observe_timeout`](crate::leader::LeaderElectionBuilder::observe_timeout). Default: it
    /// contends again after 1, 2, 4 … 60 s, and `always` work goes on.
    pub const fn exit_on_observe_timeout(mut self) -> Self {
        self.exits_on_timeout = true;
        self
    }

    /// Adds work of every replica. The Lease does not wait for it: at the end the Lease is released
    /// as soon as leader work has ended, and this work drains on, for the drain budget at most.
    pub fn always<F, W>(self, name: impl Into<Arc<str>>, work: F) -> Self
    where
        F: FnOnce(Context) -> W + Send + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.add_always(Scope::Always, name.into(), work)
    }

    /// Adds work of every replica that has to end before this one releases the Lease: what finishes
    /// on behalf of leader work, say a queue that it writes to. While it drains, nobody takes over;
    /// if it does not end by itself, the Lease is not released.
    ///
    /// What a server does for clients belongs into [`always`](Self::always): one request that hangs
    /// would keep the Lease for as long as it lasts.
    pub fn always_before_release<F, W>(self, name: impl Into<Arc<str>>, work: F) -> Self
    where
        F: FnOnce(Context) -> W + Send + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.add_always(Scope::BeforeRelease, name.into(), work)
    }

    /// Adds work of the leader, which is called once for each term.
    pub fn lead<F, W>(mut self, name: impl Into<Arc<str>>, work: F) -> Self
    where
        F: Fn(LeaderContext) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.leads.push((name.into(), Arc::new(move |context| Box::pin(work(context)))));
        self
    }

    fn add_always<F, W>(mut self, scope: Scope, name: Arc<str>, work: F) -> Self
    where
        F: FnOnce(Context) -> W + Send + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.always.push((scope, name, Box::new(move |context| Box::pin(work(context)))));
        self
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let always = self.always.iter().map(|(_, name, _)| name);
        let leads = self.leads.iter().map(|(name, _)| name);
        f.debug_struct("Operator")
            .field("always", &always.collect::<Vec<_>>())
            .field("lead", &leads.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
