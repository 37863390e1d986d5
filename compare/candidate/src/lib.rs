//! What the programs that are compared share. It knows nothing of Kubernetes: each program does what the
//! documentation of its library advises, and hands a question ("do I lead now?") to a [`Reporter`].

use std::{
    env,
    fmt::Display,
    io::{Read, Write},
    process,
    str::FromStr,
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::time::{ClockId, clock_gettime};

/// The command line, which is the same for every program. Where a library has no such setting, the
/// program says so. The kubeconfig is named by `KUBECONFIG`, as for any client.
#[derive(Clone, Debug)]
pub struct Options {
    /// `--namespace`
    pub namespace: String,
    /// `--lease`: the name of the Lease.
    pub lease: String,
    /// `--identity`: the name of the pod.
    pub identity: String,
    /// `--lease-duration`, in seconds.
    pub lease_duration: Duration,
    /// `--renew-deadline`, in seconds.
    pub renew_deadline: Duration,
    /// `--retry-period`, in seconds.
    pub retry_period: Duration,
    /// `--poll-ms`: how often it is asked whether this replica leads.
    pub poll: Duration,
}

/// Asks again and again whether this replica leads, in a thread of its own as a worker would, and prints
/// each change:
///
/// ```text
/// started MONOTONIC WALL
/// leads FIRST_YES
/// follows FIRST_NO LAST_YES
/// ```
///
/// Times are nanoseconds of `CLOCK_MONOTONIC`, which all processes of a machine share; `WALL` is what this
/// process takes for the time of day. That of a yes is read before the question is asked.
#[derive(Debug)]
pub struct Reporter {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Options {
    /// Reads the command line; explains what is wrong with it and ends, if anything is.
    #[must_use]
    pub fn from_args() -> Self {
        Self::parse(env::args().skip(1)).unwrap_or_else(|why| {
            eprintln!("{why}");
            process::exit(2);
        })
    }

    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            namespace: "default".to_owned(),
            lease: "compare".to_owned(),
            identity: String::new(),
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
            poll: Duration::from_millis(5),
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--namespace" => options.namespace = value,
                "--lease" => options.lease = value,
                "--identity" => options.identity = value,
                "--lease-duration" => options.lease_duration = seconds(&name, &value)?,
                "--renew-deadline" => options.renew_deadline = seconds(&name, &value)?,
                "--retry-period" => options.retry_period = seconds(&name, &value)?,
                "--poll-ms" => options.poll = Duration::from_millis(number(&name, &value)?),
                _ => return Err(format!("there is no option {name}")),
            }
        }
        if options.identity.is_empty() {
            return Err("--identity is missing".to_owned());
        }
        Ok(options)
    }
}

impl Reporter {
    /// Begins to ask.
    #[must_use = "dropped, it goes on for ever"]
    pub fn start(options: &Options, mut leads: impl FnMut() -> bool + Send + 'static) -> Self {
        end_with_stdin();
        let (stop, stopped) = mpsc::channel();
        let poll = options.poll;
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        say(&format!("started {} {}", now(), wall.as_nanos()));
        let thread = thread::spawn(move || {
            let mut last_yes = None;
            loop {
                let asked = now();
                let yes = leads();
                match (yes, last_yes) {
                    (true, None) => say(&format!("leads {asked}")),
                    (false, Some(last)) => say(&format!("follows {asked} {last}")),
                    (true, Some(_)) | (false, None) => {}
                }
                last_yes = yes.then_some(asked);
                if stopped.recv_timeout(poll) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            if let Some(last) = last_yes {
                say(&format!("follows {} {last}", now()));
            }
        });
        Self { stop, thread }
    }

    /// The work ends, and nobody asks any more: what a program does before it releases its Lease.
    pub fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    number(name, value).map(Duration::from_secs)
}

fn number<N: FromStr<Err: Display>>(name: &str, value: &str) -> Result<N, String> {
    value.parse().map_err(|error| format!("{name} {value}: {error}"))
}

/// A line that is whole, and that is not kept in a buffer.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// When the runner is gone, however it ended, this process ends as well.
fn end_with_stdin() {
    thread::spawn(|| {
        let mut ignored = [0; 64];
        while matches!(std::io::stdin().read(&mut ignored), Ok(read) if read > 0) {}
        process::exit(0);
    });
}

/// By the system call, which a library that fakes the time of day does not see.
fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)).unwrap_or(0)
}
