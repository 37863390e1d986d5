//! A replica: one candidate after the other behind one proxy.

use std::{path::PathBuf, time::Duration};

use e2e::{
    candidate::{Candidate, CandidateOptions, Maker},
    history::Witness,
    proxy::Proxy,
};
use rustix::process::Signal;

use crate::{
    Outcome,
    world::{LIMIT, World},
};

pub(crate) struct Member {
    pub(crate) maker: Maker,
    pub(crate) candidate: Candidate,
    proxy: Proxy,
    name: String,
    lease: String,
    kubeconfig: PathBuf,
    arguments: Vec<&'static str>,
    generation: usize,
    past: Vec<Witness>,
}

/// What happens to a leader.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Fault {
    Graceful,
    Kill,
    Stop,
    Cut,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [Self::Graceful, Self::Kill, Self::Stop, Self::Cut];
}

impl Member {
    pub(crate) async fn start(
        world: &World,
        lease: &str,
        maker: Maker,
        number: usize,
        release: bool,
    ) -> Outcome<Self> {
        let proxy = Proxy::start(&world.plane.servers()[0]).await?;
        let name = match maker {
            Maker::ClientGo => format!("go{number}"),
            Maker::Kunobi => format!("rust{number}"),
        };
        let kubeconfig = proxy.kubeconfig(&world.plane, &format!("{lease}-{name}"))?;
        let mut arguments = vec!["--rejoin"];
        if release && maker == Maker::ClientGo {
            arguments.push("--release-on-cancel");
        }
        let identity = format!("{name}-1");
        let options = world.options(maker, lease, &identity, &arguments)?;
        let kubeconfig_of = kubeconfig.clone();
        let candidate =
            Candidate::start(CandidateOptions { kubeconfig: kubeconfig_of, ..options })?;
        let lease = lease.to_owned();
        Ok(Self {
            maker,
            candidate,
            proxy,
            name,
            lease,
            kubeconfig,
            arguments,
            generation: 1,
            past: Vec::new(),
        })
    }

    /// Does this to the leader, and returns when.
    pub(crate) async fn suffer(&mut self, fault: Fault) -> Outcome<u64> {
        Ok(match fault {
            Fault::Graceful => self.candidate.signal(Signal::TERM)?,
            Fault::Kill => {
                let before = self.candidate.signal(Signal::KILL)?;
                self.candidate.ended().await?;
                before
            }
            Fault::Stop => self.candidate.signal(Signal::STOP)?,
            Fault::Cut => {
                let before = e2e::clock::boottime();
                self.proxy.cut();
                before
            }
        })
    }

    /// Undoes it, and waits until this replica does not lead any more.
    pub(crate) async fn recover(&mut self, world: &World, fault: Fault, since: u64) -> Outcome {
        match fault {
            Fault::Graceful | Fault::Kill => {
                if fault == Fault::Graceful {
                    self.candidate.ended().await?;
                }
                self.past.push(Witness::of(&self.candidate));
                self.generation += 1;
                let identity = format!("{}-{}", self.name, self.generation);
                let options = world.options(self.maker, &self.lease, &identity, &self.arguments)?;
                let kubeconfig = self.kubeconfig.clone();
                self.candidate = Candidate::start(CandidateOptions { kubeconfig, ..options })?;
                return Ok(());
            }
            Fault::Stop => drop(self.candidate.signal(Signal::CONT)?),
            Fault::Cut => self.proxy.heal(),
        }
        let over = |line: &e2e::candidate::Line| {
            (line.event == "leading-context-done" && line.at >= since).then_some(())
        };
        Ok(self.candidate.wait_for(LIMIT, over).await?)
    }

    /// Waits until the candidate that runs has led after this instant.
    pub(crate) async fn leads(&self, since: u64, limit: Duration) -> Outcome<u64> {
        Ok(self.candidate.leads(since, limit).await?)
    }

    pub(crate) fn witnesses(&self) -> Vec<Witness> {
        let mut witnesses = self.past.clone();
        witnesses.push(Witness::of(&self.candidate));
        witnesses
    }
}
