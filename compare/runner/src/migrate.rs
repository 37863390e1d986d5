//! Two libraries on one Lease, as during a rollout from one to the other: what `docs/migrate/` says of it is run here.

pub mod case;
mod fleet;
pub mod page;

pub use self::case::Case;
use self::fleet::Fleet;
use crate::{
    belief::{self, Span},
    cell::Outcome,
    history,
    peer::Peer,
    process::now,
};

/// A library, its page, and what the page promises.
#[derive(Clone, Debug)]
pub struct Route {
    /// What the program used before.
    pub theirs: Peer,
    /// This library.
    pub ours: Peer,
    /// Its page, below `docs/migrate/`.
    pub page: &'static str,
}

/// From where there are pages, given all libraries.
#[must_use]
pub fn routes(peers: &[Peer]) -> Vec<Route> {
    let find = |folder: &str| peers.iter().find(|peer| peer.folder == folder).cloned();
    let Some(ours) = find("kunobi-ha") else { return Vec::new() };
    let pages = [
        ("kube-leader-election", "kube-leader-election.md"),
        ("kube-lease-manager", "kube-lease-manager.md"),
        ("kubert", "kubert.md"),
        ("client-go", "client-go.md"),
        ("kunobi-ha-0.6.1", "kunobi-ha-0.6.md"),
    ];
    let route = |(folder, page)| Some(Route { theirs: find(folder)?, ours: ours.clone(), page });
    pages.into_iter().filter_map(route).collect()
}

/// Runs a case once; says why it could not be measured.
pub async fn run(route: &Route, case: Case, seed: u64) -> Result<Outcome, String> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut fleet = Fleet::start(route).await?;
    fleet.prepare(case, &mut random).await?;
    let before = fleet.world.holder();
    let written = fleet.world.server.history().len();
    let from = now();
    fleet.strike(case).await?;
    let to = now();
    let spans: Vec<_> =
        fleet.replicas.iter().map(|one| belief::spans(&one.replica.events(), to)).collect();
    Ok(Outcome {
        believers: belief::count(&spans, Span { from, to }),
        changes: history::changes(before.as_deref(), &fleet.world.holders(written)),
    })
}
