//! How an election is described.

use std::{collections::BTreeMap, ffi::OsString, sync::Arc, time::Duration};

use kunobi_ha_core::{Elector, InvalidConfig, Timing, TimingConfig};

use super::{
    certificates::DeathCertificates,
    clock::Clock,
    driver::{LeaseName, Parts},
    election::LeaderElection,
    environment,
    identity::Identity,
    names::{check_labels, check_name, check_namespace},
    namespace,
    successors::{Chooser, Successors},
    transport::{LeaseStore, Transport},
};
use crate::error::Error;

/// Describes a [`LeaderElection`]; made by [`LeaderElection::builder`].
///
/// [`LeaderElection::acquire`] returns what is wrong with it, before anything is sent.
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct LeaderElectionBuilder {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) identity: Identity,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) timing: TimingConfig,
    pub(super) watch: bool,
    pub(super) events: bool,
    pub(super) certificates: Option<DeathCertificates>,
    pub(super) successors: Option<Successors>,
    pub(super) clock: Clock,
}

impl LeaderElectionBuilder {
    pub(super) fn new(store: impl LeaseStore, namespace: String, name: String) -> Self {
        Self {
            transport: store.into_transport(),
            namespace,
            name,
            identity: Identity::default(),
            labels: BTreeMap::new(),
            timing: TimingConfig::default(),
            watch: false,
            events: false,
            certificates: None,
            successors: None,
            clock: Clock::system(),
        }
    }

    /// Describes a candidate by the variables that `lookup` knows.
    pub(super) fn from_variables(
        store: impl LeaseStore,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        let name = environment::lease_name(&lookup).ok_or(Error::LeaseNameUnknown)?;
        let namespace = namespace::find(environment::namespace(&lookup))?;
        let mut builder = Self::new(store, namespace, name);
        builder.certificates = environment::death_certificates(&lookup);
        let builder = match environment::pod_name(&lookup) {
            Some(pod) => builder.identity(pod),
            None => builder,
        };
        let names_successor = environment::names_successor(&lookup);
        Ok(if names_successor { builder.successor(Successors::new()) } else { builder })
    }

    /// Sets the name under which this replica holds the Lease. Default: [`Identity::PodNameOrUuid`].
    pub fn identity(mut self, identity: impl Into<Identity>) -> Self {
        self.identity = identity.into();
        self
    }

    /// Sets how long others wait for a silent leader: whole seconds. Default: 15 s. The log warns of
    /// more than an hour, because no replica leads for that long after a crash.
    pub const fn lease_duration(mut self, duration: Duration) -> Self {
        self.timing.lease_duration = duration;
        self
    }

    /// Sets how long a leader leads after it sent its last successful renewal; less than the lease
    /// duration, by as much as it may take to stop work. Default: 10 s.
    pub const fn renew_deadline(mut self, duration: Duration) -> Self {
        self.timing.renew_deadline = duration;
        self
    }

    /// Sets how often a leader renews, and how often at least a follower reads the Lease. Default: 2 s.
    pub const fn retry_period(mut self, duration: Duration) -> Self {
        self.timing.retry_period = duration;
        self
    }

    /// Sets how long [`acquire`](LeaderElection::acquire) goes on while no request makes progress:
    /// no write succeeds, and no read shows a Lease that another replica holds. It counts from the
    /// first such request, so polls may be rarer than this. Default: 5 min. Zero is refused.
    pub const fn observe_timeout(mut self, duration: Duration) -> Self {
        self.timing.observe_timeout = duration;
        self
    }

    /// Sets after which time a second request joins one that is not answered. Default: a quarter
    /// of the renew deadline, or twice what the last answer took if that is longer.
    ///
    /// So a hung connection costs this much. The first request is kept for half of the renew
    /// deadline, so that nothing is lost with a slow server. If neither is answered by then,
    /// another takes the place of the older one, again and again: a leader survives as many dead
    /// connections in the pool of a shared client as
    /// [`Bounds::dead_connections`](super::Bounds::dead_connections) says, six by default.
    pub const fn renew_request_timeout(mut self, duration: Duration) -> Self {
        self.timing.renew_request_timeout = Some(duration);
        self
    }

