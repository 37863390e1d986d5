//! A collector of what is counted, for the crate `prometheus-client`.
//!
//! Nothing is counted twice: the numbers live in the election, and a scrape reads them. A program
//! that exports otherwise reads the same numbers with [`LeaderState::stats`], or takes the feature
//! `metrics`, with which the election tells the recorder of the crate of that name.
//!
//! ```
//! use kunobi_ha::{leader::LeaderElection, metrics::Collector};
//! use prometheus_client::{encoding::text::encode, registry::Registry};
//!
//! let election = LeaderElection::standalone();
//! let mut registry = Registry::default();
//! registry.register_collector(Box::new(Collector::new().election(&election.state())));
//! let mut text = String::new();
//! encode(&mut text, &registry).unwrap();
//! let labels = r#"{name="standalone",lease_namespace="standalone"}"#;
//! assert!(text.contains(&format!("leader_election_master_status{labels} 0\n")));
//! ```
//!
//! | name | type | labels |
//! | --- | --- | --- |
//! | `leader_election_master_status` | gauge, as client-go's | `name`, `lease_namespace` |
//! | `leader_election_slowpath_total` | counter, as client-go's | `name`, `lease_namespace` |
//! | `kunobi_ha_lease_renewals_total` | counter | `name`, `lease_namespace`, `outcome` |
//! | `kunobi_ha_lease_renew_seconds` | histogram | `name`, `lease_namespace` |
//! | `kunobi_ha_lease_last_renew_timestamp_seconds` | gauge | `name`, `lease_namespace` |
//! | `kunobi_ha_leadership_lost_total` | counter | `name`, `lease_namespace`, `reason` |
//! | `kunobi_ha_candidacy_failures_total` | counter | `name`, `lease_namespace`, `reason` |
//! | `kunobi_ha_identity_collisions_total` | counter | `name`, `lease_namespace` |
//! | `kunobi_ha_check_status` | gauge | `kind`, `check` |
//! | `kunobi_ha_shutdown_phase` | gauge, 0 (running) … 5 (stopped) | |
//!
//! `name` and `lease_namespace` are those of the Lease. All series are there from the beginning,
//! with zero, but for the time of the last renewal, which is there once there was one.
//!
//! # How true the gauge is
//!
//! `leader_election_master_status` is read when it is scraped, by the clock: past the renew deadline
//! it is 0, also while the runtime of the election is blocked. What the feature `metrics` pushes to a
//! recorder can't be: while the runtime is blocked nobody pushes, and the last value stays, 1 for
//! instance. A recorder that is installed late is told of all series with the next request or change;
//! what was counted before is in [`LeaderState::stats`] only.

use std::{fmt, time::SystemTime};

use prometheus_client::{
    collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use crate::leader::{ElectionStats, LeaderState};
#[cfg(feature = "readiness")]
use crate::readiness::Health;
#[cfg(feature = "shutdown")]
use crate::shutdown;

/// Reads elections, checks and the shutdown when it is scraped.
#[derive(Debug, Default)]
#[must_use = "register it with `Registry::register_collector`"]
pub struct Collector {
    elections: Vec<LeaderState>,
    #[cfg(feature = "readiness")]
    health: Option<Health>,
    #[cfg(feature = "shutdown")]
    shutdown: Option<shutdown::Handle>,
}

impl Collector {
    /// Reads nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads this election as well.
    pub fn election(mut self, state: &LeaderState) -> Self {
        self.elections.push(state.clone());
        self
    }

    /// Reads these checks.
    #[cfg(feature = "readiness")]
    #[cfg_attr(docsrs, doc(cfg(feature = "readiness")))]
    pub fn health(mut self, health: &Health) -> Self {
        self.health = Some(health.clone());
        self
    }

    /// Reads this shutdown.
    #[cfg(feature = "shutdown")]
    #[cfg_attr(docsrs, doc(cfg(feature = "shutdown")))]
    pub fn shutdown(mut self, handle: shutdown::Handle) -> Self {
        self.shutdown = Some(handle);
        self
    }
}

impl collector::Collector for Collector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let stats: Vec<_> = self.elections.iter().map(LeaderState::stats).collect();
        encode_elections(&mut encoder, &stats)?;
        #[cfg(feature = "readiness")]
        if let Some(health) = &self.health {
            encode_checks(&mut encoder, health)?;
        }
        #[cfg(feature = "shutdown")]
        if let Some(shutdown) = &self.shutdown {
            let phase = u32::from(shutdown.phase().number());
            let help = "How far the shutdown is: 0 running, 1 unready, 2 draining, 3 aborting, 4 \
                        releasing, 5 stopped";
            let family = Family { name: "kunobi_ha_shutdown_phase", help, kind: MetricType::Gauge };
            let descriptor = family.describe(&mut encoder)?;
            ConstGauge::new(phase).encode(descriptor)?;
        }
        Ok(())
    }
}

