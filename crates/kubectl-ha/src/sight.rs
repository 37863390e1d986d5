//! One Lease that is looked at until something has happened.

use tokio::time::{Instant, timeout_at};

use crate::{
    api::{Change, Cluster, Follow},
    failure::Failure,
    lease::Lease,
    time::ServerTime,
    track::{Track, What},
};

/// A Lease, and what was seen of it.
pub(crate) struct Sight {
    follow: Follow,
    track: Track,
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
        let (track, _) = Track::begin(listing.items.into_iter().next(), Instant::now());
        Ok(Self { follow, track })
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

    /// Waits for news until then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if it is dropped.
    pub(crate) async fn next(&mut self, until: Instant) -> Result<Option<Seen>, Failure> {
        let Ok(change) = timeout_at(until, self.follow.next()).await else {
            return Ok(None);
        };
        let now = Instant::now();
        Ok(Some(match change? {
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

    pub(crate) fn lease(&self) -> Option<&Lease> {
        self.track.lease()
    }

    pub(crate) const fn track(&self) -> &Track {
        &self.track
    }

    /// Returns what the server's clock said when it was last asked.
    pub(crate) const fn time(&self) -> ServerTime {
        self.follow.time()
    }
}
