//! All checks of a process.
//!
//! # Who writes
//!
//! The list of checks never changes after it was built. What a check says is read from its
//! [`Condition`](super::check::Condition), and each condition has its own writers: the election, a
//! poller, the holder of a flag or a heartbeat. [`Registry::view`] only reads them, on any thread. The
//! one thing that a probe writes is what was told of each check: see [`transitions`](super::transitions).

use std::sync::Arc;

use tokio::{runtime::Handle as Runtime, time::Instant};

use super::{
    builder::HealthBuilder,
    check::{Check, CheckKind, NOT_THE_LEADER, Viewed},
    endpoint::{Endpoint, Query},
    flag::Flag,
    poll::{Job, Pollers},
    text::{self, CheckLine, ProbeAnswer},
    transitions::Transitions,
};
use crate::leader::LeaderState;

/// Tells whether this process is alive and ready. Clones are handles of the same checks.
#[derive(Clone, Debug)]
pub struct Health {
    registry: Arc<Registry>,
}

/// The status of one check at one instant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckStatus {
    /// Where the check is probed: `livez`, `readyz` or `startupz`.
    pub endpoint: Endpoint,
    /// The name of the check.
    pub name: Arc<str>,
    /// `Err` with the reason if the check fails.
    pub status: Result<(), String>,
}

#[derive(Debug)]
struct Registry {
    checks: Vec<Check>,
    transitions: Transitions,
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
            transitions: Transitions::new(checks.len()),
            checks,
            leaders,
            expose_reasons,
            shutting_down,
            pollers: Pollers::new(jobs),
        };
        Self { registry: Arc::new(registry) }
    }

    /// Begins to ask the polled checks, on the current runtime. If they are asked already, it does
    /// nothing. The probe server and the router call it by themselves. Polling ends when the last
    /// handle is dropped.
    ///
    /// # Panics
    ///
    /// If it is called outside a tokio runtime.
    pub fn start(&self) {
        let here = Runtime::current();
        self.start_on(&here, &here);
    }

    /// As [`start`](Self::start): the user's code runs on `runtime`, and the timers on `supervisor`.
    pub(crate) fn start_on(&self, runtime: &Runtime, supervisor: &Runtime) {
        self.registry.pollers.start(runtime, supervisor);
    }

    /// Fails readiness from now on, because a shutdown was asked for. It can't be undone.
    pub fn begin_shutdown(&self) {
        self.registry.shutting_down.set(true);
    }

    /// Answers a probe of this path and query, `/readyz?verbose` for example. Returns `None` if there is
    /// no such path: answer that with 404. `/readyz/` is the same as `/readyz`.
    ///
    /// It is for use under any HTTP server. It waits for nothing, and may be called on any thread. It
    /// does not [`start`](Self::start) polling.
    ///
    /// A probe logs each check of its endpoint that has changed since the last probe.
    #[must_use]
    pub fn probe(&self, path_and_query: &str) -> Option<ProbeAnswer> {
        // A client does not send its fragment; a path that was taken from a URL may have one.
        let asked = path_and_query.split_once('#').map_or(path_and_query, |(asked, _)| asked);
        let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
        let (endpoint, check) = Endpoint::parse(path)?;
        let lines = self.registry.lines(endpoint)?;
        match check {
            None => Some(text::all(endpoint, &lines, &Query::parse(query))),
            Some(name) => {
                let line = lines.iter().find(|line| line.name == name)?;
                Some(text::one(line, self.registry.expose_reasons))
            }
        }
    }

    /// Returns the status of every check now. It is not a probe: it logs nothing and changes nothing.
    #[must_use]
    pub fn checks(&self) -> Vec<CheckStatus> {
        let viewed = self.registry.view(|_| true, Instant::now());
        let statuses = viewed.into_iter().map(|Viewed { check, status, .. }| CheckStatus {
            endpoint: check.kind.endpoint(),
            name: Arc::clone(&check.name),
            status,
        });
        statuses.collect()
    }
}

impl Registry {
    /// Returns the lines of a probe; `None` if there is no such endpoint.
    fn lines(&self, endpoint: Endpoint) -> Option<Vec<CheckLine<'_>>> {
        match endpoint {
            Endpoint::Healthz | Endpoint::Livez => Some(self.check_lines(CheckKind::Live)),
            Endpoint::Leaderz => self.leader_lines(),
            Endpoint::Readyz => Some(self.check_lines(CheckKind::Ready)),
            Endpoint::Startupz => Some(self.check_lines(CheckKind::Startup)),
        }
    }

    fn check_lines(&self, kind: CheckKind) -> Vec<CheckLine<'_>> {
        let viewed = self
            .transitions
            .record(|| self.view(|check| check.kind == kind, Instant::now()))
            .into_iter();
        let mut lines: Vec<_> = viewed
            .map(|Viewed { check, status, .. }| CheckLine { name: &check.name, status })
            .collect();
        if lines.is_empty() {
            lines.push(CheckLine { name: "ping", status: Ok(()) });
        }
        lines
    }

    /// Leading is not a check: that another replica leads is nothing to log.
    fn leader_lines(&self) -> Option<Vec<CheckLine<'_>>> {
        let lines = self.leaders.iter().map(|Leader { name, state }| {
            let leads = state.is_leader();
            CheckLine { name, status: if leads { Ok(()) } else { Err(NOT_THE_LEADER.into()) } }
        });
        let lines: Vec<_> = lines.collect();
        (!lines.is_empty()).then_some(lines)
    }

    /// Returns the status of checks at an instant. It changes nothing.
    fn view(&self, wanted: impl Fn(&Check) -> bool, now: Instant) -> Vec<Viewed<'_>> {
        let checks = self.checks.iter().enumerate().filter(|(_, check)| wanted(check));
        checks
            .map(|(index, check)| Viewed { index, check, status: check.condition.status(now) })
            .collect()
    }
}
