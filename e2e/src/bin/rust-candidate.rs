//! A candidate that uses our library, with the flags and the lines of `interop/candidate`. A leader
//! panics at SIGUSR1.
//!
//! `started-leading` and `believes` also say until when it believes, by the library's own word
//! (`valid_until_ns`), and `started-leading` the fence of the term. A thread samples every
//! millisecond (`--sample`), so that what the lines say is what any thread of a user would have seen.

use std::{env, error::Error, path::PathBuf, process, sync::Mutex, thread, time::Duration};

use clap::Parser;
use e2e::clock::boottime;
use kube::{
    Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::leader::{DeathCertificates, LeaderElection, LeaderState, Term};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Parser)]
struct Options {
    #[arg(long)]
    kubeconfig: PathBuf,
    #[arg(long, default_value = "default")]
    namespace: String,
    #[arg(long)]
    name: String,
    #[arg(long)]
    identity: String,
    #[arg(long, default_value = "15000ms", value_parser = milliseconds)]
    lease_duration: Duration,
    #[arg(long, default_value = "10000ms", value_parser = milliseconds)]
    renew_deadline: Duration,
    #[arg(long, default_value = "2000ms", value_parser = milliseconds)]
    retry_period: Duration,
    /// Contend again after a loss, until a signal.
    #[arg(long)]
    rejoin: bool,
    /// How often it looks whether it leads.
    #[arg(long, default_value = "1ms", value_parser = milliseconds)]
    sample: Duration,
    #[arg(long)]
    watch: bool,
    #[arg(long)]
    events: bool,
    /// Death certificates: the container that this is, whose termination message file
    /// `HA_TERMINATION_LOG` names.
    #[arg(long)]
    certificates: Option<String>,
}

struct Printer {
    identity: String,
    turn: Mutex<()>,
}

/// What the samples have shown.
struct Belief {
    term: Term,
    /// It ends by then: the earliest time that a sample allows.
    until: u64,
    printed: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let kubeconfig = Kubeconfig::read_from(&options.kubeconfig)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    let mut builder = LeaderElection::builder(config, &options.namespace, &options.name)
        .identity(options.identity.as_str())
        .lease_duration(options.lease_duration)
        .renew_deadline(options.renew_deadline)
        .retry_period(options.retry_period)
        .watch(options.watch)
        .events(options.events);
    if let Some(container) = options.certificates {
        let certificates = DeathCertificates::new().container(container);
        let path = env::var_os("HA_TERMINATION_LOG").ok_or("HA_TERMINATION_LOG is not set")?;
        builder = builder.death_certificates(certificates.path(path));
    }
    let election = builder.build();
    let printer: &Printer = Box::leak(Box::new(Printer::new(options.identity)));
    let state = election.state();
    thread::spawn(move || observe(&state, options.sample, printer));
    printer.print("candidate", json!({ "pid": process::id() }));
    run(&election, options.rejoin, printer).await?;
    printer.print("ended", json!({}));
    Ok(())
}

async fn run(
    election: &LeaderElection,
    rejoin: bool,
    printer: &Printer,
) -> Result<(), Box<dyn Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut panics = signal(SignalKind::user_defined1())?;
    loop {
        let mut guard = tokio::select! {
            guard = election.acquire() => guard?,
            _ = terminate.recv() => return Ok(()),
        };
        tokio::select! {
            _ = panics.recv() => panic!("told to"),
            reason = guard.lost() => {
                printer.print("stopped-leading", json!({ "reason": reason.to_string() }));
            }
            _ = terminate.recv() => {
                let release = guard.step_down();
                printer.print("stopped-leading", json!({ "reason": "asked to" }));
                let release = format!("{:?}", release.await);
                printer.print("released", json!({ "release": release }));
                return Ok(());
            }
        }
        if !rejoin {
            return Ok(());
        }
    }
}

/// Reads the state, and prints what has changed.
fn observe(state: &LeaderState, period: Duration, printer: &Printer) {
    let mut belief: Option<Belief> = None;
    loop {
        let before = boottime();
        let left = state.time_left();
        let after = boottime();
        let term = state.term();
        let left = left.map(|left| u64::try_from(left.as_nanos()).unwrap_or(0));
        if let Some(old) = &belief
            && (left.is_none() || term.is_some_and(|term| term != old.term))
        {
            printer.print_at(after, "leading-context-done", json!({ "valid_until_ns": old.until }));
            belief = None;
        }
        if let (Some(left), Some(term)) = (left, term) {
            match &mut belief {
                None => {
                    let until = after + left;
                    printer.print_at(before, "started-leading", begin(term, until));
                    belief = Some(Belief { term, until, printed: until });
                }
                Some(belief) => {
                    // The clock was read just before and just after; the instant is between the two.
                    let renewed = before + left > belief.until;
                    belief.until =
                        if renewed { after + left } else { belief.until.min(after + left) };
                    // A sample that was interrupted allows too much.
                    if renewed || belief.printed - belief.until > PRECISION {
                        belief.printed = belief.until;
                        printer.print("believes", json!({ "valid_until_ns": belief.until }));
                    }
                }
            }
        }
        thread::sleep(period);
    }
}

fn begin(term: Term, until: u64) -> Value {
    let (fence, transitions) = (term.fence(), term.transitions());
    json!({ "fence": fence, "lease_transitions": transitions, "valid_until_ns": until })
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("ms").and_then(|number| number.parse().ok());
    number.map(Duration::from_millis).ok_or_else(|| format!("{text} is not a number of ms"))
}

impl Printer {
    fn new(identity: String) -> Self {
        Self { identity, turn: Mutex::default() }
    }

    fn print(&self, event: &str, fields: Value) {
        self.print_at(boottime(), event, fields);
    }

    fn print_at(&self, at: u64, event: &str, mut fields: Value) {
        fields["event"] = event.into();
        fields["boottime_ns"] = at.into();
        fields["identity"] = self.identity.as_str().into();
        let _turn = self.turn.lock();
        println!("{fields}");
    }
}

/// In nanoseconds.
const PRECISION: u64 = 1_000_000;
