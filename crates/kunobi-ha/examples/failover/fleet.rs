//! The replicas as processes, and the lines that they print.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use kunobi_ha_test::{Listener, TestServer};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use crate::{
    now,
    report::{Story, Term},
    timeline::Happening,
};

/// The replicas, the server, and what has happened so far.
pub(crate) struct Fleet {
    pub(crate) server: TestServer,
    pub(crate) story: Story,
    listener: Listener,
    replicas: BTreeMap<String, Replica>,
    said: UnboundedReceiver<(String, String)>,
    saying: UnboundedSender<(String, String)>,
}

struct Replica {
    child: Child,
    input: ChildStdin,
}

impl Fleet {
    pub(crate) async fn start(names: &[&str]) -> Result<Self, Box<dyn Error>> {
        let origin = now();
        let server = TestServer::new();
        let listener = server.listen("127.0.0.1:0").await?;
        let (saying, said) = unbounded_channel();
        let story = Story::starting_at(origin);
        let mut fleet = Self { server, story, listener, replicas: BTreeMap::new(), said, saying };
        for name in names {
            fleet.launch(name)?;
        }
        Ok(fleet)
    }

    pub(crate) fn launch(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--replica", name, "--kubeconfig", &self.listener.kubeconfig(name)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let (saying, owner) = (self.saying.clone(), name.to_owned());
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if saying.send((owner.clone(), line)).is_err() {
                    return;
                }
            }
        });
        self.replicas.insert(name.into(), Replica { child, input });
        Ok(())
    }

    /// Waits until a replica begins a term whose name `wanted` accepts.
    pub(crate) async fn next_leader(
        &mut self,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Term, Box<dyn Error>> {
        let known = self.story.terms.len();
        let found = async {
            loop {
                let new = self.story.terms.iter().skip(known).find(|term| wanted(&term.replica));
                if let Some(term) = new {
                    return Ok(term.clone());
                }
                self.listen().await?;
            }
        };
        timeout(PATIENCE, found).await.map_err(|_| "nobody took over in 20 s")?
    }

    /// Waits until this replica reports the end of its term.
    pub(crate) async fn end_of(&mut self, replica: &str) -> Result<Term, Box<dyn Error>> {
        let found = async {
            loop {
                let last = self.story.terms.iter().rfind(|term| term.replica == replica);
                if let Some(term) = last.filter(|term| term.ended.is_some()) {
                    return Ok(term.clone());
                }
                self.listen().await?;
            }
        };
        timeout(PATIENCE, found).await.map_err(|_| "it went on leading for 20 s")?
    }

    /// Reads what the replicas print for this time.
    pub(crate) async fn settle(&mut self, period: Duration) -> Result<(), Box<dyn Error>> {
        let listening = async {
            loop {
                if let Err(error) = self.listen().await {
                    return error;
                }
            }
        };
        match timeout(period, listening).await {
            Ok(error) => Err(error),
            Err(_) => Ok(()),
        }
    }

    async fn listen(&mut self) -> Result<(), Box<dyn Error>> {
        let (name, line) = self.said.recv().await.ok_or("nobody says anything any more")?;
        let mut words = line.splitn(3, ' ');
        let (word, first, second) = (words.next(), words.next(), words.next());
        let number = first.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        match (word, second) {
            (Some("began"), Some(at)) => self.story.begin(&name, number, at.parse()?),
            (Some("until"), _) => self.story.extend(&name, number),
            (Some("ended"), Some(reason)) => self.story.end(&name, number, reason),
            (Some("released"), _) => self.story.released = Some(number),
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn tell(&mut self, name: &str, what: Happening) {
        self.story.note(name, what);
    }

    /// Asks a replica to step down.
    pub(crate) fn ask_to_step_down(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let replica = self.replicas.get_mut(name).ok_or("no such replica")?;
        Ok(writeln!(replica.input, "step down")?)
    }

    pub(crate) fn kill(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let mut replica = self.replicas.remove(name).ok_or("no such replica")?;
        replica.child.kill()?;
        replica.child.wait()?;
        self.story.end(name, now(), "killed");
        Ok(())
    }

    pub(crate) fn signal(&self, name: &str, signal: Signal) -> Result<(), Box<dyn Error>> {
        let replica = self.replicas.get(name).ok_or("no such replica")?;
        let pid = i32::try_from(replica.child.id())?;
        Ok(kill_process(Pid::from_raw(pid).ok_or("no such process")?, signal)?)
    }

    /// Returns when the server accepted the last write of this replica.
    pub(crate) fn last_renewal(&self, name: &str) -> Result<u64, Box<dyn Error>> {
        let history = self.server.history();
        let last = history.iter().rfind(|write| write.client == name).ok_or("it never wrote")?;
        Ok(self.story.origin + last.at_us * 1_000)
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for replica in self.replicas.values_mut() {
            // The process may have ended already.
            let _ = replica.child.kill();
            let _ = replica.child.wait();
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
