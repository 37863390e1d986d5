//! A collector for the crate `prometheus-client`.
//!
//! The election counts, and a scrape reads the numbers: it changes none of them, and does not count as
//! a probe. A program with another exporter reads the same numbers with [`LeaderState::stats`], or
//! enables the feature `metrics`: then the election also reports to the recorder of the crate
//! `metrics`.
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
//! | `kunobi_ha_lease_renew_deadline_seconds` | gauge, as it was set | `name`, `lease_namespace` |
//! | `kunobi_ha_lease_releases_total` | counter | `name`, `lease_namespace`, `outcome` |
//! | `kunobi_ha_leadership_lost_total` | counter | `name`, `lease_namespace`, `reason` |
//! | `kunobi_ha_takeovers_total` | counter | `name`, `lease_namespace`, `cause` |
//! | `kunobi_ha_death_certificate_problems_total` | counter | `name`, `lease_namespace` |
//! | `kunobi_ha_candidacy_failures_total` | counter | `name`, `lease_namespace`, `reason` |
//! | `kunobi_ha_identity_collisions_total` | counter | `name`, `lease_namespace` |
//! | `kunobi_ha_check_status` | gauge | `kind`, `check` |
//! | `kunobi_ha_shutdown_phase` | gauge, 0 (running) … 5 (stopped) | |
//!
//! `name` and `lease_namespace` are those of the Lease. `kind` is `livez`, `readyz` or `startupz`.
//! Times are in seconds. All series exist from the beginning, with zero. The time of the last renewal
//! is the exception: it appears with the first renewal.
//!
//! The repository has [alerts and a dashboard][see] for them.
//!
//! [see]: https://github.com/kunobi-ninja/kunobi-ha/blob/main/deploy/README.md#see-it-metrics-alerts-dashboard
//!
//! # When the gauge is right
//!
//! `leader_election_master_status` is read by the clock when it is scraped. After the renew deadline it
//! is 0, even if the runtime of the election is blocked. The recorder of the feature `metrics` has no
//! such guarantee: while the runtime is blocked nothing is pushed, and the last value stays, which may
//! be 1. A recorder that is installed late gets all series with the next request or change. What was
//! counted before that is in [`LeaderState::stats`] alone.

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

/// Reads elections, checks and the shutdown when it is scraped. It counts nothing by itself.
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
    /// Makes a collector that reads nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an election. Two elections must differ in the name or the namespace of their Lease.
    pub fn election(mut self, state: &LeaderState) -> Self {
        self.elections.push(state.clone());
        self
    }

    /// Reads these checks. A second call replaces the first.
    #[cfg(feature = "readiness")]
    #[cfg_attr(docsrs, doc(cfg(feature = "readiness")))]
    pub fn health(mut self, health: &Health) -> Self {
        self.health = Some(health.clone());
        self
    }

    /// Reads this shutdown. A second call replaces the first.
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

/// The name, the help and the type of a metric.
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

    /// Writes the metric, with one value for each set of labels.
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
    counter("kunobi_ha_takeovers", "Terms that began, by what let this replica take the Lease")
        .encode(encoder, labelled(all, "cause", |stats| &stats.takeovers))?;
    counter("kunobi_ha_lease_releases", "Releases of the Lease, by outcome")
        .encode(encoder, labelled(all, "outcome", |stats| &stats.releases))?;
    let help = "Death certificates that could not be written, looked for or believed";
    let problems =
        all.iter().map(|stats| (lease(stats), ConstCounter::new(stats.death_certificate_problems)));
    counter("kunobi_ha_death_certificate_problems", help).encode(encoder, problems)?;
    counter("kunobi_ha_candidacy_failures", "Candidacies that failed, by reason")
        .encode(encoder, labelled(all, "reason", |stats| &stats.failures))?;
    let last = all.iter().filter_map(|stats| {
        let since = stats.last_renewal?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some((lease(stats), ConstGauge::new(since.as_secs_f64())))
    });
    let help = "When the last renewal succeeded, in seconds since 1970";
    gauge("kunobi_ha_lease_last_renew_timestamp_seconds", help).encode(encoder, last)?;
    let deadline = |stats: &ElectionStats| ConstGauge::new(stats.renew_deadline.as_secs_f64());
    gauge("kunobi_ha_lease_renew_deadline_seconds", "How long a leader leads without a renewal")
        .encode(encoder, all.iter().map(|stats| (lease(stats), deadline(stats))))?;
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

/// `namespace` alone would hide the label with which Prometheus names the namespace of the target.
fn lease(stats: &ElectionStats) -> [(&'static str, String); 2] {
    [("name", stats.name.clone()), ("lease_namespace", stats.namespace.clone())]
}

/// Returns one counter for each election and each value of the label.
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
