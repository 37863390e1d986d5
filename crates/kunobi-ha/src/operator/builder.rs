//! How a program is put together.

use std::{fmt, sync::Arc};

use super::{
    context::{Context, LeaderContext},
    leader_work::{LeaderWork, Work},
    on_lost::LossPolicy,
    on_wish::OnWish,
};
use crate::{
    error::BoxError,
    health_probe::Encode,
    leader::LeaderElection,
    readiness::Health,
    shutdown::{Scope, Shutdown},
};

/// A program with one or more elections: what runs always, what runs on the leader, and how it
/// ends.
#[must_use = "nothing happens before `run`"]
pub struct Operator {
    /// The election of [`new`](Self::new), which has no name.
    pub(super) unnamed: Option<LeaderElection>,
    /// The work of that election. Its policy is that of all elections that have none of their own.
    pub(super) work: LeaderWork,
    pub(super) named: Vec<NamedElection>,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) probes: Option<Probes>,
    pub(super) metrics: Option<Encode>,
    pub(super) always: Vec<(Scope, Arc<str>, Always)>,
}

/// Where probes are served, and what they say.
pub(super) struct Probes {
    pub(super) address: String,
    pub(super) health: Result<Health, String>,
}

pub(super) type NamedElection = (Arc<str>, LeaderElection, LeaderWork);
pub(super) type Always = Box<dyn FnOnce(Context) -> Work + Send>;

impl Operator {
    /// Begins with an election: [`LeaderElection::builder`], or [`LeaderElection::standalone`] for
    /// a program without a cluster. More can be added with [`election`](Self::election).
    pub fn new(election: LeaderElection) -> Self {
        Self { unnamed: Some(election), ..Self::several() }
    }

    /// Begins without an election: each one is added, with its name, by
    /// [`election`](Self::election). At least one has to be added before [`run`](Self::run), or
    /// nothing starts.
    pub fn several() -> Self {
        Self {
            unnamed: None,
            work: LeaderWork::default(),
            named: Vec::new(),
            shutdown: None,
            probes: None,
            metrics: None,
            always: Vec::new(),
        }
    }

    /// Adds an election, under this name: a program may contend for several Leases, one for each
    /// shard or feature for example, and lead any number of them at a time. `describe` says what
    /// this replica does while it leads this one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use kunobi_ha::{
    ///     BoxError,
    ///     leader::LeaderElection,
    ///     operator::{LeaderContext, OnLost, Operator},
    ///     readiness::{Health, LeaderGate},
    ///     shutdown::{Reason, Shutdown},
    /// };
    /// use kunobi_ha_test::TestServer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// # let server = TestServer::new();
    /// # let client = || kube::Client::new(server.service("a"), "default");
    /// let reports = LeaderElection::builder(client(), "default", "reports").build();
    /// let cleanup = LeaderElection::builder(client(), "default", "cleanup").build();
    /// let health = Health::builder()
    ///     .leader_named("reports", &reports.state(), LeaderGate::ElectionHealthy)
    ///     .leader_named("cleanup", &cleanup.state(), LeaderGate::ElectionHealthy);
    /// # let stop = Shutdown::builder().manual()?;
    /// # let handle = stop.handle();
    /// # let (first, second) = (reports.state(), cleanup.state());
    /// # tokio::spawn(async move {
    /// #     while !(first.is_leader() && second.is_leader()) {
    /// #         tokio::time::sleep(Duration::from_millis(10)).await;
    /// #     }
    /// #     handle.trigger(Reason::Requested("an example".into()));
    /// # });
    /// let report = Operator::several()
    ///     .election("reports", reports, |l| {
    ///         l.lead("daily", lead).lead("weekly", lead).on_lost(OnLost::Exit)
    ///     })
    ///     .election("cleanup", cleanup, |l| l.lead("worker", lead))
    ///     .on_lost(OnLost::Recontend { backoff: Duration::from_secs(1) })
    ///     .probes("127.0.0.1:0", health) // In a pod: "[::]:8081".
    /// #   .shutdown(stop)
    ///     .run()
    ///     .await;
    /// // Each Lease was released when its own work had ended.
    /// assert_eq!(report.released, ["reports".into(), "cleanup".into()]);
    /// assert_eq!(report.exit_code(), 0);
    /// # Ok(())
    /// # }
    ///
    /// async fn lead(lead: LeaderContext) -> Result<(), BoxError> {
    ///     lead.stopped().await;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// Each election has checks of its own under a name
    /// ([`HealthBuilder::leader_named`](crate::readiness::HealthBuilder::leader_named)), metrics
    /// with the name and namespace of its Lease, and needs rights on that Lease: the Role lists the
    /// names of all of them in `resourceNames`.
    ///
    /// # What is guaranteed
    ///
    /// - Each election contends, leads, loses and backs off by itself. A loss under
    ///   [`OnLost::Recontend`](super::OnLost::Recontend) does not touch the others.
    /// - At the end there is one order for all of them: every standby stops contending, all leader
    ///   work drains within the one drain budget, and each Lease is released as soon as its own
    ///   work has ended by itself. An election whose work hangs keeps its own Lease, and no other.
    ///   [`always_before_release`](Self::always_before_release) holds all of them.
    /// - [`Report::released`](crate::shutdown::Report::released) and
    ///   [`not_released`](crate::shutdown::Report::not_released) have the name of the election, and
    ///   `lease` for the election of [`new`](Self::new). Losses, failures and work have the name in
    ///   front. The exit code is the first row of the [table](crate::shutdown::exit_code) that
    ///   applies to any of them.
    ///
    /// # What is not
    ///
    /// - Nothing relates the terms of two elections: one replica may lead all of them, or none.
    /// - What ends the program ends all elections: a loss under
    ///   [`OnLost::Exit`](super::OnLost::Exit), work that fails or that is done, a refusal at first
    ///   contact. Work of a lost term that can't be aborted ends the process at once, and then
    ///   nothing is released.
    ///
    /// # Errors
    ///
    /// [`run`](Self::run) starts nothing, sends nothing, and reports a failure (exit code 1)
    ///
    /// - if no election was added, or if [`lead`](Self::lead) was called without the election of
    ///   [`new`](Self::new),
    /// - if a name is empty or has anything but letters, digits, `-`, `_` and `.`, or if two
    ///   elections have the same name (that of the election of [`new`](Self::new) is `lease`),
    /// - if two elections are over the same Lease: by its namespace and name, whichever server it
    ///   is on, because metrics could not tell these apart.
    pub fn election(
        mut self,
        name: impl Into<Arc<str>>,
        election: LeaderElection,
        describe: impl FnOnce(LeaderWork) -> LeaderWork,
    ) -> Self {
        self.named.push((name.into(), election, describe(LeaderWork::default())));
        self
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
        self.metrics = Some(Box::new(encode));
        self
    }

