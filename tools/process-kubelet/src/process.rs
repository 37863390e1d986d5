//! A local process in place of a container.

use std::{
    collections::VecDeque,
    io,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time,
};

use super::{
    logs::{Logs, Tail},
    plan::Plan,
    shutdown::Stop,
};

/// A process that leads a process group of its own. The group ends when the process ends, or when this
/// is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    id: Pid,
    pipes: JoinSet<()>,
    tail: Tail,
    ended: bool,
}

/// Processes of which the container runtime knows nothing any more. They are
/// killed with the last clone of this.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orphans(Arc<Mutex<Vec<Process>>>);

impl Process {
    /// `file`: where it leaves its termination message, if there is such a place.
    pub(crate) fn spawn(
        plan: &Plan,
        pod: &str,
        logs: &Logs,
        file: Option<&Path>,
    ) -> io::Result<Self> {
        let file = file.map(|path| path.display().to_string());
        // An unknown name stays as it is, and before the start of an instance this one is unknown.
        let expand = |text: &String| {
            text.replace(&format!("$({TERMINATION_LOG})"), file.as_deref().unwrap_or_default())
        };
        let variables = plan.environment.iter().map(|(name, value)| (name, expand(value)));
        let mut child = Command::new(&plan.program)
            .args(plan.arguments.iter().map(expand))
            .env_clear()
            .envs(file.iter().map(|file| (TERMINATION_LOG, file)))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let id = id.ok_or_else(|| io::Error::other("it ended before it had begun"))?;
        let (mut pipes, tail) = (JoinSet::new(), Tail::default());
        if let Some(output) = child.stdout.take() {
            pipes.spawn(logs.clone().take(pod.into(), tail.clone(), output));
        }
        if let Some(output) = child.stderr.take() {
            pipes.spawn(logs.clone().take(pod.into(), tail.clone(), output));
        }
        Ok(Self { child, id, pipes, tail, ended: false })
    }

    pub(crate) fn id(&self) -> u32 {
        self.id.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits for its end and takes what is left of its group with it. Returns its exit code, as a
    /// shell would report it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if this is dropped before it returns.
    pub(crate) async fn wait(&mut self) -> io::Result<i32> {
        let status = self.child.wait().await?;
        self.ended = true;
        // The number is not reused while its group has members; without members, the signal hits no
        // process.
        let _ = kill_process_group(self.id, Signal::KILL);
        Ok(code(status))
    }

    /// Waits a moment for the last lines that it wrote.
    pub(crate) async fn drain(&mut self) {
        let drained = async { while self.pipes.join_next().await.is_some() {} };
        // A process that left the group may hold the pipe open as long as it likes.
        let _ = time::timeout(LAST_LINES, drained).await;
    }

    /// The last lines that it wrote.
    pub(crate) fn last_lines(&self) -> VecDeque<String> {
        self.tail.lines()
    }

    pub(crate) fn send(&self, stop: Stop) {
        if self.ended {
            return;
        }
        // It may be gone already.
        let _ = match stop {
            Stop::Terminate => kill_process(self.id, Signal::TERM),
            Stop::Kill => kill_process_group(self.id, Signal::KILL),
        };
    }
}

impl Orphans {
    pub(crate) fn take(&self, process: Process) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }

    pub(crate) fn kill(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.send(Stop::Kill);
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255)
}

/// Names the termination message file of an instance: there is no mount to put it at its path.
const TERMINATION_LOG: &str = "TERMINATION_LOG";
const LAST_LINES: Duration = Duration::from_secs(1);
