//! How soon somebody leads again after an outage of the API server.
//!
//! Elections of client-go and of ours stand side by side in one outage, three candidates each, which
//! poll. The outage is one of connections, which a proxy refuses, or of the API server, which is
//! killed and started. `E2E_SCOPE=part` is what the gate runs.

mod audit;
mod election;
mod outage;
mod prober;
mod table;
mod world;

use std::{env, error::Error, time::Duration};

use e2e::history::milliseconds;

use crate::{
    election::Kind,
    outage::Outage,
    table::{Row, Rows},
    world::World,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Lease duration, renew deadline, retry period.
type Settings = [Duration; 3];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_leads_soon_after_an_outage() -> Outcome {
    let world = World::new().await?;
    println!("Kubernetes and client-go of {}", world.plane.version());
    let mut rows = Rows::default();
    let settings = if part() { &[SHORT][..] } else { &[SHORT, DEFAULTS] };
    for settings in settings {
        for outages in plan(*settings) {
            rows.add(outage::all(&world, &outages).await?);
        }
    }
    rows.print();
    for row in rows.of_ours() {
        assert!(row.faults.is_empty(), "{:#?}", row.faults);
        let (bound, name) = (bound(row), row.name());
        let late = row.after.iter().max().copied().unwrap_or(0);
        assert!(late <= bound, "{name}: {} of {}", milliseconds(late), milliseconds(bound));
    }
    Ok(())
}

/// Outages in groups of which each begins at once. The first restart waits until the others of its
/// group are over.
fn plan(settings: Settings) -> Vec<Vec<Outage>> {
    let [lease, deadline, _] = settings;
    let outage = |length, restart, delay| Outage { settings, length, restart, delay };
    let lengths = [deadline, deadline * 3 / 2, deadline * 2];
    let mut first = lengths.map(|length| outage(length, false, Duration::ZERO)).to_vec();
    first.push(outage(deadline, true, deadline * 2 + lease));
    let others = if part() { &[][..] } else { &lengths[1..] };
    let others = others.iter().map(|length| vec![outage(*length, true, Duration::ZERO)]);
    [first].into_iter().chain(others).collect()
}

/// After a long term: two reads and a write, which may come R/8 after the return. After a short one:
/// the lease.
fn bound(row: &Row) -> u64 {
    let [lease, _, retry] = row.outage.settings;
    let wait = match row.kind {
        Kind::Ours { long: true } => retry / 8,
        Kind::Ours { long: false } | Kind::ClientGo => lease + retry,
    };
    u64::try_from((wait + SLACK).as_nanos()).unwrap_or(u64::MAX)
}

/// Tells whether only the part that the gate runs is to run.
fn part() -> bool {
    env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part")
}

const fn settings(lease: u64, deadline: u64, retry: u64) -> Settings {
    [Duration::from_secs(lease), Duration::from_secs(deadline), Duration::from_secs(retry)]
}

const SHORT: Settings = settings(5, 3, 1);
const DEFAULTS: Settings = settings(15, 10, 2);
/// For three requests on a machine that does other things, too.
const SLACK: Duration = Duration::from_millis(1_500);
/// A limit for every wait.
const LIMIT: Duration = Duration::from_secs(60);
