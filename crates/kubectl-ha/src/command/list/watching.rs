//! `kubectl ha list --watch`: a row for each change, as `kubectl get --watch` prints them, and one when a Lease runs out.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::Row;
use crate::{
    api::{Change, Cluster, Follow, Looked},
    cli::{Format, ListOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    holder::{HolderPod, Holders},
    lease::Lease,
    observe::Observed,
    output::Table,
    say,
};

type Key = (String, String);

/// What was printed last of each Lease.
struct Watching<'a> {
    cluster: &'a Cluster,
    follow: Follow,
    all: bool,
    rows: BTreeMap<Key, Shown>,
    /// Since when nobody has looked away; `None` while the server is away.
    looking: Option<Instant>,
    /// No Lease runs out before.
    wake: Option<Instant>,
}

/// A row that was printed.
struct Shown {
    row: Row,
    /// When the pod of the holder was looked up.
    looked_up: Instant,
    /// It was printed that it has run out.
    over: bool,
}

pub(super) async fn run(
    cluster: &Cluster,
    options: &ListOptions,
    rows: Vec<Row>,
    mut table: Table,
    follow: Follow,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let now = Instant::now();
    let shown = |row: Row| (row.lease().key(), Shown { row, looked_up: now, over: false });
    let rows = rows.into_iter().map(shown).collect();
    let all = options.scope.all;
    let mut watching = Watching { cluster, follow, all, rows, looking: Some(now), wake: Some(now) };
    loop {
        let Some(row) = watching.next(console).await? else {
            continue;
        };
        match options.output {
            None | Some(Format::Wide) => {
                table.push(row.cells(options.scope.all_namespaces, options.output.is_some()));
                console.table(&table)?;
                table = table.continued();
            }
            Some(Format::Json) => console.json(&row.document())?,
            Some(Format::Yaml) => console.yaml_document(&row.document())?,
            Some(Format::Name) => console.line(row.reference())?,
        }
    }
}

impl Watching<'_> {
    /// Waits for the next change or until a Lease runs out, and returns its row, if there is one to print.
    async fn next(&mut self, console: &mut Console) -> Result<Option<Row>, Failure> {
        let wake = self.wake;
        let woken = async {
            match wake {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let change = tokio::select! {
            change = self.follow.next() => change?,
            () = woken => return Ok(self.woken(console).await),
        };
        match change {
            Change::Applied(lease) if self.is_news(&lease) => Ok(Some(self.row(*lease).await)),
            Change::Deleted(lease) if self.is_meant(&lease) => Ok(Some(self.deleted(*lease))),
            Change::Applied(_) | Change::Deleted(_) => Ok(None),
            Change::Back => {
                let now = Instant::now();
                if self.looking.is_none() {
                    console.note(say::BACK);
                }
                (self.looking, self.wake) = (Some(now), Some(now));
                Ok(None)
            }
            Change::Away(words) => {
                self.away(&words, console);
                Ok(None)
            }
        }
    }

    fn is_meant(&self, lease: &Lease) -> bool {
        self.all || !lease.is_heartbeat()
    }

    /// A look at the Lease itself may have shown it before the watch does.
    fn is_news(&self, lease: &Lease) -> bool {
        let shown = self.rows.get(&lease.key());
        self.is_meant(lease) && shown.is_none_or(|shown| lease.is_newer_than(shown.row.lease()))
    }

    fn away(&mut self, words: &str, console: &mut Console) {
        if self.looking.take().is_some() {
            console.note(say::away(words));
        }
    }

    /// Shows a Lease that has run out by now, or sleeps until one does.
    async fn woken(&mut self, console: &mut Console) -> Option<Row> {
        match self.due() {
            Some((at, key)) if at <= Instant::now() => self.over(key, console).await,
            due => {
                self.wake = due.map(|(at, _)| at);
                None
            }
        }
    }

    /// Returns which Lease runs out next, and when, if it is not renewed before.
    fn due(&self) -> Option<(Instant, Key)> {
        let looking = self.looking?;
        let rows = self.rows.iter().filter(|(_, shown)| !shown.over);
        let due = rows.filter_map(|(key, shown)| Some((shown.row.runs_out_at(looking)?, key)));
        due.min().map(|(at, key)| (at, key.clone()))
    }

    /// Looks once more at a Lease that seems to have run out, because a watch can lag behind, and returns its row.
    async fn over(&mut self, key: Key, console: &mut Console) -> Option<Row> {
        let looked = self.follow.look(&key.0, &key.1).await;
        let shown = self.rows.get_mut(&key)?;
        match looked {
            Looked::Shows(lease) if !lease.same_record(shown.row.lease()) => {
                return Some(self.row(*lease).await);
            }
            Looked::Shows(_) | Looked::Nothing => {}
            Looked::Away(why) => {
                self.away(&why, console);
                return None;
            }
        }
        shown.over = true;
        let (observed, pod) = shown.row.clone().into_parts();
        shown.row = Row::new(observed, self.follow.time(), Instant::now(), pod);
        Some(shown.row.clone())
    }

    async fn row(&mut self, lease: Lease) -> Row {
        let now = Instant::now();
        let key = lease.key();
        let (observed, pod, looked_up, over) = match self.rows.remove(&key) {
            None => (Observed::new(lease, now), None, now, false),
            Some(Shown { row, looked_up, over }) => {
                let (mut observed, pod) = row.into_parts();
                let before = observed.update(lease, now);
                let fresh =
                    before.holder == observed.lease().holder && now < looked_up + LOOK_AGAIN;
                let over = over && before.same_record(observed.lease());
                (observed, fresh.then_some(pod), looked_up, over)
            }
        };
        let (pod, looked_up) = match pod {
            Some(pod) => (pod, looked_up),
            None => (pod_of(self.cluster, observed.lease()).await, now),
        };
        let row = Row::new(observed, self.follow.time(), Instant::now(), pod);
        let out = self.looking.and_then(|looking| row.runs_out_at(looking));
        self.wake = [self.wake, out].into_iter().flatten().min();
        self.rows.insert(key, Shown { row: row.clone(), looked_up, over });
        row
    }

    fn deleted(&mut self, lease: Lease) -> Row {
        self.rows.remove(&lease.key());
        let now = Instant::now();
        Row::new(Observed::new(lease, now), self.follow.time(), now, HolderPod::None).into_deleted()
    }
}

async fn pod_of(cluster: &Cluster, lease: &Lease) -> HolderPod {
    Holders::look_up(cluster, Some(&lease.namespace), [lease]).await.of(lease)
}

/// After this time the pod of a holder that stays the same is looked up again: it may have restarted.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
