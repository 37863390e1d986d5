//! What became of the writes, and for how long nobody led.

use std::{collections::BTreeSet, time::Duration};

use super::{
    deployment::Workload,
    history::{History, PodTerm},
    record::Tick,
    site::{Site, poll},
};

/// Times are nanoseconds of the boot clock.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) history: History,
    pub(crate) ticks: Vec<Tick>,
    /// Claimed by a pod, and not in the history.
    pub(crate) lost: usize,
    /// In the history, and claimed by no pod.
    pub(crate) unclaimed: usize,
    /// A write refused because another had come between, or one that did: a second writer.
    pub(crate) doubled: usize,
    /// How long the slowest write took.
    pub(crate) slowest: Duration,
}

impl Verdict {
    /// Ends all pods, and compares what they say with what was stored.
    pub(crate) async fn after(site: &Site, workload: &Workload) -> Self {
        workload.scale_to_zero().await;
        Self::of_ended(site).await
    }

    /// Does so when all pods have ended.
    pub(crate) async fn of_ended(site: &Site) -> Self {
        let history = History::of(&site.logs());
        let ticks = || -> Vec<Tick> { site.maps.all().iter().filter_map(Tick::of).collect() };
        let told = history.terms.iter().flat_map(|term| &term.wrote);
        let last = told.map(|write| write.count).max().expect("somebody wrote");
        let ticks = poll("the watch tells of the last write", || async {
            Some(ticks()).filter(|ticks| ticks.iter().any(|tick| tick.count >= last))
        })
        .await;
        Self::of(history, ticks)
    }

    fn of(history: History, ticks: Vec<Tick>) -> Self {
        let mut told = BTreeSet::new();
        for term in &history.terms {
            told.extend(term.wrote.iter().map(|it| (it.count, it.fence, term.pod.clone())));
        }
        let stored: BTreeSet<_> =
            ticks.iter().map(|tick| (tick.count, tick.fence, tick.pod.clone())).collect();
        let wrote = history.terms.iter().flat_map(|term| &term.wrote);
        let slowest = wrote.map(|write| write.at - write.sent).max().unwrap_or(0);
        Self {
            lost: told.difference(&stored).count(),
            unclaimed: stored.difference(&told).count(),
            doubled: history.refused.len() + breaches(&ticks) + overlaps(&history.terms),
            slowest: Duration::from_nanos(slowest),
            history,
            ticks,
        }
    }

    /// Checks that no write is lost, none is by two pods, and none is unclaimed.
    pub(crate) fn assert_sound(&self) {
        let Self { lost, unclaimed, doubled, .. } = self;
        assert_eq!((*lost, *doubled), (0, 0), "{:#?}", self.history);
        assert_eq!((*unclaimed, self.history.failed.len()), (0, 0), "{:#?}", self.history.failed);
    }

    /// Returns for how long each term of this version kept the Lease from the next leader.
    pub(crate) fn takings(&self, version: &str) -> Vec<Handover<'_>> {
        let pairs = self.history.terms.windows(2).map(|pair| Handover {
            from: &pair[0],
            to: &pair[1],
            gap: Duration::from_nanos(pair[1].since.saturating_sub(pair[0].since)),
        });
        pairs.filter(|it| it.from.version == version).collect()
    }

    /// The handovers that ended between these two instants, with how long nobody led.
    pub(crate) fn handovers(&self, since: u64, until: u64) -> Vec<Handover<'_>> {
        let pairs = self.history.terms.windows(2).map(|pair| Handover {
            from: &pair[0],
            to: &pair[1],
            gap: Duration::from_nanos(pair[1].since.saturating_sub(pair[0].end())),
        });
        pairs.filter(|it| (since..until).contains(&it.to.since)).collect()
    }

    /// Returns the bound: R, and two requests that are as slow as the slowest that was seen.
    pub(crate) fn bound(&self) -> Duration {
        RETRY_PERIOD + 2 * self.slowest
    }
}

/// The change from one leader to the next.
#[derive(Debug)]
pub(crate) struct Handover<'a> {
    pub(crate) from: &'a PodTerm,
    pub(crate) to: &'a PodTerm,
    /// From the end of the old leader's work to the beginning of the new one's.
    pub(crate) gap: Duration,
}

/// Counts where the counter does not go up by one, where a term that is over writes, and where two
/// pods write in one term.
fn breaches(ticks: &[Tick]) -> usize {
    let first = usize::from(ticks.first().is_some_and(|tick| tick.count != 1));
    let pairs = ticks.windows(2).filter(|pair| {
        let [before, after] = [&pair[0], &pair[1]];
        after.count != before.count + 1
            || after.fence < before.fence
            || (after.fence == before.fence && after.pod != before.pod)
    });
    first + pairs.count()
}

/// Counts how often a term began before the one before it had ended.
fn overlaps(terms: &[PodTerm]) -> usize {
    terms.windows(2).filter(|pair| pair[1].since < pair[0].end()).count()
}

pub(crate) const RETRY_PERIOD: Duration = Duration::from_millis(500);
pub(crate) const LEASE_DURATION: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests;
