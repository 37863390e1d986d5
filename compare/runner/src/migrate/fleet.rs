//! The replicas of a case, and what happens to them.

use std::time::Duration;

use super::{
    Route,
    case::{Case, Side},
};
use crate::{
    cell::{World, is_ahead, until_leads},
    fault::{self, Disturbance},
    process::Replica,
    server::Server,
};

pub(super) struct Fleet<'a> {
    route: &'a Route,
    pub(super) world: World,
    pub(super) replicas: Vec<One>,
}

pub(super) struct One {
    name: &'static str,
    pub(super) replica: Replica,
}

impl<'a> Fleet<'a> {
    pub(super) async fn start(server: &Server, route: &'a Route) -> Result<Self, String> {
        let world = World::start(server, &route.theirs).await?;
        Ok(Self { route, world, replicas: Vec::new() })
    }

    /// The leader, and a follower that has been there for a while: the case meets any phase of a renewal.
    pub(super) async fn prepare(
        &mut self,
        case: Case,
        random: &mut fastrand::Rng,
    ) -> Result<(), String> {
        self.add(case.leader(), None)?;
        until_leads(&[self.leader()]).await?;
        if case.skew().is_none() {
            self.add(case.follower(), None)?;
        }
        tokio::time::sleep(SETTLED + Duration::from_millis(random.u64(0..15_000))).await;
        if !self.leader().leads() {
            return Err(format!("the first replica has lost: {}", self.leader().complaint()));
        }
        Ok(())
    }

    pub(super) async fn strike(&mut self, case: Case) -> Result<(), String> {
        let name = self.replicas[0].name;
        let disturb = |disturbance| self.world.api.disturb(name, disturbance);
        match case {
            Case::Forward | Case::Back => self.roll(case.leader().other()).await?,
            Case::Recreate => self.recreate(case.leader().other()).await?,
            Case::TheirsReleases | Case::OursReleases => self.leader().terminate(),
            Case::TheirsCrashes | Case::OursCrashes => self.leader().kill(),
            Case::TheirsCutOff | Case::OursCutOff => disturb(Disturbance::RequestsLost)?,
            Case::TheirsPaused => self.leader().stop(),
            Case::TheirsSlow => disturb(SLOW)?,
            Case::TheirsNearlyRight | Case::TheirsAhead => self.add(Side::Theirs, case.skew())?,
        }
        let lasts = match case {
            Case::TheirsCutOff | Case::OursCutOff => fault::LASTS,
            Case::TheirsPaused => fault::PAUSE,
            _ => case.window(),
        };
        tokio::time::sleep(lasts).await;
        match case {
            Case::TheirsCutOff | Case::OursCutOff => {
                self.world.api.disturb(name, Disturbance::None)?;
            }
            Case::TheirsPaused => self.leader().resume(),
            _ => {}
        }
        tokio::time::sleep(case.window().saturating_sub(lasts)).await;
        match case.skew() {
            Some(skew) => is_ahead(self.replicas.last().map(|one| &one.replica), skew),
            None => Ok(()),
        }
    }

    /// As a Deployment with `maxSurge: 1` and `maxUnavailable: 0` does it, with the leader as the first that has to go.
    async fn roll(&mut self, to: Side) -> Result<(), String> {
        for old in 0..2 {
            tokio::time::sleep(START).await;
            self.add(to, None)?;
            tokio::time::sleep(READY).await;
            self.replicas[old].replica.terminate();
        }
        Ok(())
    }

    async fn recreate(&mut self, to: Side) -> Result<(), String> {
        for one in &self.replicas {
            one.replica.terminate();
        }
        for _ in 0..PATIENCE {
            if self.replicas.iter().all(|one| one.replica.pid().is_none()) {
                tokio::time::sleep(START).await;
                self.add(to, None)?;
                return self.add(to, None);
            }
            tokio::time::sleep(LOOK).await;
        }
        Err("the old replicas do not end".to_owned())
    }

    fn add(&mut self, side: Side, ahead: Option<Duration>) -> Result<(), String> {
        let peer = match side {
            Side::Theirs => &self.route.theirs,
            Side::Ours => &self.route.ours,
        };
        let name = NAMES[self.replicas.len()];
        let replica = self.world.replica_of(peer, name, name, 5, ahead)?;
        self.replicas.push(One { name, replica });
        Ok(())
    }

    fn leader(&self) -> &Replica {
        &self.replicas[0].replica
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const SLOW: Disturbance =
    Disturbance::Slow { before: Duration::from_secs(9), after: Duration::ZERO };
const SETTLED: Duration = Duration::from_secs(4);
/// How long it takes from the creation of a pod to its process.
const START: Duration = Duration::from_secs(3);
/// How long a new pod takes until it is ready, and an old one is told to end.
const READY: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_millis(10);
/// 20 s.
const PATIENCE: u32 = 2_000;
