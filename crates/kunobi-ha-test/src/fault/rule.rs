//! A fault for the requests that are meant.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::Fault;
use crate::matcher::{Matcher, Subject};

/// A fault for the requests that a [`Matcher`] means: all of them, or some by their number.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use kube::{Api, Client, api::PostParams};
/// use kunobi_ha_test::{Fault, FaultRule, Matcher, TestServer};
///
/// let server = TestServer::new();
/// let maps: Api<ConfigMap> = Api::default_namespaced(Client::new(server.service("me"), "default"));
/// let mut map = ConfigMap::default();
/// map.metadata.name = Some("colours".into());
///
/// // The second creation of a ConfigMap fails, whatever comes between.
/// let creates = Matcher::create("configmaps");
/// server.add_rule("me", FaultRule::new(creates, Fault::status(503)).nth(2));
/// maps.create(&PostParams::default(), &map).await?;
/// maps.delete("colours", &Default::default()).await?;
/// assert!(maps.create(&PostParams::default(), &map).await.is_err());
/// assert!(server.unused_rules("me").is_empty());
/// # Ok(())
/// # }
/// ```
///
/// As JSON, within [`Faults`](crate::Faults):
///
/// ```
/// # use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher};
/// let faults: Faults = serde_json::from_str(
///     r#"{ "rules": [
///         { "on": { "verbs": ["create"], "resource": "configmaps" }, "skip": 1, "times": 1,
///           "fault": { "status": { "code": 503 } } }
///     ] }"#,
/// )?;
/// let rule = FaultRule::new(Matcher::create("configmaps"), Fault::status(503)).nth(2);
/// assert_eq!(faults.rules, [rule]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a rule does nothing before it is given to a server"]
pub struct FaultRule {
    #[serde(deserialize_with = "before_the_answer")]
    on: Matcher,
    /// So many matching requests are left alone at first.
    #[serde(default)]
    skip: u64,
    /// None: all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    pub(super) fault: Fault,
}

impl FaultRule {
    /// Makes a rule for all requests that are meant. A fault of watches ([`Fault::Watch`]) is for those only.
    ///
    /// # Panics
    ///
    /// The matcher asks for the status of the answer, which is not known when the fault happens.
    #[track_caller]
    pub fn new(on: Matcher, fault: Fault) -> Self {
        assert!(!on.needs_answer(), "{NO_STATUS}: {on}");
        Self { on, skip: 0, times: None, fault }
    }

    /// Leaves the first matching requests alone.
    pub fn skip(self, skip: u64) -> Self {
        Self { skip, ..self }
    }

    /// Ends after so many matching requests.
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Only the nth matching request: the first is 1.
    ///
    /// # Panics
    ///
    /// `nth` is zero.
    #[track_caller]
    pub fn nth(self, nth: u64) -> Self {
        let Some(skip) = nth.checked_sub(1) else {
            panic!("the first matching request has the number 1, not 0");
        };
        Self { skip, times: Some(1), ..self }
    }
}

/// `status 503 for create configmaps, after the first 1, once`.
impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { on, skip, times, fault } = self;
        write!(f, "{fault} for {on}")?;
        if *skip > 0 {
            write!(f, ", after the first {skip}")?;
        }
        match times {
            Some(1) => f.write_str(", once"),
            Some(times) => write!(f, ", {times} times"),
            None => Ok(()),
        }
    }
}

/// A rule, and how far it has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    seen: u64,
    pub(super) hits: u64,
}

impl FaultRule {
    /// The fault of a request, which counts in any case; none if it is not its turn.
    pub(super) fn turn(&self, subject: &Subject, progress: &mut Progress) -> Option<&Fault> {
        let is_possible = subject.is_watch() || !self.fault.is_of_watches();
        if !is_possible || !self.on.misses(subject).is_empty() {
            return None;
        }
        progress.seen += 1;
        let number = progress.seen.checked_sub(self.skip)?;
        (number > 0 && self.times.is_none_or(|times| number <= times)).then_some(&self.fault)
    }
}

fn before_the_answer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Matcher, D::Error> {
    let on = Matcher::deserialize(deserializer)?;
    if on.needs_answer() { Err(D::Error::custom(NO_STATUS)) } else { Ok(on) }
}

const NO_STATUS: &str =
    "the status of the answer is not known when a fault happens: a rule can't match it";
