//! What goes wrong between a client and the server.

mod plan;
mod rule;
mod text;

use std::{collections::VecDeque, fmt};

use serde::{Deserialize, Serialize};

pub(crate) use self::plan::{ClientFaults, Plan};
pub use self::{rule::FaultRule, text::FaultsError};

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
    /// It is handled as usual; what goes wrong is the watch that it begins. Other requests are handled as usual. In a
    /// script it waits for the next watch, and what follows it in the script waits, too.
    Watch {
        /// After so many events. Bookmarks don't count.
        #[serde(default)]
        after_events: u64,
        /// What happens then.
        then: WatchFault,
    },
}

/// What goes wrong with a watch that has begun.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WatchFault {
    /// It ends in good order, as after its timeout.
    End,
    /// The connection stays open and nothing comes any more, neither bookmarks nor its end: as if a firewall had forgotten it.
    Stall,
    /// An ERROR event with a 410 comes, and the end: its version is too old.
    Expire,
    /// The connection breaks in the middle of a line: that of the next event or bookmark, or, if none comes within a second
    /// of tokio's clock, that of a bookmark which nobody has asked for.
    Break,
}

impl Fault {
    /// Answers with this status, without a `Retry-After`.
    #[must_use]
    pub const fn status(code: u16) -> Self {
        Self::Status { code, retry_after: None }
    }

    /// Lets the watch fail after so many events.
    #[must_use]
    pub const fn watch(after_events: u64, then: WatchFault) -> Self {
        Self::Watch { after_events, then }
    }

    fn is_of_watches(&self) -> bool {
        matches!(self, Self::Watch { .. })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay { before_ms, after_ms } => write!(f, "delay of {before_ms}+{after_ms} ms"),
            Self::Hang => f.write_str("hang"),
            Self::HangReply => f.write_str("hang_reply"),
            Self::LoseReply => f.write_str("lose_reply"),
            Self::Pass => f.write_str("pass"),
            Self::Refuse => f.write_str("refuse"),
            Self::Reset => f.write_str("reset"),
            Self::Status { code, retry_after: None } => write!(f, "status {code}"),
            Self::Status { code, retry_after: Some(seconds) } => {
                write!(f, "status {code}, retry after {seconds} s")
            }
            Self::Watch { after_events, then } => write!(f, "{then} after {after_events} events"),
        }
    }
}

impl fmt::Display for WatchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "end",
            Self::Stall => "stall",
            Self::Expire => "expire",
            Self::Break => "break",
        })
    }
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
    /// What happens to the requests that are meant. Each rule counts all the requests that match it; if it is the turn of several, the
    /// first one decides. What a rule hits takes nothing from the script.
    pub rules: Vec<FaultRule>,
    /// What happens to the next requests, one after the other. Latencies apply to all of them, the
    /// other faults only to a request whose turn is `pass`, `delay` or `watch`.
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

impl Faults {
    /// What of this can't happen.
    pub(crate) fn impossible(&self) -> Option<String> {
        if let Some(Share { ratio, .. }) = &self.share
            && !(0.0..=1.0).contains(ratio)
        {
            return Some(format!("{ratio} is no part of the requests: write a share from 0 to 1"));
        }
        let ruled = self.rules.iter().map(|rule| &rule.fault);
        let codes = self.script.iter().chain(ruled).filter_map(|fault| match fault {
            Fault::Status { code, retry_after: _ } => Some(*code),
            Fault::Delay { .. }
            | Fault::Hang
            | Fault::HangReply
            | Fault::LoseReply
            | Fault::Pass
            | Fault::Refuse
            | Fault::Reset
            | Fault::Watch { .. } => None,
        });
        let mut codes = codes.chain(self.share.as_ref().map(|share| share.code));
        let wrong = codes.find(|code| !(200..=999).contains(code))?;
        Some(format!("no answer has the status {wrong}: write one from 200 to 999"))
    }

    /// Whether a watch tells nothing.
    pub(crate) fn silences_watches(&self) -> bool {
        self.cut_requests || self.cut_answers
    }
}

impl Role {
    pub(crate) fn allows(&self, verb: &str, name: Option<&str>) -> bool {
        let named = self.resource_names.is_empty()
            || name.is_some_and(|name| self.resource_names.iter().any(|allowed| allowed == name));
        named && self.verbs.iter().any(|allowed| allowed == verb || allowed == "*")
    }
}
