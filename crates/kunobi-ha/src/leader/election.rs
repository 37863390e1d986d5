//! One candidate.

use std::{convert::Infallible, env, future::pending, pin::pin, sync::Arc, time::Duration};

use kunobi_ha_core::{Bounds, Input, InvalidConfig, Release, Timing};
use tokio::select;

use super::{
    acquired::Acquired,
    builder::LeaderElectionBuilder,
    driver::{Driver, Milestone, Parts},
    guard::LeaderGuard,
    slot::Slot,
    state::{ElectionState, LeaderState},
    stats::Stats,
    transport::{LeaseStore, Standalone},
};
#[cfg(doc)]
use crate::error::Error;
#[cfg(feature = "operator")]
use crate::termination_log::TerminationLog;
use crate::{error::Result, journal::warn};

/// One candidate of one election, for life.
///
/// It has one elector, across all its [`acquire`](Self::acquire)s. Dropping it changes nothing for a
/// guard that came from it.
#[derive(Debug)]
pub struct LeaderElection {
    /// What its driver is made of, or what is wrong with that.
    parts: Result<Parts, InvalidConfig>,
    state: Arc<ElectionState>,
    slot: Arc<Slot>,
}

impl LeaderElection {
    /// Describes a candidate for the Lease of this name, with the defaults of
    /// kube-controller-manager: 15 s lease duration, 10 s renew deadline, 2 s retry period.
    ///
    /// `store` is a `kube::Config`, from which the election makes clients of its own, or a
    /// `kube::Client`; [`LeaseStore`] says what the difference is. A program that needs a client for
    /// other things too makes it from the same configuration:
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use kunobi_ha::leader::LeaderElection;
    ///
    /// let config = kube::Config::infer().await?;
    /// let client = kube::Client::try_from(config.clone())?; // for controllers
    /// let election = LeaderElection::builder(config, "my-ns", "my-operator").build();
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(
        store: impl LeaseStore,
        namespace: impl Into<String>,
        name: impl Into<String>,
    ) -> LeaderElectionBuilder {
        LeaderElectionBuilder::new(store, namespace.into(), name.into())
    }

    /// Describes a candidate by the environment that the chart and the kustomize base of kunobi-ha
    /// set. Empty variables count as unset, and blanks around a value are cut off.
    ///
    /// | what | from |
    /// | --- | --- |
    /// | the name of the Lease | `HA_LEASE` |
    /// | its namespace | `POD_NAMESPACE`, else the namespace of the service account, as [`pod_namespace`] |
    /// | whether a leader [names its successor](LeaderElectionBuilder::successor) | `HA_SUCCESSOR`, if it is `true` |
    /// | the identity | `POD_NAME`, else `HOSTNAME`, else a UUID, as [`Identity::PodNameOrUuid`] |
    /// | [`DeathCertificates`] | on if `HA_DEATH_CERTIFICATES` names the container; `HA_TERMINATION_LOG` is their path |
    ///
    /// What the program says about the builder afterwards wins. A program that names the Lease or the
    /// namespace itself uses [`builder`](Self::builder), which reads the identity only.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use kunobi_ha::leader::LeaderElection;
    ///
    /// let config = kube::Config::infer().await?;
    /// let election = LeaderElection::from_env(config)?.watch(true).build();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::LeaseNameUnknown`] if `HA_LEASE` is not set.
    /// - [`Error::NamespaceUnknown`] outside a pod, if `POD_NAMESPACE` is not set.
    ///
    /// [`DeathCertificates`]: super::DeathCertificates
    /// [`Identity::PodNameOrUuid`]: super::Identity::PodNameOrUuid
    /// [`pod_namespace`]: super::pod_namespace
    pub fn from_env(store: impl LeaseStore) -> Result<LeaderElectionBuilder> {
        LeaderElectionBuilder::from_variables(store, |name| env::var_os(name))
    }