/// A metric before its values.
struct Family {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
}

impl Family {
    fn describe<'a>(
        &self,
        encoder: &'a mut DescriptorEncoder<'_>,
    ) -> Result<MetricEncoder<'a>, fmt::Error> {
        encoder.encode_descriptor(self.name, self.help, None, self.kind)
    }

    /// Writes one value for each set of labels.
    fn encode<L, M>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        values: impl IntoIterator<Item = (L, M)>,
    ) -> fmt::Result
    where
        L: EncodeLabelSet,
        M: EncodeMetric,
    {
        let mut descriptor = self.describe(encoder)?;
        for (labels, metric) in values {
            metric.encode(descriptor.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

fn encode_elections(encoder: &mut DescriptorEncoder<'_>, all: &[ElectionStats]) -> fmt::Result {
    let gauge = |name, help| Family { name, help, kind: MetricType::Gauge };
    // The encoder appends `_total`.
    let counter = |name, help| Family { name, help, kind: MetricType::Counter };
    gauge("leader_election_master_status", "Whether this replica leads").encode(
        encoder,
        all.iter().map(|stats| (lease(stats), ConstGauge::new(u32::from(stats.leading)))),
    )?;
    counter("leader_election_slowpath", "How often a leader had to read its Lease").encode(
        encoder,
        all.iter().map(|stats| (lease(stats), ConstCounter::new(stats.slow_paths))),
    )?;
    counter("kunobi_ha_identity_collisions", "Renewals seen under our identity that are not ours")
        .encode(
            encoder,
            all.iter().map(|stats| (lease(stats), ConstCounter::new(stats.identity_collisions))),
        )?;
    counter("kunobi_ha_lease_renewals", "Renewals, by outcome")
        .encode(encoder, labelled(all, "outcome", |stats| &stats.renewals))?;
    counter("kunobi_ha_leadership_lost", "Terms that ended, by reason")
        .encode(encoder, labelled(all, "reason", |stats| &stats.losses))?;
    counter("kunobi_ha_candidacy_failures", "Candidacies that failed, by reason")
        .encode(encoder, labelled(all, "reason", |stats| &stats.failures))?;
    let last = all.iter().filter_map(|stats| {
        let since = stats.last_renewal?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some((lease(stats), ConstGauge::new(since.as_secs_f64())))
    });
    let help = "When the last renewal succeeded, in seconds since 1970";
    gauge("kunobi_ha_lease_last_renew_timestamp_seconds", help).encode(encoder, last)?;
    let help = "How long the answers to successful renewals took";
    let family =
        Family { name: "kunobi_ha_lease_renew_seconds", help, kind: MetricType::Histogram };
    let mut descriptor = family.describe(encoder)?;
    for stats in all {
        let histogram = &stats.renew_seconds;
        let mut buckets = histogram.buckets.clone();
        let within: u64 = buckets.iter().map(|(_, count)| count).sum();
        buckets.push((f64::INFINITY, histogram.count.saturating_sub(within)));
        descriptor.encode_family(&lease(stats))?.encode_histogram::<NoLabelSet>(
            histogram.sum,
            histogram.count,
            &buckets,
            None,
        )?;
    }
    Ok(())
}

/// A target has a namespace of its own, so that the one of the Lease is called otherwise.
fn lease(stats: &ElectionStats) -> [(&'static str, String); 2] {
    [("name", stats.name.clone()), ("lease_namespace", stats.namespace.clone())]
}

/// One counter for each election and label.
fn labelled<'a>(
    all: &'a [ElectionStats],
    label: &'static str,
    counts: impl Fn(&ElectionStats) -> &Vec<(&'static str, u64)> + 'a,
) -> impl Iterator<Item = ([(&'static str, String); 3], ConstCounter<u64>)> + 'a {
    all.iter().flat_map(move |stats| {
        let one = |(value, count): &(&'static str, u64)| {
            let [name, namespace] = lease(stats);
            let labels = [name, namespace, (label, (*value).to_owned())];
            (labels, ConstCounter::new(*count))
        };
        counts(stats).iter().map(one).collect::<Vec<_>>()
    })
}

#[cfg(feature = "readiness")]
fn encode_checks(encoder: &mut DescriptorEncoder<'_>, health: &Health) -> fmt::Result {
    let family = Family {
        name: "kunobi_ha_check_status",
        help: "Whether a check passes",
        kind: MetricType::Gauge,
    };
    let checks = health.checks().into_iter().map(|check| {
        let labels =
            [("kind", check.endpoint.word().to_owned()), ("check", check.name.to_string())];
        (labels, ConstGauge::new(u32::from(check.status.is_ok())))
    });
    family.encode(encoder, checks)
}
