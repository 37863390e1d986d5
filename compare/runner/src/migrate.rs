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
    server::Server,
};

/// A library, as it is set, and its page.
#[derive(Clone, Debug)]
pub struct Route {
    /// What the program used before.
    pub theirs: Peer,
    /// This library.
    pub ours: Peer,
    /// Its page, below `docs/migrate/`.
    pub page: &'static str,
    /// How theirs is set.
    pub setting: Setting,
}

/// How a library is set beside this one. Where a page has two settings, that which it advises comes first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Setting {
    /// As its own documentation advises.
    Documented,
    /// As the page advises for the time in which both run.
    Advised {
        /// What the heads of its columns add.
        words: &'static str,
        /// What its program is given.
        options: &'static [&'static str],
    },
    /// As its own documentation advises, and the page does not; in words.
    Discouraged(&'static str),
}

/// From where there are pages, given all libraries.
#[must_use]
pub fn routes(peers: &[Peer]) -> Vec<Route> {
    let find = |folder: &str| peers.iter().find(|peer| peer.folder == folder).cloned();
    let Some(ours) = find("kunobi-ha") else { return Vec::new() };
    let pages = [
        ("kube-leader-election", "kube-leader-election.md", Setting::Documented),
        ("kube-lease-manager", "kube-lease-manager.md", Setting::Documented),
        ("kubert", "kubert.md", Setting::Documented),
        ("client-go", "client-go.md", KEPT),
        ("client-go", "client-go.md", Setting::Discouraged("`ReleaseOnCancel` on")),
        ("kunobi-ha-0.6.1", "kunobi-ha-0.6.md", Setting::Documented),
    ];
    let route = |(folder, page, setting)| {
        let mut theirs = find(folder)?;
        if let Setting::Advised { options, .. } = setting {
            theirs.options = options;
        }
        Some(Route { theirs, ours: ours.clone(), page, setting })
    };
    pages.into_iter().filter_map(route).collect()
}

/// The routes of each page.
pub fn pages(routes: &[Route]) -> impl Iterator<Item = &[Route]> {
    routes.chunk_by(|one, next| one.page == next.page)
}

impl Setting {
    /// What the heads of its columns add.
    pub(crate) const fn words(self) -> Option<&'static str> {
        match self {
            Self::Documented => None,
            Self::Advised { words, .. } | Self::Discouraged(words) => Some(words),
        }
    }
}

/// Runs a case once; says why it could not be measured.
pub async fn run(server: &Server, route: &Route, case: Case, seed: u64) -> Result<Outcome, String> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut fleet = Fleet::start(server, route).await?;
    fleet.prepare(case, &mut random).await?;
    let before = fleet.world.api.holders().await?.len();
    let from = now();
    fleet.strike(case).await?;
    let to = now();
    let spans: Vec<_> =
        fleet.replicas.iter().map(|one| belief::spans(&one.replica.events(), to)).collect();
    Ok(Outcome {
        believers: belief::count(&spans, Span { from, to }),
        changes: history::changes(&fleet.world.api.holders().await?, before),
    })
}

const KEPT: Setting =
    Setting::Advised { words: "`ReleaseOnCancel` off", options: &["--release-on-cancel=false"] };
