//! A replica: a process that is started again when it ends by itself, as a kubelet does.

mod line;

use std::{
    ffi::OsString,
    fs::File,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::{
    process::{Pid, Signal, kill_process},
    time::{ClockId, clock_gettime},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use self::line::Line;
use crate::belief::Event;

/// How to start it.
#[derive(Clone, Debug)]
pub struct Launch {
    /// What is run.
    pub program: PathBuf,
    /// Its command line.
    pub arguments: Vec<String>,
    /// Variables, besides those of the runner.
    pub variables: Vec<(&'static str, OsString)>,
    /// Where its errors go.
    pub errors: PathBuf,
}

/// A replica. It is killed when this is dropped.
#[derive(Debug)]
pub struct Replica {
    shared: Arc<Mutex<Shared>>,
    errors: PathBuf,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    pid: Option<Pid>,
    is_told_to_end: bool,
    leads: bool,
    events: Vec<Event>,
    /// How far its wall clock is ahead of ours, in seconds.
    ahead: Option<f64>,
}

impl Replica {
    /// Starts it.
    #[must_use]
    pub fn start(launch: Launch) -> Self {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let errors = launch.errors.clone();
        let task = tokio::spawn(supervise(launch, shared.clone()));
        Self { shared, errors, task }
    }

    /// What it answered last.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.shared().leads
    }

    /// What became known of it so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.shared().events.clone()
    }

    /// How far its wall clock is ahead of ours, in seconds, once it has said it.
    #[must_use]
    pub fn ahead(&self) -> Option<f64> {
        self.shared().ahead
    }

    /// Its process, if there is one now.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.shared().pid
    }

    /// SIGKILL, for good.
    pub fn kill(&self) {
        let mut shared = self.shared();
        shared.is_told_to_end = true;
        shared.signal(Signal::KILL);
        shared.push(Event::Ended { at: now() });
    }

    /// SIGTERM, for good.
    pub fn terminate(&self) {
        let mut shared = self.shared();
        shared.is_told_to_end = true;
        shared.signal(Signal::TERM);
    }

    /// SIGSTOP.
    pub fn stop(&self) {
        let mut shared = self.shared();
        shared.push(Event::Stopped { at: now() });
        shared.signal(Signal::STOP);
    }

    /// SIGCONT.
    pub fn resume(&self) {
        let mut shared = self.shared();
        shared.push(Event::Continued { at: now() });
        shared.signal(Signal::CONT);
    }

    /// The last line that it complained with.
    #[must_use]
    pub fn complaint(&self) -> String {
        let text = std::fs::read_to_string(&self.errors).unwrap_or_default();
        text.lines().last().unwrap_or("it printed no error").to_owned()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // With it goes the `Child`, which is killed when it is dropped.
        self.task.abort();
    }
}

impl Shared {
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid {
            let _ = kill_process(pid, signal);
        }
    }

    fn push(&mut self, event: Event) {
        match event {
            Event::Leads { .. } => self.leads = true,
            Event::Follows { .. } | Event::Ended { .. } => self.leads = false,
            Event::Stopped { .. } | Event::Continued { .. } => {}
        }
        self.events.push(event);
    }

    fn read(&mut self, line: &str) {
        match Line::parse(line) {
            Some(Line::Started { monotonic, wall }) => {
                let wall_then = wall_now() - (seconds(now()) - seconds(monotonic));
                self.ahead = Some(seconds(wall) - wall_then);
            }
            Some(Line::Event(event)) => self.push(event),
            // What a library prints on its own account.
            None => {}
        }
    }
}

async fn supervise(launch: Launch, shared: Arc<Mutex<Shared>>) {
    loop {
        match launch.spawn() {
            Ok(child) => follow(child, &shared).await,
            Err(why) => {
                let _ = std::fs::write(&launch.errors, format!("can't be started: {why}"));
            }
        }
        lock(&shared).push(Event::Ended { at: now() });
        if lock(&shared).is_told_to_end {
            return;
        }
        tokio::time::sleep(RESTART).await;
    }
}

async fn follow(mut child: Child, shared: &Mutex<Shared>) {
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    lock(shared).pid = pid;
    if let Some(out) = child.stdout.take() {
        let mut lines = BufReader::new(out).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            lock(shared).read(&line);
        }
    }
    // Its stdin is open until here: it ends when that is closed.
    lock(shared).pid = None;
    let _ = child.wait().await;
}

impl Launch {
    fn spawn(&self) -> std::io::Result<Child> {
        let errors = File::options().create(true).append(true).open(&self.errors)?;
        Command::new(&self.program)
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
    }
}

/// The clock that all processes share, in nanoseconds.
#[must_use]
pub fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)).unwrap_or(0)
}

fn wall_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn seconds(nanoseconds: u64) -> f64 {
    Duration::from_nanos(nanoseconds).as_secs_f64()
}

/// Nothing panics while it holds the lock, and a log is a log.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A kubelet starts a container again at once, and later waits 10 s and more.
const RESTART: Duration = Duration::from_secs(1);