    /// Sets how long a release may take before [`step_down`] returns. Default: 3 s.
    ///
    /// [`step_down`]: super::LeaderGuard::step_down
    pub const fn release_timeout(mut self, duration: Duration) -> Self {
        self.timing.release_timeout = duration;
        self
    }

    /// Sets how long the creator of a Lease renews it before it leads. Default: zero.
    ///
    /// A process that has never seen a Lease that was deleted creates it and leads at once, before the
    /// old leader has noticed. The lease duration as a value here closes this gap. At the first install
    /// no replica leads for that long.
    pub const fn create_grace(mut self, duration: Duration) -> Self {
        self.timing.create_grace = duration;
        self
    }

    /// Sets whether to watch the Lease, so that a follower takes over without waiting for its next
    /// poll. Needs the verb `watch`. Default: off.
    pub const fn watch(mut self, watch: bool) -> Self {
        self.watch = watch;
        self
    }

    /// Sets whether to write an Event on the Lease when this replica becomes leader, and one when it
    /// stops leading, as client-go does. Needs `create` on `events`. Default: off.
    ///
    /// The election does not wait for them. The log tells of one that could not be written.
    #[cfg(feature = "events")]
    #[cfg_attr(docsrs, doc(cfg(feature = "events")))]
    pub const fn events(mut self, events: bool) -> Self {
        self.events = events;
        self
    }

    /// Sets whether followers take over as soon as the kubelet says that the leader's process has ended:
    /// see [`DeathCertificates`] for what that needs, and what it assumes. All replicas should have it.
    /// Needs `get` and `watch` on `pods`. Default: off.
    pub fn death_certificates(mut self, certificates: DeathCertificates) -> Self {
        self.certificates = Some(certificates);
        self
    }

    /// Sets how a leader finds whom it names as its successor when it releases the Lease, so that a
    /// rolling update hands over once. Needs the verb `list` on `pods`. Default: nobody is named.
    pub fn successor(mut self, successors: Successors) -> Self {
        self.successors = Some(successors);
        self
    }

    /// Adds labels to the Lease, with every write. Labels that Kubernetes would not store are refused.
    pub fn labels<K, V>(mut self, labels: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<String>,
    {
        self.labels.extend(labels.into_iter().map(|(key, value)| (key.into(), value.into())));
        self
    }

    /// Sets where time comes from. Default: the operating system.
    #[cfg(feature = "test-util")]
    #[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
    pub const fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the election. Nothing is sent yet. The environment is read now, if the identity comes from
    /// there.
    #[must_use]
    pub fn build(self) -> LeaderElection {
        LeaderElection::new(self)
    }

    /// Parses what was described: from here on it can work.
    pub(super) fn parse(self) -> Result<Parts, InvalidConfig> {
        check_name(&self.name)?;
        check_namespace(&self.namespace)?;
        check_labels(&self.labels)?;
        let of_pods = self.successors.as_ref().and_then(|of| of.namespace.as_deref());
        of_pods.map_or(Ok(()), check_namespace)?;
        let identity = self.identity.resolve();
        if identity.trim().is_empty() {
            return Err(InvalidConfig::IdentityEmpty);
        }
        let certificates = self.certificates;
        let certificates = certificates.map(|described| described.parse(&self.namespace));
        let elector = Elector::new(&identity, Timing::new(self.timing)?, fastrand::u64(..))?;
        let lease = LeaseName { namespace: self.namespace, name: self.name, labels: self.labels };
        let chooser = |successors| {
            let (transport, timing) = (Arc::clone(&self.transport), elector.timing().config());
            Arc::new(Chooser::new(successors, transport, &lease, &identity, timing))
        };
        Ok(Parts {
            successors: self.successors.map(chooser),
            elector,
            lease,
            transport: self.transport,
            clock: self.clock,
            watches: self.watch,
            events: self.events,
            certificates: certificates.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests;
