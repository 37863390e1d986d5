//! What goes wrong between a client and the server.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

/// What happens to one request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// It is handled late, and its answer comes late.
    Delay {
        /// The delay before it is handled, in milliseconds.
        before_ms: u64,
        /// The delay of its answer, in milliseconds.
        after_ms: u64,
    },
    /// It never arrives, and no answer comes.
    Hang,
    /// It is handled; the answer never comes.
    HangReply,
    /// It is handled; then the connection breaks, without an answer.
    LoseReply,
    /// It is handled as usual.
    Pass,
    /// The connection is refused.
    Refuse,
    /// The connection is reset before it is handled.
    Reset,
    /// It is answered with this status instead of being handled.
    Status {
        /// The status code.
        code: u16,
        /// The `Retry-After` header, in seconds.
        #[serde(default)]
        retry_after: Option<u64>,
    },
}

/// What goes wrong for one client, until other faults are set.
///
/// As JSON, over `PUT /_ha/faults/{client}`, every field may be left out:
///
/// ```
/// use kunobi_ha_test::{Fault, Faults};
///
/// let faults: Faults = serde_json::from_str(
///     r#"{ "latency_before_ms": 40, "cut_answers": true, "script": ["hang", "pass"] }"#,
/// )?;
/// assert!(faults.cut_answers);
/// assert_eq!(faults.script, [Fault::Hang, Fault::Pass]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// What happens to the next requests, one after the other. Latencies apply to all of them, the
    /// other faults only to a request whose turn is `pass` or `delay`.
    pub script: VecDeque<Fault>,
    /// Every request is handled late, by this many milliseconds.
    pub latency_before_ms: u64,
    /// Every answer is late, by this many milliseconds.
    pub latency_after_ms: u64,
    /// Requests don't arrive, and watch events stall.
    pub cut_requests: bool,
    /// Requests are handled, but no answer and no watch event comes back.
    pub cut_answers: bool,
    /// Connections are refused.
    pub refuse: bool,
    /// Every nth request hangs for ever; zero: none.
    pub hang_every: u64,
    /// A share of all requests that is answered with an error instead of being handled.
    pub share: Option<Share>,
    /// What the client may do; everything if it is not set.
    pub role: Option<Role>,
    /// The seed of the random numbers that choose the share.
    pub seed: u64,
}

/// A share of all requests that fails.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// From 0 (none) to 1 (all).
    pub ratio: f64,
    /// How they are answered.
    pub code: u16,
    /// The `Retry-After` header, in seconds.
    #[serde(default)]
    pub retry_after: Option<u64>,
}

/// What a client may do, as one rule of a Kubernetes Role.
///
/// As on a real server, a list of names never allows a POST, which has no name; a PUT that creates
/// needs `create` as well as `update`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; `*` for all.
    pub verbs: Vec<String>,
    /// The names of the objects; all objects if it is empty.
    #[serde(default)]
    pub resource_names: Vec<String>,
}

/// The faults of a client, and their progress.
#[derive(Debug, Default)]
pub(crate) struct ClientFaults {
    pub(crate) faults: Faults,
    seen: u64,
    random: Option<fastrand::Rng>,
}

/// What to do with one request.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) before: Duration,
    pub(crate) fault: Fault,
    pub(crate) after: Duration,
}

impl ClientFaults {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { random: Some(fastrand::Rng::with_seed(faults.seed)), faults, seen: 0 }
    }

    pub(crate) fn plan(&mut self) -> Plan {
        self.seen += 1;
        let faults = &mut self.faults;
        let mut plan = Plan {
            before: Duration::from_millis(faults.latency_before_ms),
            fault: faults.script.pop_front().unwrap_or(Fault::Pass),
            after: Duration::from_millis(faults.latency_after_ms),
        };
        if let Fault::Delay { before_ms, after_ms } = plan.fault {
            plan.before += Duration::from_millis(before_ms);
            plan.after += Duration::from_millis(after_ms);
            plan.fault = Fault::Pass;
        }
        if plan.fault != Fault::Pass {
            return plan;
        }
        if faults.cut_requests {
            plan.fault = Fault::Hang;
        } else if faults.refuse {
            plan.fault = Fault::Refuse;
        } else if faults.hang_every > 0 && self.seen.is_multiple_of(faults.hang_every) {
            plan.fault = Fault::Hang;
        } else if let Some(share) = &faults.share
            && self.random.get_or_insert_with(fastrand::Rng::new).f64() < share.ratio
        {
            plan.fault = Fault::Status { code: share.code, retry_after: share.retry_after };
        } else if faults.cut_answers {
            plan.fault = Fault::HangReply;
        }
        plan
    }
}

impl Role {
    pub(crate) fn allows(&self, verb: &str, name: Option<&str>) -> bool {
        let named = self.resource_names.is_empty()
            || name.is_some_and(|name| self.resource_names.iter().any(|allowed| allowed == name));
        named && self.verbs.iter().any(|allowed| allowed == verb || allowed == "*")
    }
}
