//! A program that was started, and its output.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    http::{self, Answer},
    world::{eventually, now},
};

/// Which program to run.
pub(crate) const NAME: &str = "LIFECYCLE_PROGRAM";
/// The address of its API server.
pub(crate) const KUBECONFIG: &str = "LIFECYCLE_KUBECONFIG";
/// The name under which it holds the Lease.
pub(crate) const IDENTITY: &str = "LIFECYCLE_IDENTITY";

/// A program; it is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
    probes: Option<SocketAddr>,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) at: Duration,
    pub(crate) code: Option<i32>,
}

impl Program {
    pub(crate) fn start(program: &str, identity: &str, kubeconfig: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["program", "--exact", "--nocapture"])
            .envs([(NAME, program), (IDENTITY, identity), (KUBECONFIG, kubeconfig)])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::default();
        let readers = vec![
            listen(child.stdout.take().unwrap(), &said),
            listen(child.stderr.take().unwrap(), &said),
        ];
        Self { child, said, readers, probes: None }
    }

    /// Sends a signal, and returns when.
    pub(crate) fn signal(&self, signal: Signal) -> Duration {
        let at = now();
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        at
    }

    pub(crate) fn terminate(&self) -> Duration {
        self.signal(Signal::TERM)
    }

    /// Waits until it has printed this, and returns that line.
    pub(crate) fn says(&self, words: &str) -> String {
        self.says_again(words, 1)
    }

    /// Waits until it has printed this that many times, and returns the last of these lines.
    pub(crate) fn says_again(&self, words: &str, times: usize) -> String {
        eventually(words, || self.all(words).into_iter().nth(times - 1))
    }

    /// All lines with these words so far.
    pub(crate) fn all(&self, words: &str) -> Vec<String> {
        let said = self.said.lock().unwrap();
        said.iter().filter(|line| line.contains(words)).cloned().collect()
    }

    /// Returns when it last printed a tick, by its own clock.
    pub(crate) fn last_tick(&self) -> Duration {
        let ticks = self.all("tick at ");
        let (_, nanos) = ticks.last().unwrap().rsplit_once(' ').unwrap();
        Duration::from_nanos(nanos.parse().unwrap())
    }

    /// Asks a probe as a kubelet does.
    pub(crate) fn probe(&mut self, path: &str) -> Answer {
        http::get(self.probes(), path).unwrap()
    }

    /// Waits until a probe is answered with this status.
    pub(crate) fn probe_becomes(&mut self, path: &str, status: u16) -> Answer {
        let address = self.probes();
        eventually(&format!("{path} is {status}"), || {
            http::get(address, path).ok().filter(|answer| answer.status == status)
        })
    }

    /// Returns the address of its probes.
    pub(crate) fn probes(&mut self) -> SocketAddr {
        if let Some(address) = self.probes {
            return address;
        }
        let line = self.says("probes are served");
        let (_, address) = line.rsplit_once("address=").unwrap();
        *self.probes.insert(address.trim().parse().unwrap())
    }

    /// Waits for its end, and for all of its output.
    pub(crate) fn end(&mut self) -> End {
        let status = eventually("the program ends", || self.child.try_wait().unwrap());
        let at = now();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        assert_eq!(status.signal(), None, "it handles its signals");
        End { at, code: status.code() }
    }
}

fn listen(pipe: impl Read + Send + 'static, said: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            said.lock().unwrap().push(line);
        }
    })
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            for line in &*self.said.lock().unwrap() {
                eprintln!("| {line}");
            }
        }
    }
}
