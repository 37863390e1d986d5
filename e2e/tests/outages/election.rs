//! Three candidates for one Lease.

use std::time::Duration;

use control_plane::program;
use e2e::{
    candidate::{Candidate, CandidateOptions, Maker},
    history::{Belief, History, Recorder, Report, Version, Witness},
    proxy::Proxy,
};
use tokio::time::{Instant, sleep};

use crate::{
    LIMIT, Outcome, Settings, audit,
    prober::Return,
    world::{NAMESPACE, USERS, World},
};

pub(crate) struct Election {
    pub(crate) kind: Kind,
    settings: Settings,
    lease: String,
    recorder: Recorder,
    candidates: Vec<Candidate>,
}

/// Whose candidates they are, and for how long the leader has led before the outage.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    ClientGo,
    /// At least four lease durations, if it is long.
    Ours {
        long: bool,
    },
}

/// What an outage did to an election; times are in nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    /// From the first useful answer to the next belief; 0 if a belief outlasted the outage.
    pub(crate) after: u64,
    /// For how long nobody led.
    pub(crate) without: u64,
    /// What the winner asked from the outage on, until it had won.
    pub(crate) requests: Vec<String>,
    pub(crate) report: Report,
}

impl Election {
    /// Starts the candidates, and waits until one of them leads.
    pub(crate) async fn start(
        world: &World,
        kind: Kind,
        settings: Settings,
        through: Option<&Proxy>,
    ) -> Outcome<Self> {
        let lease = format!("lease-{}", world.number());
        let recorder = Recorder::start(world.admin.clone(), NAMESPACE, &lease).await?;
        let mut candidates = Vec::new();
        for (number, user) in USERS.iter().enumerate() {
            let (maker, arguments) = kind.program();
            candidates.push(Candidate::start(CandidateOptions {
                maker,
                program: match maker {
                    Maker::ClientGo => program("candidate")?,
                    Maker::Kunobi => env!("CARGO_BIN_EXE_rust-candidate").into(),
                },
                kubeconfig: world.kubeconfig(user, through)?,
                namespace: NAMESPACE.into(),
                lease: lease.clone(),
                identity: format!("{lease}-{number}"),
                timing: settings,
                arguments: arguments.iter().map(|text| (*text).into()).collect(),
            })?);
        }
        let election = Self { kind, settings, lease, recorder, candidates };
        election.led_at_or_after(0).await?;
        Ok(election)
    }

    /// Says what the outage has done, as soon as somebody leads again.
    pub(crate) async fn effect(
        &self,
        world: &World,
        began: u64,
        returned: Return,
    ) -> Outcome<Effect> {
        let retry = self.settings[2];
        // A belief that ends within R of the return was not saved by it.
        let settled = u64::try_from(retry.as_nanos()).unwrap_or(0) + returned.served;
        let next = self.led_at_or_after(settled).await?;
        // Whoever else might believe does so by now.
        sleep(retry).await;
        let written = |versions: &[Version]| {
            let of_term = |version: &&Version| {
                version.holder == next.replica && version.transitions == next.transitions
            };
            versions.iter().find(of_term).map(|_| ())
        };
        self.recorder.wait_for(LIMIT, written).await?;
        let beliefs = self.beliefs();
        let before = beliefs.iter().filter(|belief| belief.from < began);
        let ended = before.map(|belief| belief.until).max().unwrap_or(began);
        let from = next.from.max(began);
        let (after, without) = if next.from < began || next.from < returned.served {
            (0, from.saturating_sub(ended))
        } else {
            (next.from - returned.served, next.from.saturating_sub(ended))
        };
        let requests = if after == 0 {
            Vec::new()
        } else {
            let user = self.position(&next.replica).map_or("", |number| USERS[number]);
            audit::requests(world, &self.lease, user, began, next.from)?
        };
        let witnesses: Vec<_> = self.candidates.iter().map(Witness::of).collect();
        let report = History::new(self.recorder.versions(), &witnesses, self.settings[1]).check();
        Ok(Effect { after, without, requests, report })
    }

    /// Waits for a belief that goes on at this instant, or began later: the first one.
    async fn led_at_or_after(&self, instant: u64) -> Outcome<Belief> {
        let end = Instant::now() + LIMIT;
        loop {
            let found = self.beliefs().into_iter().find(|belief| belief.until > instant);
            if let Some(belief) = found {
                return Ok(belief);
            }
            if Instant::now() > end {
                let lines = self.candidates.iter().map(Candidate::lines).collect::<Vec<_>>();
                return Err(format!("nobody leads {}: {lines:#?}", self.lease).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// In the order in which they began.
    fn beliefs(&self) -> Vec<Belief> {
        let of = self.candidates.iter().map(Witness::of);
        let mut beliefs: Vec<_> = of.flat_map(|witness| witness.beliefs()).collect();
        beliefs.sort_by_key(|belief| belief.from);
        beliefs
    }

    fn position(&self, identity: &str) -> Option<usize> {
        self.candidates.iter().position(|candidate| candidate.identity() == identity)
    }
}

impl Kind {
    const fn program(self) -> (Maker, &'static [&'static str]) {
        match self {
            Self::ClientGo => (Maker::ClientGo, &["--rejoin"]),
            Self::Ours { .. } => (Maker::Kunobi, &["--rejoin", "--sample", "5ms"]),
        }
    }
}
