//! The command line, in the words of kubectl.

mod doctor;
mod steer;

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};

pub(crate) use self::{
    doctor::{DoctorOptions, FailOn},
    steer::{Condition, ExplainOptions, StepDownOptions, WaitOptions, WatchOptions},
};

/// Sees and steers leader elections: every Lease of a cluster, whichever library the holder uses.
#[derive(Debug, Parser)]
#[command(name = "kubectl-ha", bin_name = "kubectl ha", version, after_help = SCHEMA)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Each is a file in `command`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists Leases: who holds them, when they were renewed last, how often they changed hands
    #[command(after_help = SCHEMA)]
    List(ListOptions),
    /// Shows all that is known of a Lease: its holder's pod, the other candidates, the last Events
    #[command(after_help = SCHEMA)]
    Get(GetOptions),
    /// Tells what happens to Leases as it happens: renewals, takeovers, silence
    #[command(after_help = SCHEMA)]
    Watch(WatchOptions),
    /// Waits until somebody leads, or leadership changes hands; exit code 1 if that does not happen in time
    Wait(WaitOptions),
    /// Looks at a Lease for a while: who wrote it, what it promises, what is odd
    #[command(after_help = SCHEMA)]
    Explain(ExplainOptions),
    /// Asks the leader to hand over, and waits until it has
    #[command(long_about = STEP_DOWN)]
    StepDown(StepDownOptions),
    /// Says what is wrong with an election, why that matters, and how to fix it
    #[command(after_help = SCHEMA)]
    Doctor(DoctorOptions),
    /// Prints a script that completes words when Tab is pressed
    Completion(CompletionOptions),
}

/// Which cluster, and as whom.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct Access {
    /// The namespace to look in [default: that of the context]
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The context of the kubeconfig [default: the current one]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// The kubeconfig [default: $KUBECONFIG, else ~/.kube/config, else that of the pod]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Asks as this user, as `kubectl --as` does
    #[arg(long = "as", global = true, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Asks as a member of this group; can be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP", requires = "user")]
    pub(crate) groups: Vec<String>,
    /// How long one request may take: 30, 30s, 2m; 0 is for ever. Watches are not limited
    #[arg(long, global = true, value_name = "TIME", value_parser = timeout, default_value = "30s")]
    pub(crate) request_timeout: Option<Timeout>,
}

/// Which Leases.
#[derive(Args, Debug)]
pub(crate) struct Scope {
    /// In all namespaces
    #[arg(short = 'A', long)]
    pub(crate) all_namespaces: bool,
    /// Only those with these labels: a=b, a!=b, a in (b,c), a, !a
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(crate) selector: Option<String>,
    /// Also the heartbeats of nodes and the identities of API servers, which elect nobody
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which Leases, and how they are written.
#[derive(Args, Debug)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    pub(crate) scope: Scope,
    /// After the list, a row for each change
    #[arg(short, long)]
    pub(crate) watch: bool,
    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// Leaves out the line with the names of the columns
    #[arg(long)]
    pub(crate) no_headers: bool,
    /// Sort by this column
    #[arg(long, value_name = "COLUMN", default_value = "name")]
    pub(crate) sort_by: SortBy,
}

/// Which Lease, and how it is written.
#[derive(Args, Debug)]
pub(crate) struct GetOptions {
    /// Its name, with or without `lease/` before it
    #[arg(value_name = "LEASE", required = true, num_args = 1..)]
    pub(crate) leases: Vec<LeaseName>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
}

/// Which script.
#[derive(Args, Debug)]
pub(crate) struct CompletionOptions {
    /// For which shell
    pub(crate) shell: Shell,
}

/// A shell, or kubectl itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Shell {
    /// For `kubectl-ha` in bash
    Bash,
    /// For `kubectl-ha` in zsh
    Zsh,
    /// For `kubectl-ha` in fish
    Fish,
    /// For `kubectl ha`: the program `kubectl_complete-ha`, which belongs in the PATH
    Kubectl,
}

/// The name of a Lease on the command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LeaseName(pub(crate) String);

/// How objects are written; without it, as a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A table with more columns
    Wide,
    /// JSON, in a schema that stays
    Json,
    /// The same as YAML
    Yaml,
    /// Only the names, as other commands take them
    Name,
}

/// How an object is written; without it, as text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ObjectFormat {
    Json,
    Yaml,
}

/// What the rows are sorted by; the namespace and the name decide between equal ones.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SortBy {
    /// Namespace and name
    Name,
    /// The holder
    Holder,
    /// The age of the last renewal, the oldest one first
    Renewed,
    /// What is left until others take it, the least first: at the top what ran out the longest ago
    Slack,
    /// The number of transitions, the most first
    Transitions,
}

