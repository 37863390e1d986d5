//! The options of the commands that follow one election, or change it.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{LeaseName, ObjectFormat, Scope, duration};

/// Which Leases are followed, and what is told of them.
#[derive(Args, Debug)]
pub(crate) struct WatchOptions {
    /// The Lease [default: all of the namespace]
    #[arg(value_name = "LEASE", conflicts_with_all = ["all_namespaces", "selector"])]
    pub(crate) lease: Option<LeaseName>,
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// Says nothing of renewals that come in time
    #[arg(long)]
    pub(crate) transitions: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<LineFormat>,
}

/// What is waited for.
#[derive(Args, Debug)]
pub(crate) struct WaitOptions {
    /// The Lease, which need not exist yet
    #[arg(value_name = "LEASE")]
    pub(crate) lease: LeaseName,
    /// leader: somebody leads; holder=NAME: that one leads; handover: another one begins to lead
    #[arg(long = "for", value_name = "CONDITION", value_parser = condition)]
    pub(crate) condition: Condition,
    /// How long to wait; 0 looks once, and a negative time waits for a week
    #[arg(long, value_name = "TIME", value_parser = patience, default_value = "30s", allow_hyphen_values = true)]
    pub(crate) timeout: Duration,
}

/// What `wait` waits for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Condition {
    /// Somebody leads.
    Leader,
    /// This one leads.
    Holder(String),
    /// Another one begins to lead.
    Handover,
}

/// What is explained, and after how long a look.
#[derive(Args, Debug)]
pub(crate) struct ExplainOptions {
    /// The Lease
    #[arg(value_name = "LEASE")]
    pub(crate) lease: LeaseName,
    /// How long to look; 0s looks once [default: two renewals, and at most five seconds more than the Lease lasts]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) observe: Option<Duration>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<ObjectFormat>,
}

/// Who is to hand over, and to whom.
#[derive(Args, Debug)]
pub(crate) struct StepDownOptions {
    /// The Lease
    #[arg(value_name = "LEASE")]
    pub(crate) lease: LeaseName,
    /// Who is to lead next [default: a ready pod of the same owner]
    #[arg(long, value_name = "POD", conflicts_with = "evict")]
    pub(crate) to: Option<String>,
    /// Does not ask you to confirm
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Evicts the pod of the leader, if its library can't be asked. A `PodDisruptionBudget` is respected
    #[arg(long)]
    pub(crate) evict: bool,
    /// Says what would be done, and does nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How long to look for a renewal of the leader, and then how long the handover may take, from when the leader can begin with it
    #[arg(long, value_name = "TIME", value_parser = limit, default_value = "60s")]
    pub(crate) timeout: Duration,
}

/// How events are written; without it, as text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum LineFormat {
    /// One JSON object per line
    Json,
}

fn condition(text: &str) -> Result<Condition, String> {
    match text.split_once('=') {
        None if text == "leader" => Ok(Condition::Leader),
        None if text == "handover" => Ok(Condition::Handover),
        Some(("holder", name)) if !name.is_empty() => Ok(Condition::Holder(name.into())),
        _ => Err("expected leader, holder=NAME or handover".into()),
    }
}

/// Reads a limit as `kubectl wait` does.
fn patience(text: &str) -> Result<Duration, String> {
    if let Some(positive) = text.strip_prefix('-') {
        return duration(positive).map(|_| WEEK);
    }
    duration(text)
}

fn limit(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("a handover takes time: write 1s or more".into()),
        limit => Ok(limit),
    }
}

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_does_not_exist_is_refused() {
        assert_eq!(condition("leader"), Ok(Condition::Leader));
        assert_eq!(condition("holder=a=b"), Ok(Condition::Holder("a=b".into())));
        assert_eq!(condition("handover"), Ok(Condition::Handover));
        for text in ["", "Leader", "holder", "holder=", "leader=a", "handover=a", "delete"] {
            let error = condition(text).unwrap_err();
            assert_eq!(error, "expected leader, holder=NAME or handover", "{text}");
        }
    }

    #[test]
    fn zero_looks_once_and_less_waits_for_a_week() {
        assert_eq!(patience("0"), Ok(Duration::ZERO));
        assert_eq!(patience("-1s"), Ok(WEEK));
        assert_eq!(patience("90s"), Ok(Duration::from_secs(90)));
        assert!(patience("soon").is_err() && limit("0").is_err());
    }
}
