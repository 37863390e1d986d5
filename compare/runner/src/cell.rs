//! One library under one fault, once: a server, two replicas, the fault, and what it came to.

mod world;

use std::{fmt, time::Duration};

pub use self::world::World;
use crate::{
    belief::{self, Believers, Span},
    fault::{self, Disturbance, Fault},
    history,
    peer::Peer,
    process::{Replica, now},
    server::Server,
};

/// What is the same for all cells.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// On which API server it runs.
    pub server: Server,
    /// Of the random numbers by which a fault chooses.
    pub seed: u64,
    /// How long the election is left alone before the fault, besides what it takes to settle: a share of a lease.
    pub phase: f64,
    /// How long the fault is watched, if not as long as it says.
    pub window: Option<Duration>,
}

/// What a cell came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// From the lines of the processes.
    pub believers: Believers,
    /// From the history of the server: how often the Lease got another holder.
    pub changes: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Believers { two, none } = self.believers;
        write!(f, "two {two:.3} s, none {none:.3} s, {} changes", self.changes)
    }
}

/// Runs it; says why it could not be measured.
pub async fn run(peer: &Peer, fault: Fault, conditions: &Conditions) -> Result<Outcome, String> {
    let mut random = fastrand::Rng::with_seed(conditions.seed);
    let world = World::start(&conditions.server, peer).await?;
    let identity = if fault == Fault::SameIdentity { "same" } else { "a" };
    let first = world.replica("a", identity, 5, None)?;
    until_leads(&[&first]).await?;
    let mut second = None;
    if !fault.is_the_second_replica() {
        second = Some(world.replica("b", "b", 5, None)?);
    }
    // The fault meets any phase of a renewal, also where renewals are nearly a lease apart.
    let settled = SETTLED + LEASE.mul_f64(conditions.phase);
    if conditions.window.is_none() {
        tokio::time::sleep(settled).await;
    }
    let replicas = both(&first, second.as_ref());
    let leader = until_leads(&replicas).await?;
    let (leader, client) = (replicas[leader], ["a", "b"][leader]);

    let before = world.api.holders().await?.len();
    let from = now();
    match fault {
        Fault::Skew => {
            let skewed = world.replica("b", "b", 5, Some(fault::SKEW))?;
            second = Some(skewed);
        }
        Fault::SameIdentity => second = Some(world.replica("b", identity, 5, None)?),
        _ => begin(fault, &world, leader, client, &mut random).await?,
    }
    let window = conditions.window.unwrap_or(fault.window());
    during(fault, &world, client, &both(&first, second.as_ref()), window).await?;
    let to = now();

    if fault == Fault::Skew {
        is_ahead(second.as_ref(), fault::SKEW)?;
    }
    let spans: Vec<_> = both(&first, second.as_ref())
        .iter()
        .map(|replica| belief::spans(&replica.events(), to))
        .collect();
    Ok(Outcome {
        believers: belief::count(&spans, Span { from, to }),
        changes: history::changes(&world.api.holders().await?, before),
    })
}

fn both<'a>(first: &'a Replica, second: Option<&'a Replica>) -> Vec<&'a Replica> {
    [first].into_iter().chain(second).collect()
}

async fn begin(
    fault: Fault,
    world: &World,
    leader: &Replica,
    client: &str,
    random: &mut fastrand::Rng,
) -> Result<(), String> {
    let api = &world.api;
    match fault {
        Fault::Crash => leader.kill(),
        Fault::Release => leader.terminate(),
        Fault::CutOff => api.disturb(client, Disturbance::RequestsLost)?,
        Fault::LostReplies => api.disturb(client, Disturbance::AnswersLost)?,
        Fault::Pause => leader.stop(),
        Fault::Slow => {
            for client in ["a", "b"] {
                api.disturb(client, fault::slow(random))?;
            }
        }
        Fault::Errors => {
            for client in ["a", "b"] {
                api.disturb(client, fault::errors(random))?;
            }
        }
        Fault::Deletion => api.delete_lease().await?,
        // They are the second replica.
        Fault::Skew | Fault::SameIdentity => {}
    }
    Ok(())
}

/// Waits for the end of the window; within it, ends what does not last so long.
async fn during(
    fault: Fault,
    world: &World,
    client: &str,
    replicas: &[&Replica],
    window: Duration,
) -> Result<(), String> {
    let lasts = match fault {
        Fault::CutOff | Fault::LostReplies => fault::LASTS.min(window),
        Fault::Pause => fault::PAUSE.min(window),
        _ => window,
    };
    tokio::time::sleep(lasts).await;
    match fault {
        Fault::CutOff | Fault::LostReplies => world.api.disturb(client, Disturbance::None)?,
        Fault::Pause => replicas[usize::from(client == "b")].resume(),
        _ => {}
    }
    tokio::time::sleep(window.saturating_sub(lasts)).await;
    Ok(())
}

/// Which one leads, as soon as one does.
pub(crate) async fn until_leads(replicas: &[&Replica]) -> Result<usize, String> {
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        if let Some(leader) = replicas.iter().position(|replica| replica.leads()) {
            return Ok(leader);
        }
        tokio::time::sleep(LOOK).await;
    }
    let complaints: Vec<_> = replicas.iter().map(|replica| replica.complaint()).collect();
    Err(format!("nobody led within {} s: {}", PATIENCE.as_secs(), complaints.join("; ")))
}

pub(crate) fn is_ahead(replica: Option<&Replica>, skew: Duration) -> Result<(), String> {
    let ahead = replica.and_then(Replica::ahead).unwrap_or_default();
    if (ahead - skew.as_secs_f64()).abs() > 1.0 {
        return Err(format!("its clock can't be changed from outside: it is {ahead:.1} s ahead"));
    }
    Ok(())
}

const LEASE: Duration = Duration::from_secs(15);
const SETTLED: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(10);