impl FromStr for LeaseName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, name) = text.rsplit_once('/').unwrap_or(("lease", text));
        let (plain, group) = kind.split_once('.').unwrap_or((kind, ""));
        let is_plain = ["lease", "leases"].iter().any(|it| plain.eq_ignore_ascii_case(it));
        let groups = ["", "coordination.k8s.io", "v1.coordination.k8s.io"];
        if !is_plain || !groups.iter().any(|it| group.eq_ignore_ascii_case(it)) {
            return Err(format!(
                "expected a Lease, not {kind:?}: write NAME or lease/NAME, and the namespace with `-n`"
            ));
        }
        if name.is_empty() {
            return Err("the name is missing".into());
        }
        Ok(Self(name.into()))
    }
}

/// Adds to an error what was meant instead, if that is known.
pub(crate) fn advised(mut error: clap::Error) -> clap::Error {
    let of_list = |usage: &ContextValue| usage.to_string().contains("kubectl ha list");
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidArg).cloned() else {
        return error;
    };
    if error.kind() == ErrorKind::UnknownArgument
        && error.get(ContextKind::Usage).is_some_and(of_list)
        && let Ok(LeaseName(name)) = name.parse()
        && !name.starts_with('-')
    {
        let tip = format!("to show one Lease, use `kubectl ha get {name}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// A limit of time, or none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Timeout(pub(crate) Option<Duration>);

/// Reads a limit, of which 0 is none.
fn timeout(text: &str) -> Result<Timeout, String> {
    duration(text).map(|limit| Timeout(Some(limit).filter(|limit| !limit.is_zero())))
}

/// Reads a duration as kubectl takes it; a number alone counts seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u64>().ok().map(Duration::from_secs);
    let parsed =
        seconds.or_else(|| Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok());
    match parsed {
        None => Err("not a duration; write 30, 30s or 1m30s".into()),
        Some(parsed) if parsed > YEAR => Err("longer than a year; write 8760h or less".into()),
        Some(parsed) => Ok(parsed),
    }
}

/// What is longer is a mistake, and clocks can't count to its end.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Where the schema is written down.
const SCHEMA: &str = "The schema of JSON and YAML: https://github.com/kunobi-ninja/kunobi-ha/blob/main/crates/kubectl-ha/README.md#json-and-yaml";

const STEP_DOWN: &str = "Asks the leader to hand over, and waits until it has

A leader of kunobi-ha is asked by an annotation (kunobi.ninja/wish): its work drains, it releases the Lease, the one that is wished \
for takes it, and the former leader goes on as a candidate. It obeys one wish a term, and none within the first lease of a term.

Leaders of other libraries can't be asked. With --evict the pod of the leader is evicted, if its PodDisruptionBudget allows that.

This command never deletes the Lease and never edits its holder. Either would let another candidate lead at once, while the \
former leader believes in itself until its next renewal: two would lead.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_lease_is_named_as_kubectl_names_it() {
        let known = ["", "lease/", "leases/", "Lease/", "lease.coordination.k8s.io/"];
        for kind in known.into_iter().chain(["leases.v1.coordination.k8s.io/"]) {
            let name = format!("{kind}orders").parse();
            assert_eq!(name, Ok(LeaseName("orders".into())), "{kind}");
        }
        for text in ["pod/orders", "lease.apps/orders", "lease/", "shop/lease/orders"] {
            assert!(text.parse::<LeaseName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_timeout_is_read_as_kubectl_reads_it() {
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(timeout("0"), Ok(Timeout(None)));
        for text in ["-3s", "soon", ""] {
            assert_eq!(duration(text), Err("not a duration; write 30, 30s or 1m30s".into()));
        }
        assert_eq!(duration("8760h"), Ok(YEAR));
        for text in ["8761h", "31536001", "9223372036854775807", "18446744073709551615"] {
            assert_eq!(duration(text), Err("longer than a year; write 8760h or less".into()));
        }
    }

    #[test]
    fn no_option_takes_a_time_that_no_clock_can_count() {
        for words in [
            "wait a --for=leader --timeout=",
            "wait a --for=leader --timeout=-",
            "step-down a --timeout=",
            "explain a --observe=",
            "doctor --observe=",
            "list --request-timeout=",
        ] {
            let words = format!("kubectl-ha {words}9223372036854775807");
            let error = Cli::try_parse_from(words.split(' ')).unwrap_err().to_string();
            assert!(error.contains("longer than a year"), "{words}: {error}");
        }
    }
}
