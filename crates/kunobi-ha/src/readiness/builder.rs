//! Describes the checks of a process, and refuses those that can't work.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    check::{Check, CheckKind, Condition, is_check_name},
    flag::Flag,
    gate::LeaderGate,
    health::{Health, Leader},
    heartbeat::Heartbeat,
    poll::{Job, Question},
    polled::{Polled, Settings},
};
use crate::{
    error::BoxError, journal::warn, leader::LeaderState, sync::Mutex, user_code::UserOwned,
};

/// Describes the checks of a process. [`Health::builder`] makes it.
#[derive(Default)]
#[must_use = "nothing is checked before it is built"]
pub struct HealthBuilder {
    settings: Settings,
    drafts: Vec<Draft>,
    leaders: Vec<Leader>,
    expose_reasons: bool,
}

struct Draft {
    kind: CheckKind,
    name: Arc<str>,
    condition: DraftCondition,
}

enum DraftCondition {
    Final(Condition),
    /// Polled with the settings, which may still change.
    Polled(Question),
}

/// Why no [`Health`] can be built. Nothing was started.
#[derive(Clone, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCheck {
    /// Two elections have the same name: give each its own with
    /// [`leader_named`](HealthBuilder::leader_named).
    #[error("two elections are called {0:?}: name each of them with `leader_named`")]
    ElectionNameTaken(Arc<str>),
    /// A name can't stand in a path: rename the check or the election.
    #[error("a check can't be called {0:?}: use letters, digits, '-', '_' and '.'")]
    Name(Arc<str>),
    /// Two checks of one endpoint have the same name, or one is called `shutdown`: rename one of them.
    #[error("two checks are called {0:?}: rename one of them")]
    NameTaken(Arc<str>),
    /// The period, the timeout or a threshold is zero.
    #[error("the period, the timeout and the thresholds of checks must not be zero")]
    Zero,
}

/// Prints the text of [`Display`](fmt::Display), because a `main` that returns an error prints its
/// `Debug`.
impl fmt::Debug for InvalidCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl HealthBuilder {
    /// Sets how often each polled check is asked. Default: 10 s. [`Duration::MAX`] asks once.
    ///
    /// A result that is older than three periods counts as a failure. If the
    /// [`timeout`](Self::timeout) is longer than the period, it takes the place of the period here.
    pub const fn every(mut self, period: Duration) -> Self {
        self.settings.every = period;
        self
    }

    /// Sets how long a polled check may take. Default: 1 s. A check that takes longer counts as failed,
    /// and its future is dropped.
    ///
    /// A check is never asked twice at a time. One that takes longer than the period is asked again
    /// when it has answered.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Sets after how many failures in a row a polled check fails, and after how many successes in a
    /// row it passes again. Default: 3 and 1. The first result of all counts at once.
    pub const fn thresholds(mut self, fail_after: u32, recover_after: u32) -> Self {
        self.settings.fail_after = fail_after;
        self.settings.recover_after = recover_after;
        self
    }

    /// Shows the reason of a failure at the path of its check, `/readyz/<check>`. Default: off, because
    /// every client that reaches the pod can read it. The log has the reasons in any case.
    pub const fn expose_reasons(mut self, expose: bool) -> Self {
        self.expose_reasons = expose;
        self
    }

    /// Adds the election: its watchdog to liveness and its gate to readiness, both called
    /// `leader-election`, and `/leaderz`. If the program has several elections, use
    /// [`leader_named`](Self::leader_named).
    pub fn leader(self, state: &LeaderState, gate: LeaderGate) -> Self {
        self.add_leader(LEADER.into(), ELECTION.into(), state, gate)
    }

    /// Adds one of several elections. Its checks in liveness and readiness are called
    /// `leader-election-<name>`. `/leaderz/<name>` passes if this replica leads this election, `/leaderz`
    /// if it leads every election that was added.
    pub fn leader_named(
        self,
        name: impl Into<Arc<str>>,
        state: &LeaderState,
        gate: LeaderGate,
    ) -> Self {
        let name = name.into();
        let check = format!("{ELECTION}-{name}").into();
        self.add_leader(name, check, state, gate)
    }