    /// Returns an election without a cluster, in which this process is the only candidate: for
    /// development, and for installations that run one replica on purpose.
    ///
    /// All else is the same: terms, guards, fencing tokens, and what depends on them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> kunobi_ha::Result<()> {
    /// use kunobi_ha::leader::LeaderElection;
    ///
    /// let election = LeaderElection::standalone();
    /// let guard = election.acquire().await?;
    /// assert!(guard.is_leader());
    /// # guard.step_down().await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn standalone() -> Self {
        Self::standalone_as(STANDALONE)
    }

    /// As [`standalone`](Self::standalone), under this name instead of `standalone`: for a program
    /// with several elections, whose Leases have different names.
    #[must_use]
    pub fn standalone_as(name: impl Into<String>) -> Self {
        LeaderElectionBuilder::new(Standalone::default(), STANDALONE.into(), name.into()).build()
    }

    pub(super) fn new(config: LeaderElectionBuilder) -> Self {
        let deadline = config.timing.renew_deadline;
        let stats = Stats::new(&config.namespace, &config.name, deadline);
        let shared = Arc::new(ElectionState::new(config.clock, stats, &config.timing));
        Self { parts: config.parse(), state: shared, slot: Arc::default() }
    }

    /// Returns a handle that tells whether this replica leads: take it before
    /// [`acquire`](Self::acquire), and start what answers probes with it.
    #[must_use]
    pub fn state(&self) -> LeaderState {
        LeaderState::new(Arc::clone(&self.state))
    }

    /// Returns what this configuration promises.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`], as [`acquire`](Self::acquire) would return it.
    pub fn bounds(&self) -> Result<Bounds, InvalidConfig> {
        Ok(self.parts()?.elector.timing().bounds())
    }

    /// Waits until this replica leads.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidConfig`] before anything is sent.
    /// - [`Error::AlreadyLeading`] while another `acquire` of this election waits, or its guard
    ///   leads.
    /// - [`Error::Forbidden`], [`Error::Denied`], [`Error::Unauthorized`],
    ///   [`Error::NamespaceMissing`], [`Error::NotALease`] and [`Error::Api`] if the first answer of
    ///   its kind is a refusal that only an administrator can change.
    /// - [`Error::ObserveTimeout`] if no request made progress for that long.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, this replica stops contending and does not lead. A write that was under way
    /// may still be applied: the Lease then has our name until others have waited for it to run out.
    /// [`acquire_unless`](Self::acquire_unless) waits for that write, and releases the Lease.
    pub async fn acquire(&self) -> Result<LeaderGuard> {
        match self.contend(pending::<Infallible>()).await? {
            Ok(guard) => Ok(guard),
            Err((never, _)) => match never {},
        }
    }

    /// Waits until this replica leads, or until `stop` resolves, at a signal for instance.
    ///
    /// When `stop` resolves, this replica stops contending. If a write of its own is under way, it
    /// finds out within `release_timeout` whether that was applied, and if so releases the Lease;
    /// otherwise no replica would lead for a lease duration. It never leads by that write. A Lease that
    /// was created under a [`create_grace`](LeaderElectionBuilder::create_grace) is not released.
    ///
    /// ```no_run
    /// # async fn run(election: kunobi_ha::leader::LeaderElection) -> kunobi_ha::Result<()> {
    /// use kunobi_ha::leader::Acquired;
    ///
    /// let stop = async {
    ///     let _ = tokio::signal::ctrl_c().await;
    /// };
    /// match election.acquire_unless(stop).await? {
    ///     Acquired::Leading(guard) => {
    ///         // … work, until it is lost or has to end …
    ///         guard.step_down().await;
    ///     }
    ///     Acquired::Stopped(release) => println!("never led; the lease: {release:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire). Dropped after `stop` has resolved, it stops waiting for the
    /// write, and releases nothing.
    pub async fn acquire_unless(&self, stop: impl Future<Output = ()>) -> Result<Acquired> {
        Ok(match self.contend(stop).await? {
            Ok(guard) => Acquired::Leading(guard),
            Err(((), release)) => Acquired::Stopped(release),
        })
    }

    async fn contend<S>(
        &self,
        stop: impl Future<Output = S>,
    ) -> Result<std::result::Result<LeaderGuard, (S, Release)>> {
        self.state.stats.introduce();
        let mut stop = pin!(stop);
        let parts = self.parts();
        let make = |parts: &Parts, candidacy| {
            warn_of(parts.elector.timing());
            Driver::new(parts.clone(), candidacy)
        };
        let mut checked_out = select! {
            biased;
            why = &mut stop => return Ok(Err((why, Release::NotHeld))),
            checked_out = async {
                let parts = parts.clone()?;
                self.slot.check_out(&self.state, |candidacy| make(parts, candidacy)).await
            } => checked_out?,
        };
        let driver = checked_out.driver();
        let mut milestone = driver.tell(Input::Acquire);
        let mut stopped = None;
        loop {
            match milestone {
                Some(Milestone::Leading(term)) => {
                    return Ok(Ok(LeaderGuard::start(checked_out, term)));
                }
                Some(Milestone::Failed(failure)) => {
                    let trouble = driver.take_trouble();
                    return Err(parts?.explain(failure, trouble));
                }
                Some(Milestone::Released(release)) => {
                    if let Some(why) = stopped {
                        return Ok(Err((why, release)));
                    }
                }
                Some(Milestone::Ended(_)) | None => {}
            }
            milestone = select! {
                biased;
                why = &mut stop, if stopped.is_none() => {
                    stopped = Some(why);
                    driver.tell(Input::StepDown)
                }
                milestone = driver.next() => Some(milestone),
            };
        }
    }

    /// Returns how long to wait before the next [`acquire`](Self::acquire), so that a replica that
    /// can't keep the lease does not pass it around: zero, or 1, 2, 4 … 60 s after that many terms
    /// in a row that were lost within one lease duration.
    #[must_use]
    pub fn flap_backoff(&self) -> Duration {
        self.state.watchdog.flap_backoff()
    }

    /// Returns the termination message that it writes certificates into.
    #[cfg(feature = "operator")]
    pub(crate) fn termination_log(&self) -> Option<Arc<TerminationLog>> {
        let certificates = self.parts.as_ref().ok()?.certificates.as_ref();
        certificates.map(|certificates| Arc::clone(&certificates.log))
    }

    /// Tells whether this replica has ever led, or followed a leader.
    #[cfg(feature = "operator")]
    pub(crate) fn took_part(&self) -> bool {
        self.state.watchdog.took_part()
    }

    fn parts(&self) -> Result<&Parts, InvalidConfig> {
        self.parts.as_ref().map_err(Clone::clone)
    }
}

/// Warns of durations that are valid and hardly intended.
fn warn_of(timing: &Timing) {
    let margin = timing.bounds().clock_rate_ppm;
    if margin < LEAST_MARGIN_PPM {
        warn!(
            "renew_deadline is so close to lease_duration that clocks that differ by {} % in rate \
             allow two leaders: keep it at 80 % or less",
            f64::from(margin) / 10_000.0
        );
    }
    if timing.config().retry_period == timing.config().renew_deadline {
        warn!("retry_period equals renew_deadline: no renewal can come in time");
    }
    if timing.config().lease_duration > LONGEST_SENSIBLE_LEASE {
        warn!(
            "lease_duration is {:?}: that is how long nobody leads after a crash",
            timing.config().lease_duration
        );
    }
}

/// Clocks that are slewed by chrony differ by up to 8.3 %.
const LEAST_MARGIN_PPM: u32 = 100_000;
const LONGEST_SENSIBLE_LEASE: Duration = Duration::from_secs(60 * 60);
const STANDALONE: &str = "standalone";
