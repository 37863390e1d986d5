//! One Lease that is looked at until something has happened.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    api::{Change, Cluster, Follow, Looked},
    failure::Failure,
    lease::Lease,
    time::ServerTime,
    track::{Track, What},
};

/// A Lease, and what was seen of it.
pub(crate) struct Sight {
    cluster: Cluster,
    name: String,
    follow: Follow,
    track: Track,
    /// When the server told something last.
    heard: Instant,
}

/// What is news.
#[derive(Debug)]
pub(crate) enum Seen {
    /// This happened to the Lease.
    Happened(Vec<What>),
    /// The server does not answer; it is asked again.
    Away(String),
    /// It answers again.
    Back,
}

impl Sight {
    /// Looks at the Lease of this name, which need not be there.
    pub(crate) async fn begin(cluster: &Cluster, name: &str) -> Result<Self, Failure> {
        let namespace = cluster.namespace().to_owned();
        let (listing, follow) = cluster.follow(Some(&namespace), None, Some(name)).await?;
        let heard = Instant::now();
        let track = Track::begin(listing.items.into_iter().next(), heard);
        Ok(Self { cluster: cluster.clone(), name: name.into(), follow, track, heard })
    }

    /// Looks at the Lease of this name. If it does not exist, the error tells which ones do.
    pub(crate) async fn of(cluster: &Cluster, name: &str) -> Result<(Self, Lease), Failure> {
        let sight = Self::begin(cluster, name).await?;
        if let Some(lease) = sight.lease().cloned() {
            return Ok((sight, lease));
        }
        cluster.lease(cluster.namespace(), name).await?;
        Err(Failure::NotFound(format!(
            "the Lease {name} was created this moment; run the command again"
        )))
    }

    /// Waits for news until then. That there is none is said only if another look does not show any: a watch can lag
    /// behind, or be as dead as the server. Then [`Self::is_away`] tells.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if it is dropped.
    pub(crate) async fn next(&mut self, until: Instant) -> Result<Option<Seen>, Failure> {
        let change = match timeout_at(until, self.follow.next()).await {
            Ok(change) => change?,
            Err(_) => match self.look().await {
                Some(change) => change,
                None => return Ok(None),
            },
        };
        let now = Instant::now();
        self.heard = now;
        Ok(Some(match change {
            Change::Applied(lease) => Seen::Happened(self.track.saw(*lease, now)),
            Change::Deleted(_) => Seen::Happened(self.track.gone(now)),
            Change::Away(why) => {
                self.track.looks_away();
                Seen::Away(why)
            }
            Change::Back => {
                self.track.looks_again(now);
                Seen::Back
            }
        }))
    }

    /// Looks at the Lease itself. What the watch has to tell of the time before is no news any more.
    pub(crate) async fn catch_up(&mut self) -> Result<Lease, Failure> {
        let lease = self.cluster.lease(self.cluster.namespace(), &self.name).await?.value;
        if self.lease().is_none_or(|seen| lease.is_newer_than(seen)) {
            // When it came nobody has seen.
            self.track = Track::begin(Some(lease.clone()), Instant::now());
        }
        Ok(lease)
    }

    /// Looks at the Lease itself, if the watch has been quiet for a while.
    async fn look(&mut self) -> Option<Change> {
        if self.is_away() || self.heard.elapsed() < QUIET {
            return None;
        }
        match self.follow.look(self.cluster.namespace(), &self.name).await {
            Looked::Shows(lease) => {
                let is_news = self.lease().is_none_or(|seen| lease.is_newer_than(seen));
                is_news.then_some(Change::Applied(lease))
            }
            Looked::Nothing => None,
            Looked::Away(why) => Some(Change::Away(why)),
        }
    }

    pub(crate) fn lease(&self) -> Option<&Lease> {
        self.track.lease()
    }

    /// Whether the server does not answer at the moment.
    pub(crate) const fn is_away(&self) -> bool {
        self.track.is_blind()
    }

    pub(crate) const fn track(&self) -> &Track {
        &self.track
    }

    /// Returns what the server's clock said when it was last asked.
    pub(crate) const fn time(&self) -> ServerTime {
        self.follow.time()
    }
}

/// For how long a watch that works can be quiet.
const QUIET: Duration = Duration::from_secs(2);