    /// Sets what to do when leadership is lost: an [`OnLost`](super::OnLost), or a function of the
    /// [`StepDownReason`](crate::leader::StepDownReason). Default:
    /// [`OnLost::Exit`](super::OnLost::Exit). With several elections, it holds for each that does
    /// not say otherwise with [`LeaderWork::on_lost`].
    pub fn on_lost(mut self, policy: impl LossPolicy) -> Self {
        self.work = self.work.on_lost(policy);
        self
    }

    /// Sets what to do when somebody wishes that another replica leads. Default:
    /// [`OnWish::Handover`]. With several elections, it holds for each that does not say otherwise with
    /// [`LeaderWork::on_wish`].
    pub const fn on_wish(mut self, on_wish: OnWish) -> Self {
        self.work.on_wish = Some(on_wish);
        self
    }

    /// Ends the program, with exit code 1, when no request of an election has made progress for its
    /// [`observe_timeout`](crate::leader::LeaderElectionBuilder::observe_timeout). Default: it
    /// contends again after 1, 2, 4 … 60 s, and `always` work goes on. With several elections, it
    /// holds for each of them.
    pub const fn exit_on_observe_timeout(mut self) -> Self {
        self.work.exits_on_timeout = true;
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

    /// Adds work of every replica that has to end before this one releases a Lease: what finishes
    /// on behalf of leader work, say a queue that it writes to. While it drains, nobody takes over.
    /// If it does not end by itself, no Lease is released. With several elections, what it
    /// begins after a Lease was released keeps those that are still held.
    ///
    /// What a server does for clients belongs in [`always`](Self::always): one request that hangs
    /// would keep the Lease for as long as it lasts.
    pub fn always_before_release<F, W>(self, name: impl Into<Arc<str>>, work: F) -> Self
    where
        F: FnOnce(Context) -> W + Send + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.add_always(Scope::BeforeRelease, name.into(), work)
    }

    /// Adds work of the leader, which is called once for each term of the election that was given
    /// to [`new`](Self::new). The work of other elections is added in [`election`](Self::election).
    pub fn lead<F, W>(mut self, name: impl Into<Arc<str>>, work: F) -> Self
    where
        F: Fn(LeaderContext) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.work = self.work.lead(name, work);
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
        let elections = self.named.iter().map(|(name, _, work)| (name, work.names()));
        f.debug_struct("Operator")
            .field("always", &always.collect::<Vec<_>>())
            .field("lead", &self.work.names())
            .field("elections", &elections.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