    /// Adds a check to readiness that is asked in the background, from [`Health::start`] on. The process
    /// is not ready before the first answer. If the check panics, that is a failure.
    ///
    /// Ask for something that one process can lose and the others keep. A failure of something that
    /// all replicas share makes all of them unready at once.
    pub fn ready_check<Q, A>(mut self, name: impl Into<Arc<str>>, question: Q) -> Self
    where
        Q: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let question: Question = Arc::new(move || Box::pin(question()));
        let condition = DraftCondition::Polled(question);
        self.drafts.push(Draft { kind: CheckKind::Ready, name: name.into(), condition });
        self
    }

    /// Adds a flag to readiness: the process is ready only while it is set. At first it is not.
    pub fn ready_flag(&mut self, name: impl Into<Arc<str>>) -> Flag {
        let flag = Flag::default();
        self.add(CheckKind::Ready, name, Condition::Set(flag.clone()));
        flag
    }

    /// Adds a flag to start-up and to readiness. `/startupz` passes once each of these flags was set,
    /// and goes on passing when one is cleared; `/readyz` does not.
    pub fn startup_flag(&mut self, name: impl Into<Arc<str>>) -> Flag {
        let flag = Flag::default();
        let name = name.into();
        self.add(CheckKind::Startup, Arc::clone(&name), Condition::EverSet(flag.clone()));
        self.add(CheckKind::Ready, name, Condition::Set(flag.clone()));
        flag
    }

    /// Adds a loop to liveness. The check fails when the last beat is older than `max_age`; this call
    /// counts as the first beat. With [`Duration::MAX`] it never fails.
    pub fn live_heartbeat(&mut self, name: impl Into<Arc<str>>, max_age: Duration) -> Heartbeat {
        let heartbeat = Heartbeat::new(max_age);
        self.add(CheckKind::Live, name, Condition::Beating(heartbeat.clone()));
        heartbeat
    }

    /// Builds the checks. Polled checks are not asked before [`Health::start`].
    ///
    /// # Errors
    ///
    /// [`InvalidCheck`] says which name or number can't be used.
    pub fn build(mut self) -> Result<Health, InvalidCheck> {
        let settings = self.settings.bounded();
        let Settings { every, timeout, fail_after, recover_after } = settings;
        if every.is_zero() || timeout.is_zero() || fail_after == 0 || recover_after == 0 {
            return Err(InvalidCheck::Zero);
        }
        for (index, leader) in self.leaders.iter().enumerate() {
            if !is_check_name(&leader.name) {
                return Err(InvalidCheck::Name(Arc::clone(&leader.name)));
            }
            if self.leaders[..index].iter().any(|other| other.name == leader.name) {
                return Err(InvalidCheck::ElectionNameTaken(Arc::clone(&leader.name)));
            }
        }
        for (index, draft) in self.drafts.iter().enumerate() {
            if !is_check_name(&draft.name) {
                return Err(InvalidCheck::Name(Arc::clone(&draft.name)));
            }
            let same = |other: &Draft| other.kind == draft.kind && other.name == draft.name;
            if self.drafts[..index].iter().any(same) || *draft.name == *SHUTDOWN {
                return Err(InvalidCheck::NameTaken(Arc::clone(&draft.name)));
            }
        }
        let shutting_down = Flag::default();
        self.add(CheckKind::Ready, SHUTDOWN, Condition::NotShuttingDown(shutting_down.clone()));
        let mut jobs = Vec::new();
        let checks = self.drafts.into_iter().map(|Draft { kind, name, condition }| {
            let condition = match condition {
                DraftCondition::Final(condition) => condition,
                DraftCondition::Polled(question) => {
                    let polled = Arc::new(Mutex::new(Polled::new(settings)));
                    let question = UserOwned::new(question);
                    jobs.push(Job { question, polled: Arc::clone(&polled), settings });
                    Condition::Polled(polled)
                }
            };
            Check { kind, name, condition }
        });
        let checks = checks.collect();
        Ok(Health::new(checks, jobs, self.leaders, shutting_down, self.expose_reasons))
    }

    fn add_leader(
        mut self,
        name: Arc<str>,
        check: Arc<str>,
        state: &LeaderState,
        gate: LeaderGate,
    ) -> Self {
        self.add(CheckKind::Live, Arc::clone(&check), Condition::ElectionAlive(state.clone()));
        match gate {
            LeaderGate::ElectionHealthy => {
                self.add(CheckKind::Ready, check, Condition::ElectionHealthy(state.clone()));
            }
            LeaderGate::LeaderOnly => {
                warn!(
                    "readiness is gated on leadership: a Deployment of more than one replica rolls \
                     out only if maxUnavailable is at least its number of replicas, or with the \
                     strategy Recreate"
                );
                self.add(CheckKind::Ready, check, Condition::Leading(state.clone()));
            }
            LeaderGate::Ignore => {}
        }
        self.leaders.push(Leader { name, state: state.clone() });
        self
    }

    fn add(&mut self, kind: CheckKind, name: impl Into<Arc<str>>, condition: Condition) {
        let condition = DraftCondition::Final(condition);
        self.drafts.push(Draft { kind, name: name.into(), condition });
    }
}

impl TryFrom<HealthBuilder> for Health {
    type Error = InvalidCheck;

    fn try_from(builder: HealthBuilder) -> Result<Self, InvalidCheck> {
        builder.build()
    }
}

impl fmt::Debug for HealthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.drafts.iter().map(|draft| &draft.name);
        f.debug_list().entries(names).finish()
    }
}

const ELECTION: &str = "leader-election";
const LEADER: &str = "leader";
const SHUTDOWN: &str = "shutdown";
