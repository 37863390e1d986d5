//! How soon somebody leads again after the leader's process has died.
//!
//! Candidates of client-go and of ours run in pods, made by the real Deployment controller and run by
//! the process kubelet. Every crash meets a fresh pod. `E2E_SCOPE=part` is what the gate runs.

mod contest;
mod deployment;
mod lives;
mod table;
mod world;

use std::{env, error::Error, time::Duration};

use e2e::history::milliseconds;
use futures::future::try_join_all;

use crate::{contest::Contest, table::Row, world::World};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// How the leader's process is made to die.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// SIGKILL, as after a failed liveness probe and its grace period.
    Kill,
    /// It panics.
    Panic,
    /// The kernel kills it, and the runtime says why.
    OutOfMemory,
}

/// What the candidates are, and how they find out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    ClientGo,
    Polling,
    Watching,
    /// Polling with death certificates.
    CertifiedPolling,
    /// Watching with death certificates.
    CertifiedWatching,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_leads_soon_after_a_crash() -> Outcome {
    let world = World::new().await?;
    println!("Kubernetes and client-go of {}, leases of 15 s / 10 s / 2 s", world.plane.version());
    let kinds = if part() { &Kind::PART[..] } else { &Kind::ALL };
    let crashes = if part() { 2 } else { 20 };
    let pairs = kinds.iter().flat_map(|kind| Fault::ALL.map(|fault| (*kind, fault)));
    let runs = pairs.map(|(kind, fault)| Contest::run(&world, kind, fault, crashes));
    let rows = try_join_all(runs).await?;
    table::print(&rows);
    for row in rows.iter().filter(|row| row.kind != Kind::ClientGo) {
        assert!(row.report.faults.is_empty(), "{}: {:#?}", row.name(), row.report.faults);
        assert!(row.report.overlaps.is_empty(), "{}: {:?}", row.name(), row.report.overlaps);
        assert_bounds(row);
    }
    world.kubelet.stop().await;
    Ok(())
}

fn assert_bounds(row: &Row) {
    let bound = row.kind.bound() + SLACK;
    let longest = Duration::from_nanos(row.times.iter().max().copied().unwrap_or(0));
    let took = milliseconds(u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX));
    assert!(longest <= bound, "{}: {took} of {bound:?}", row.name());
}

impl Fault {
    const ALL: [Self; 3] = [Self::Kill, Self::Panic, Self::OutOfMemory];

    const fn name(self) -> &'static str {
        match self {
            Self::Kill => "SIGKILL",
            Self::Panic => "panic",
            Self::OutOfMemory => "out of memory",
        }
    }
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::CertifiedWatching,
        Self::CertifiedPolling,
        Self::Watching,
        Self::Polling,
        Self::ClientGo,
    ];
    const PART: [Self; 2] = [Self::CertifiedWatching, Self::ClientGo];

    const fn name(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::Polling => "kunobi-ha, polling",
            Self::Watching => "kunobi-ha, watching",
            Self::CertifiedPolling => "kunobi-ha, polling, certificates",
            Self::CertifiedWatching => "kunobi-ha, watching, certificates",
        }
    }

    const fn watches(self) -> bool {
        match self {
            Self::ClientGo | Self::Polling | Self::CertifiedPolling => false,
            Self::Watching | Self::CertifiedWatching => true,
        }
    }

    const fn has_certificates(self) -> bool {
        match self {
            Self::ClientGo | Self::Polling | Self::Watching => false,
            Self::CertifiedPolling | Self::CertifiedWatching => true,
        }
    }

    /// From the death to the next leader, without the time of requests.
    fn bound(self) -> Duration {
        let [lease, _, retry] = TIMING;
        match self {
            Self::ClientGo => lease + retry * 2,
            Self::Polling | Self::Watching => lease + retry,
            // A look of the kubelet, and a record that stays as it is for 1.5 R; a poll, if the
            // dead leader's last renewal is to be seen first.
            Self::CertifiedPolling => retry * 5 / 2 + Duration::from_secs(1),
            Self::CertifiedWatching => Duration::from_millis(3_500),
        }
    }
}

/// Tells whether only the part that the gate runs is to run.
fn part() -> bool {
    env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part")
}

/// Lease duration, renew deadline, retry period.
const TIMING: [Duration; 3] =
    [Duration::from_secs(15), Duration::from_secs(10), Duration::from_secs(2)];
/// For requests and for a kubelet on a machine that does other things, too.
const SLACK: Duration = Duration::from_secs(2);
/// A limit for every wait.
const LIMIT: Duration = Duration::from_secs(90);
