//! Leases as they change, across watches that end.

mod backoff;
mod look;

use std::collections::BTreeMap;

use tokio::time::{Instant, sleep_until};

use self::backoff::Backoff;
pub(crate) use self::look::Looked;
use super::{
    Cluster, Kind, Listing, Target,
    watch::{Event, Watch},
};
use crate::{failure::Failure, lease::Lease, time::ServerTime};

/// Leases that are followed: first all that are there, then each change.
pub(crate) struct Follow {
    cluster: Cluster,
    target: Target,
    selector: String,
    field: String,
    version: String,
    watch: Option<Watch>,
    /// The versions of the Leases that were told, so that a new list tells only what is new.
    known: BTreeMap<(String, String), Lease>,
    /// What a new list found and nobody was told yet, the last one first.
    news: Vec<Change>,
    time: ServerTime,
    backoff: Backoff,
    /// It was told that the server is away.
    away: bool,
}

/// What happened to a Lease, or to the connection.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// It is there, or was written.
    Applied(Box<Lease>),
    /// It was deleted; this is its last state that was seen.
    Deleted(Box<Lease>),
    /// The server does not tell at the moment; it is asked again.
    Away(String),
    /// It tells again.
    Back,
}

impl Cluster {
    /// Lists Leases, and follows them from there: those of a namespace or of all, with these labels, or the one of this name.
    pub(crate) async fn follow(
        &self,
        namespace: Option<&str>,
        selector: Option<&str>,
        name: Option<&str>,
    ) -> Result<(Listing<Lease>, Follow), Failure> {
        let mut follow = Follow {
            cluster: self.clone(),
            target: Target::list(Kind::LEASES, namespace),
            selector: selector.unwrap_or_default().into(),
            field: name.map(|name| format!("metadata.name={name}")).unwrap_or_default(),
            version: String::new(),
            watch: None,
            known: BTreeMap::new(),
            news: Vec::new(),
            time: ServerTime::new((self.clock)(), Instant::now()),
            backoff: Backoff::default(),
            away: false,
        };
        let listing = follow.list().await?;
        follow.known = listing.items.iter().map(|lease| (lease.key(), lease.clone())).collect();
        Ok((listing, follow))
    }
}

impl Follow {
    /// Waits for the next change. It ends only with a failure that asking again can't mend.
    ///
    /// # Cancel safety
    ///
    /// No change is lost if it is dropped.
    pub(crate) async fn next(&mut self) -> Result<Change, Failure> {
        loop {
            if let Some(change) = self.news.pop() {
                return Ok(change);
            }
            if let Some(until) = self.backoff.until() {
                sleep_until(until).await;
            }
            match self.step().await {
                Ok(Some(change)) => return Ok(change),
                Ok(None) => {}
                Err(failure) if lasts(&failure) => return Err(failure),
                Err(failure) => {
                    self.watch = None;
                    self.away = true;
                    self.backoff.failed(Instant::now());
                    return Ok(Change::Away(failure.to_string()));
                }
            }
        }
    }

    /// Returns what the server's clock said with the last list.
    pub(crate) const fn time(&self) -> ServerTime {
        self.time
    }

    async fn step(&mut self) -> Result<Option<Change>, Failure> {
        if self.version.is_empty() {
            let listing = self.list().await?;
            self.compare(listing.items);
            return Ok(None);
        }
        let Some(watch) = &mut self.watch else {
            let query =
                [("labelSelector", self.selector.as_str()), ("fieldSelector", self.field.as_str())];
            let watch = match self.cluster.watch(&self.target, &query, &self.version).await {
                Err(Failure::Refused { code: 410, .. }) => {
                    self.version.clear();
                    self.backoff.ended(Instant::now());
                    return Ok(None);
                }
                watch => watch?,
            };
            self.backoff.opened(Instant::now());
            self.watch = Some(watch);
            return Ok(std::mem::take(&mut self.away).then_some(Change::Back));
        };
        match watch.next().await? {
            None => self.ended(),
            Some(Event::Applied(object)) => return Ok(Some(self.applied(Lease::read(&object)))),
            Some(Event::Deleted(object)) => return Ok(Some(self.deleted(Lease::read(&object)))),
            Some(Event::Bookmark(version)) => self.version = version,
            Some(Event::Gone) => {
                self.ended();
                self.version.clear();
            }
            Some(Event::Failed(why)) => {
                let server = self.cluster.server.clone();
                return Err(Failure::Unreachable { server, why });
            }
        }
        Ok(None)
    }

    async fn list(&mut self) -> Result<Listing<Lease>, Failure> {
        let query =
            [("labelSelector", self.selector.as_str()), ("fieldSelector", self.field.as_str())];
        let listing = self.cluster.list(&self.target, &query, Lease::parse).await?;
        self.version.clone_from(&listing.version);
        self.time = listing.time;
        Ok(listing)
    }

    fn ended(&mut self) {
        self.watch = None;
        self.backoff.ended(Instant::now());
    }

    fn applied(&mut self, lease: Lease) -> Change {
        self.backoff.told(Instant::now());
        self.version.clone_from(&lease.resource_version);
        self.known.insert(lease.key(), lease.clone());
        Change::Applied(Box::new(lease))
    }

    fn deleted(&mut self, lease: Lease) -> Change {
        self.backoff.told(Instant::now());
        self.version.clone_from(&lease.resource_version);
        self.known.remove(&lease.key());
        Change::Deleted(Box::new(lease))
    }

    /// Keeps what a new list tells that was not told yet.
    fn compare(&mut self, items: Vec<Lease>) {
        let mut gone = std::mem::take(&mut self.known);
        for lease in items {
            let before = gone.remove(&lease.key());
            if before.is_some_and(|before| before.resource_version == lease.resource_version) {
                self.known.insert(lease.key(), lease);
            } else {
                self.known.insert(lease.key(), lease.clone());
                self.news.push(Change::Applied(Box::new(lease)));
            }
        }
        self.news.extend(gone.into_values().map(|lease| Change::Deleted(Box::new(lease))));
        self.news.reverse();
    }
}

/// Whether asking again changes nothing.
const fn lasts(failure: &Failure) -> bool {
    match failure {
        Failure::NoCluster(_)
        | Failure::Unauthorized { .. }
        | Failure::Denied(_)
        | Failure::NotFound(_)
        | Failure::NotNow(_)
        | Failure::Usage(_)
        | Failure::Output(_) => true,
        Failure::Unreachable { .. }
        | Failure::Late { .. }
        | Failure::Refused { .. }
        | Failure::Unreadable(..) => false,
    }
}
