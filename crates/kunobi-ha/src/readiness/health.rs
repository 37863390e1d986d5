//! All checks of a process.

use std::sync::{Arc, atomic::Ordering};

use tokio::{runtime::Handle as Runtime, time::Instant};

use super::{
    builder::HealthBuilder,
    check::{Check, Kind, NOT_THE_LEADER},
    endpoint::{Endpoint, Query},
    flag::Flag,
    poll::{Job, Pollers},
    text::{self, Line, ProbeAnswer},
};
use crate::{
    journal::{info, warn},
    leader::LeaderState,
};

/// Whether this process is alive and ready. Clones are handles of the same checks.
#[derive(Clone, Debug)]
pub struct Health {
    registry: Arc<Registry>,
}

/// One check at the time it was asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckStatus {
    /// `livez`, `readyz` or `startupz`.
    pub endpoint: Endpoint,
    /// Its name.
    pub name: Arc<str>,
    /// What is wrong, if anything is.
    pub status: Result<(), String>,
}

#[derive(Debug)]
struct Registry {
    checks: Vec<Check>,
    leaders: Vec<Leader>,
    expose_reasons: bool,
    shutting_down: Flag,
    pollers: Pollers,
}

/// An election, as `/leaderz` knows it.
#[derive(Debug)]
pub(super) struct Leader {
    pub(super) name: Arc<str>,
    pub(super) state: LeaderState,
}

impl Health {
    /// Describes the checks of a process.
    pub fn builder() -> HealthBuilder {
        HealthBuilder::default()
    }

    pub(super) fn new(
        checks: Vec<Check>,
        jobs: Vec<Job>,
        leaders: Vec<Leader>,
        shutting_down: Flag,
        expose_reasons: bool,
    ) -> Self {
        let registry = Registry {
            checks,
            leaders,
            expose_reasons,
            shutting_down,
            pollers: Pollers::new(jobs),
        };
        Self { registry: Arc::new(registry) }
    }

    /// Begins to poll, on the current runtime, unless that has begun. What serves probes calls it
    /// by itself. Polling ends when the last handle is dropped.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn start(&self) {
        let here = Runtime::current();
        self.start_on(&here, &here);
    }

    /// Asks on `runtime`, and keeps the time on `home`.
    pub(crate) fn start_on(&self, runtime: &Runtime, home: &Runtime) {
        self.registry.pollers.start(runtime, home);
    }

    /// Says that a shutdown was asked for: readiness fails from now on.
    pub fn begin_shutdown(&self) {
        self.registry.shutting_down.set(true);
    }

    /// Answers a GET of this path and query, `/readyz?verbose` for example; `None` if that is no
    /// probe. `/readyz/` is `/readyz`. It never waits: for use under any HTTP server.
    #[must_use]
    pub fn probe(&self, path_and_query: &str) -> Option<ProbeAnswer> {
        // A fragment is none of the server's business; most cut it off by themselves.
        let asked = path_and_query.split_once('#').map_or(path_and_query, |(asked, _)| asked);
        let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
        let (endpoint, check) = Endpoint::parse(path)?;
        let lines = self.lines(endpoint)?;
        match check {
            None => Some(text::all(endpoint, &lines, &Query::parse(query))),
            Some(name) => {
                let line = lines.iter().find(|line| line.name == name)?;
                Some(text::one(line, self.registry.expose_reasons))
            }
        }
    }

    /// Returns every check.
    #[must_use]
    pub fn checks(&self) -> Vec<CheckStatus> {
        let checks = self.registry.checks.iter().map(|check| CheckStatus {
            endpoint: check.kind.endpoint(),
            name: Arc::clone(&check.name),
            status: look(check),
        });
        checks.collect()
    }

    fn lines(&self, endpoint: Endpoint) -> Option<Vec<Line<'_>>> {
        let registry = &*self.registry;
        let kind = match endpoint {
            Endpoint::Healthz | Endpoint::Livez => Kind::Live,
            Endpoint::Readyz => Kind::Ready,
            Endpoint::Startupz => Kind::Startup,
            Endpoint::Leaderz => {
                let lines = registry.leaders.iter().map(|Leader { name, state }| {
                    let leads = state.is_leader();
                    let status = if leads { Ok(()) } else { Err(NOT_THE_LEADER.into()) };
                    Line { name, status }
                });
                let lines: Vec<_> = lines.collect();
                return (!lines.is_empty()).then_some(lines);
            }
        };
        let checks = registry.checks.iter().filter(|check| check.kind == kind);
        let mut lines: Vec<_> =
            checks.map(|check| Line { name: &check.name, status: look(check) }).collect();
        if lines.is_empty() {
            lines.push(Line { name: "ping", status: Ok(()) });
        }
        Some(lines)
    }
}

/// Looks at a check, and logs what has changed since the last look: a kubelet shows no reasons.
fn look(check: &Check) -> Result<(), String> {
    let status = check.condition.status(Instant::now());
    let shown = if status.is_ok() { WELL } else { FAILED };
    if check.shown.swap(shown, Ordering::AcqRel) != shown {
        let (endpoint, name) = (check.kind.endpoint().word(), &check.name);
        match &status {
            Ok(()) => info!(endpoint, check = %name, "check passes"),
            Err(why) => warn!(endpoint, check = %name, "check fails: {why}"),
        }
    }
    status
}

const WELL: u8 = 1;
const FAILED: u8 = 2;
