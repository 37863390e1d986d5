//! One election as far as it can be seen: who holds the Lease, and who may want it.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    about::About,
    facts::{Access, Because, Look, Observed, Subject},
    index::Index,
    pods::{self, Pod},
    workload::Workload,
};

/// All that the checks of one election look at.
#[derive(Debug)]
pub(crate) struct Election<'a> {
    pub(crate) lease: &'a Subject,
    pub(crate) observed: &'a Observed,
    pub(crate) index: &'a Index<'a>,
    pub(crate) holder: Look<Holder<'a>>,
    pub(crate) workloads: Look<Vec<Workload<'a>>>,
    /// Those of the workloads' service accounts.
    pub(crate) access: Look<Vec<Access>>,
}

/// Whom the record names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder<'a> {
    Nobody,
    Pod(&'a Pod),
    /// The identity is the name of a node.
    Node(&'a str),
    /// The identity begins with the name of a node, and is unique.
    OnNode(&'a str),
    Unknown(&'a str),
}

/// What the record says at the end of the look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Record {
    /// There is no Lease.
    Missing,
    Unheld,
    Live,
    Expired,
}

impl<'a> Election<'a> {
    pub(crate) fn new(lease: &'a Subject, observed: &'a Observed, index: &'a Index<'a>) -> Self {
        let holder = index.holder(lease);
        let workloads = index.contending(lease, &holder);
        let access = Err(Because::of("no access review was made".into()));
        Self { lease, observed, index, holder, workloads, access }
    }

    /// Returns the workloads.
    ///
    /// # Errors
    ///
    /// None is known.
    pub(crate) fn known(&self) -> Look<&[Workload<'a>]> {
        let workloads = self.workloads.as_ref().map_err(Clone::clone)?;
        if workloads.is_empty() {
            return Err(Because::of("no workload of this election is known".into()));
        }
        Ok(workloads)
    }

    pub(crate) fn holder(&self) -> Look<Holder<'a>> {
        self.holder.clone()
    }

    /// Returns the Lease.
    ///
    /// # Errors
    ///
    /// It does not exist.
    pub(crate) fn present(&self) -> Look<&'a Subject> {
        if self.lease.exists {
            Ok(self.lease)
        } else {
            Err(Because::of("the Lease does not exist".into()))
        }
    }

    /// Returns the identity of the holder.
    ///
    /// # Errors
    ///
    /// Nobody holds the Lease.
    pub(crate) fn held(&self) -> Look<&'a str> {
        let holder = self.present()?.holder.as_deref();
        holder.ok_or_else(|| Because::of("nobody holds the Lease".into()))
    }

    /// Returns the duration of a Lease that is held.
    ///
    /// # Errors
    ///
    /// There is no such duration.
    pub(crate) fn lasts(&self) -> Look<Duration> {
        self.held()?;
        let duration = Some(self.duration()).filter(|it| !it.is_zero());
        duration.ok_or_else(|| Because::of("the record has no duration that can work".into()))
    }

    /// Looks whether somebody leads.
    ///
    /// # Errors
    ///
    /// Nobody does, or that is not known.
    pub(crate) fn is_led(&self) -> Look<()> {
        self.held()?;
        match self.record()? {
            Record::Live => Ok(()),
            Record::Missing | Record::Unheld | Record::Expired => {
                Err(Because::of("the lease of the holder has run out".into()))
            }
        }
    }

    /// Whether nobody leads, as far as is known.
    pub(crate) fn is_vacant(&self) -> bool {
        self.record().is_ok_and(|record| record != Record::Live)
    }

    /// The pod that leads.
    ///
    /// # Errors
    ///
    /// None is known.
    pub(crate) fn leader(&self) -> Look<&'a Pod> {
        self.is_led()?;
        match self.holder()? {
            Holder::Pod(pod) => Ok(pod),
            Holder::Nobody => Err(Because::of("nobody holds the Lease".into())),
            Holder::Node(name) | Holder::OnNode(name) => {
                Err(Because::of(format!("the holder names the node {name}, and no pod")))
            }
            Holder::Unknown(identity) => {
                Err(Because::of(format!("the holder {identity} names no pod")))
            }
        }
    }

    /// The pods that can lead now.
    ///
    /// # Errors
    ///
    /// They are not known.
    pub(crate) fn candidates(&self) -> Look<Vec<&'a Pod>> {
        let leader = self.leader().ok().filter(|it| !pods::is_terminating(it));
        let leads = |pod: &Pod| leader.is_some_and(|it| it.metadata == pod.metadata);
        let of = |it: &Workload<'a>| {
            let pods = it.pods.iter().copied();
            pods.filter(|pod| it.can_lead(pod) || leads(pod)).collect::<Vec<_>>()
        };
        Ok(self.known()?.iter().flat_map(of).collect())
    }

    pub(crate) fn duration(&self) -> Duration {
        let seconds = self.lease.duration_seconds.unwrap_or_default();
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// How long nobody has written the record: by the server's clock where that is known, and at least as long as was
    /// watched.
    ///
    /// # Errors
    ///
    /// That is not known.
    pub(crate) fn silence(&self) -> Look<Duration> {
        let lease = self.lease;
        let written = lease.stored.or(lease.renewed).or(lease.created);
        let silence = written.map(|it| self.observed.now.duration_since(it));
        let silence = silence.filter(|it| *it > -ROUNDING);
        let watched = self.observed.window;
        match silence.map(|it| Duration::try_from(it).unwrap_or_default()) {
            Some(silence) if self.observed.is_silent() => Ok(silence.max(watched)),
            Some(silence) => Ok(silence),
            None if self.observed.is_silent() && watched > self.duration() => Ok(watched),
            None => Err(Because::of(
                "the Lease does not tell when it was renewed, and no renewal was seen: look longer with \
                 --observe"
                    .into(),
            )),
        }
    }

    /// Returns what the record says.
    ///
    /// # Errors
    ///
    /// It does not say whether the holder still leads.
    pub(crate) fn record(&self) -> Look<Record> {
        Ok(match &self.lease.holder {
            _ if !self.lease.exists => Record::Missing,
            None => Record::Unheld,
            Some(_) if !self.observed.is_silent() => Record::Live,
            Some(_) if self.silence()? > self.duration() + ROUNDING.unsigned_abs() => {
                Record::Expired
            }
            Some(_) => Record::Live,
        })
    }

    /// Whether the program of a workload is built with kunobi-ha, as far as that can be told.
    pub(crate) fn is_ours(&self, workload: &Workload<'_>) -> bool {
        let is_alone = || self.workloads.iter().flatten().count() == 1;
        let wrote = || match self.holder {
            Ok(Holder::Pod(pod)) => workload.owns(pod),
            Ok(Holder::Nobody | Holder::Node(_) | Holder::OnNode(_) | Holder::Unknown(_))
            | Err(_) => is_alone(),
        };
        workload.has_our_variables() || self.lease.is_ours && wrote()
    }

    /// Whether somebody was ever elected with the Lease, or wants to be.
    pub(crate) fn elects(&self) -> bool {
        let Subject { namespace, name, holder, acquired, transitions, .. } = self.lease;
        let wants = |it: &Workload<'_>| it.wants().contains(&(namespace, name));
        holder.is_some()
            || !self.observed.beats && (acquired.is_some() || *transitions > 0)
            || self.workloads.iter().flatten().any(wants)
    }

    pub(crate) fn about(&self) -> About {
        About::named("Lease", &self.lease.namespace, &self.lease.name)
    }
}

/// The server stores times to the second, and a request takes time.
pub(crate) const ROUNDING: SignedDuration = SignedDuration::from_secs(2);
