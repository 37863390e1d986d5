//! `kubectl ha list --watch`: a row for each change, as `kubectl get --watch` prints them.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::Row;
use crate::{
    api::{Change, Cluster, Follow},
    cli::{Format, ListOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    holder::{HolderPod, Holders},
    lease::Lease,
    observe::Observed,
    output::Table,
    say,
    time::ServerTime,
};

/// What was printed last of each Lease.
struct Watching<'a> {
    cluster: &'a Cluster,
    rows: BTreeMap<(String, String), (Row, Instant)>,
}

pub(super) async fn run(
    cluster: &Cluster,
    options: &ListOptions,
    rows: Vec<Row>,
    mut table: Table,
    mut follow: Follow,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let now = Instant::now();
    let rows = rows.into_iter().map(|row| (row.lease().key(), (row, now))).collect();
    let mut watching = Watching { cluster, rows };
    let mut away = false;
    loop {
        let row = match follow.next().await? {
            Change::Applied(lease) if options.scope.all || !lease.is_heartbeat() => {
                watching.row(*lease, follow.time()).await
            }
            Change::Deleted(lease) if options.scope.all || !lease.is_heartbeat() => {
                watching.deleted(*lease, follow.time())
            }
            Change::Applied(_) | Change::Deleted(_) => continue,
            Change::Back => {
                away = false;
                continue;
            }
            Change::Away(words) => {
                if !std::mem::replace(&mut away, true) {
                    console.note(say::away(&words));
                }
                continue;
            }
        };
        away = false;
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
    async fn row(&mut self, lease: Lease, time: ServerTime) -> Row {
        let now = Instant::now();
        let key = lease.key();
        let (observed, pod, looked_up) = match self.rows.remove(&key) {
            None => (Observed::new(lease, now), None, now),
            Some((row, looked_up)) => {
                let (mut observed, pod) = row.into_parts();
                let before = observed.update(lease, now);
                let fresh =
                    before.holder == observed.lease().holder && now < looked_up + LOOK_AGAIN;
                (observed, fresh.then_some(pod), looked_up)
            }
        };
        let (pod, looked_up) = match pod {
            Some(pod) => (pod, looked_up),
            None => (self.pod(observed.lease()).await, now),
        };
        let row = Row::new(observed, time, Instant::now(), pod);
        self.rows.insert(key, (row.clone(), looked_up));
        row
    }

    fn deleted(&mut self, lease: Lease, time: ServerTime) -> Row {
        self.rows.remove(&lease.key());
        let now = Instant::now();
        Row::new(Observed::new(lease, now), time, now, HolderPod::None).into_deleted()
    }

    async fn pod(&self, lease: &Lease) -> HolderPod {
        Holders::look_up(self.cluster, Some(&lease.namespace), [lease]).await.of(lease)
    }
}

/// After this time the Pod of a holder that stays the same is looked up again: it may have restarted.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
