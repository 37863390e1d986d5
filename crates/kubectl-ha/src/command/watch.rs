//! `kubectl ha watch`.

mod line;

use std::collections::BTreeMap;

use tokio::time::{Instant, sleep_until};

use self::line::Teller;
use crate::{
    api::{Change, Cluster, Follow, Looked},
    cli::{Access, WatchOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    lease::Lease,
    track::{Track, What},
};

type Key = (String, String);

/// All Leases that are watched.
struct Watching<'a> {
    cluster: Cluster,
    follow: Follow,
    all: bool,
    tracks: BTreeMap<Key, Track>,
    /// No track wants to be woken before.
    wake: Option<Instant>,
    away: bool,
    teller: Teller<'a>,
}

/// Tells what happens to Leases, until the program is ended.
pub(crate) async fn run(
    access: &Access,
    options: &WatchOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = Cluster::connect(access, console).await?;
    let namespace = (!options.scope.all_namespaces).then(|| cluster.namespace().to_owned());
    let name = options.lease.as_ref().map(|lease| lease.0.as_str());
    let selector = options.scope.selector.as_deref();
    let (listing, follow) = cluster.follow(namespace.as_deref(), selector, name).await?;
    let alone =
        namespace.as_ref().zip(name).map(|(namespace, name)| (namespace.clone(), name.into()));
    let teller = Teller::new(options, alone.is_some(), console);
    let mut watching = Watching {
        cluster,
        follow,
        all: options.scope.all || alone.is_some(),
        tracks: BTreeMap::new(),
        wake: None,
        away: false,
        teller,
    };
    if listing.items.iter().all(|lease| !watching.is_meant(lease)) && alone.is_none() {
        let words = watching.cluster.no_leases(&options.scope, listing.items.len()).await;
        watching.teller.note(&format!("{words} Those that are created will be told."));
    }
    watching.begin(listing.items, alone)?;
    loop {
        watching.next().await?;
    }
}

impl Watching<'_> {
    fn begin(&mut self, leases: Vec<Lease>, alone: Option<Key>) -> Result<(), Failure> {
        let now = Instant::now();
        let leases: Vec<Lease> = leases.into_iter().filter(|lease| self.is_meant(lease)).collect();
        self.teller.make_room(leases.iter().map(Lease::key));
        let absent = alone.filter(|_| leases.is_empty()).map(|key| (key, None));
        let there = leases.into_iter().map(|lease| (lease.key(), Some(lease)));
        for (key, lease) in there.chain(absent) {
            let renewed = lease.as_ref().and_then(|lease| lease.renewed.as_ref()?.at);
            let age = renewed.map(|at| self.follow.time().age(at, now));
            let found = What::Found { lease: lease.clone().map(Box::new), age };
            let track = Track::begin(lease, now);
            self.teller.tell(&key, &found, now)?;
            self.wake = earlier(self.wake, track.wake_at());
            self.tracks.insert(key, track);
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<(), Failure> {
        let wake = self.wake;
        let woken = async {
            match wake {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            change = self.follow.next() => self.take(change?),
            () = woken => self.late().await,
        }
    }

    fn take(&mut self, change: Change) -> Result<(), Failure> {
        let now = Instant::now();
        match change {
            Change::Applied(lease) => self.saw(*lease, now),
            Change::Deleted(lease) => {
                let key = lease.key();
                let happened = self.tracks.get_mut(&key).map(|track| track.gone(now));
                self.tell(&key, &happened.unwrap_or_default(), now)
            }
            Change::Away(why) => {
                self.tracks.values_mut().for_each(Track::looks_away);
                let first = !std::mem::replace(&mut self.away, true);
                if first { self.teller.away(&why, now) } else { Ok(()) }
            }
            Change::Back => {
                self.tracks.values_mut().for_each(|track| track.looks_again(now));
                self.away = false;
                self.wake = self.tracks.values().filter_map(Track::wake_at).min();
                self.teller.back(now)
            }
        }
    }

    fn saw(&mut self, lease: Lease, now: Instant) -> Result<(), Failure> {
        if !self.is_meant(&lease) {
            return Ok(());
        }
        let key = lease.key();
        // What is new to us was created while we watched.
        let track = self.tracks.entry(key.clone()).or_insert_with(|| Track::begin(None, now));
        let happened = track.saw(lease, now);
        self.wake = earlier(self.wake, track.wake_at());
        self.tell(&key, &happened, now)
    }

    /// Says which renewals are late. That a Lease has run out is said only if another look does not show a newer one:
    /// a watch can lag behind.
    async fn late(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        let due = |track: &Track| track.wake_at().is_some_and(|at| at <= now);
        let keys: Vec<Key> = self
            .tracks
            .iter()
            .filter(|(_, track)| due(track))
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            if self.tracks.get(&key).is_some_and(|track| track.is_to_run_out(now))
                && !self.look(&key).await?
            {
                continue;
            }
            let now = Instant::now();
            let happened = self.tracks.get_mut(&key).map(|track| track.passed(now));
            self.tell(&key, &happened.unwrap_or_default(), now)?;
        }
        self.wake = self.tracks.values().filter_map(Track::wake_at).min();
        Ok(())
    }

    /// Looks at one Lease, and tells whether it could be seen.
    async fn look(&mut self, key: &Key) -> Result<bool, Failure> {
        let (namespace, name) = key;
        match self.follow.look(namespace, name).await {
            Looked::Shows(lease) => self.saw(*lease, Instant::now()).map(|()| true),
            Looked::Nothing => Ok(true),
            Looked::Away(why) => self.take(Change::Away(why)).map(|()| false),
        }
    }

    fn tell(&mut self, key: &Key, happened: &[What], now: Instant) -> Result<(), Failure> {
        happened.iter().try_for_each(|what| self.teller.tell(key, what, now))
    }

    fn is_meant(&self, lease: &Lease) -> bool {
        self.all || !lease.is_heartbeat()
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    [one, other].into_iter().flatten().min()
}
