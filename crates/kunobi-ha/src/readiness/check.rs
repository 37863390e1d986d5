//! A check: the endpoint that it belongs to, its name, and the condition under which it passes.

use std::sync::Arc;

use tokio::time::Instant;

use super::{endpoint::Endpoint, flag::Flag, heartbeat::Heartbeat, polled::Polled};
use crate::{
    leader::LeaderState,
    sync::{Mutex, lock},
};

#[derive(Debug)]
pub(super) struct Check {
    pub(super) kind: CheckKind,
    pub(super) name: Arc<str>,
    pub(super) condition: Condition,
}

/// A check, and what is wrong with it at one instant.
#[derive(Debug)]
pub(super) struct Viewed<'a> {
    /// Its place among all checks of the process.
    pub(super) index: usize,
    pub(super) check: &'a Check,
    pub(super) status: Result<(), String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CheckKind {
    Live,
    Ready,
    Startup,
}

/// When a check passes. All of it is in memory.
#[derive(Debug)]
pub(super) enum Condition {
    Beating(Heartbeat),
    ElectionAlive(LeaderState),
    ElectionHealthy(LeaderState),
    EverSet(Flag),
    Leading(LeaderState),
    NotShuttingDown(Flag),
    Polled(Arc<Mutex<Polled>>),
    Set(Flag),
}

impl CheckKind {
    pub(super) const fn endpoint(self) -> Endpoint {
        match self {
            Self::Live => Endpoint::Livez,
            Self::Ready => Endpoint::Readyz,
            Self::Startup => Endpoint::Startupz,
        }
    }
}

impl Condition {
    /// Returns what is wrong, if anything is. An election goes by its own clock.
    pub(super) fn status(&self, now: Instant) -> Result<(), String> {
        let holds = |holds: bool, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
        match self {
            Self::Beating(heartbeat) => heartbeat.status(now),
            Self::ElectionAlive(state) => state.alive().map_err(|trouble| trouble.to_string()),
            Self::ElectionHealthy(state) => state.healthy().map_err(|trouble| {
                let error = state.last_error().map_or(String::new(), |error| format!(": {error}"));
                format!("{trouble}{error}")
            }),
            Self::EverSet(flag) => holds(flag.was_ever_set(), "it was not set yet"),
            Self::Leading(state) => holds(state.is_leader(), NOT_THE_LEADER),
            Self::NotShuttingDown(down) => holds(!down.is_set(), "a shutdown was asked for"),
            Self::Polled(polled) => lock(polled).status(now),
            Self::Set(flag) => holds(flag.is_set(), "it is not set"),
        }
    }
}

pub(super) const NOT_THE_LEADER: &str = "another replica leads";

/// Tells whether a check can have this name: it is a segment of a path.
pub(crate) fn is_check_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.chars().all(fits)
}
