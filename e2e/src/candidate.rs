//! Candidates of an election, of client-go and of ours. Each is a process.
//!
//! Both print a line of JSON for all that happens (`interop/README.md`), with the time of
//! [`clock::boottime`](crate::clock::boottime).

use std::{fmt, io, path::PathBuf, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
    time,
};

use crate::clock::boottime;

/// The author of the library that a candidate uses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "it is not published")]
pub enum Maker {
    /// Kubernetes.
    ClientGo,
    /// This workspace.
    Kunobi,
}

/// How a candidate is started.
#[derive(Clone, Debug)]
pub struct CandidateOptions {
    /// The library that its program uses.
    pub maker: Maker,
    /// The program.
    pub program: PathBuf,
    /// The kubeconfig by which it reaches the API server.
    pub kubeconfig: PathBuf,
    /// Namespace of the Lease.
    pub namespace: String,
    /// Name of the Lease.
    pub lease: String,
    /// Name of the candidate.
    pub identity: String,
    /// Lease duration, renew deadline, retry period.
    pub timing: [Duration; 3],
    /// Further arguments.
    pub arguments: Vec<String>,
}

/// One line that a candidate printed.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    /// What happened.
    pub event: String,
    /// When.
    #[serde(rename = "boottime_ns")]
    pub at: u64,
    /// All other fields.
    #[serde(flatten)]
    pub fields: Value,
}

/// A candidate that runs or has run. It is killed when this is dropped.
#[derive(Debug)]
pub struct Candidate {
    options: CandidateOptions,
    child: Child,
    lines: watch::Receiver<Vec<Line>>,
    stopped: Option<u64>,
    pub(crate) pauses: Vec<(u64, u64)>,
    pub(crate) died: Option<u64>,
}

impl Candidate {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// The program can't be started.
    pub fn start(options: CandidateOptions) -> io::Result<Self> {
        let mut child = Command::new(&options.program)
            .arg("--kubeconfig")
            .arg(&options.kubeconfig)
            .args(["--namespace", &options.namespace, "--name", &options.lease])
            .args(["--identity", &options.identity])
            .args(options.timing_arguments())
            .args(&options.arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let (sender, lines) = watch::channel(Vec::new());
        tokio::spawn(async move {
            let mut output = BufReader::new(output).lines();
            while let Ok(Some(text)) = output.next_line().await {
                if let Ok(line) = serde_json::from_str(&text) {
                    sender.send_modify(|lines: &mut Vec<Line>| lines.push(line));
                }
            }
        });
        Ok(Self { options, child, lines, stopped: None, pauses: Vec::new(), died: None })
    }

    /// Returns its name.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.options.identity
    }

    /// Returns the library that it uses.
    #[must_use]
    pub const fn maker(&self) -> Maker {
        self.options.maker
    }

    /// Sends a signal; SIGSTOP and SIGCONT are remembered. Returns when it was sent.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn signal(&mut self, signal: Signal) -> io::Result<u64> {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let pid = pid.ok_or_else(|| io::Error::other(format!("{} has ended", self.identity())))?;
        let before = boottime();
        kill_process(pid, signal)?;
        if signal == Signal::STOP {
            self.stopped = Some(boottime());
        } else if signal == Signal::CONT
            && let Some(since) = self.stopped.take()
        {
            // The time before the signal, because the process may run at once.
            self.pauses.push((since, before));
        }
        Ok(before)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// It still runs after half a minute.
    pub async fn ended(&mut self) -> io::Result<()> {
        time::timeout(Duration::from_secs(30), self.child.wait()).await??;
        self.died = Some(boottime());
        Ok(())
    }

    /// Waits for a line, and returns what `find` made of it.
    ///
    /// # Errors
    ///
    /// No such line came in time.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut find: impl FnMut(&Line) -> Option<T>,
    ) -> io::Result<T> {
        let mut lines = self.lines.clone();
        let mut found = None;
        let mut look = |lines: &Vec<Line>| {
            found = lines.iter().find_map(&mut find);
            found.is_some()
        };
        let waited = time::timeout(limit, lines.wait_for(&mut look)).await;
        let late = matches!(waited, Err(_) | Ok(Err(_)));
        drop(waited);
        if late {
            look(&self.lines.borrow());
        }
        found.ok_or_else(|| {
            io::Error::other(format!("{} did not say so: {:#?}", self.identity(), self.lines()))
        })
    }

    /// Waits until it leads, and returns when it began: not before `since`.
    ///
    /// # Errors
    ///
    /// It does not lead in time.
    pub async fn leads(&self, since: u64, limit: Duration) -> io::Result<u64> {
        self.wait_for(limit, |line| {
            (line.event == "started-leading" && line.at >= since).then_some(line.at)
        })
        .await
    }

    /// Returns all that it printed so far.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.lines.borrow().clone()
    }
}

impl CandidateOptions {
    fn timing_arguments(&self) -> Vec<String> {
        let names = ["--lease-duration", "--renew-deadline", "--retry-period"];
        let milliseconds = self.timing.iter().map(|time| format!("{}ms", time.as_millis()));
        names.iter().zip(milliseconds).flat_map(|(name, time)| [(*name).into(), time]).collect()
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::ClientGo => "client-go",
            Self::Kunobi => "kunobi-ha",
        })
    }
}
