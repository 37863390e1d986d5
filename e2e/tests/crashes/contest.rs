//! One Deployment, whose leaders crash one after the other.

use std::time::Duration;

use e2e::{
    candidate::Maker,
    clock::boottime,
    history::{History, Recorder},
};
use tokio::time::{Instant, sleep};

use crate::{
    Fault, Kind, LIMIT, Outcome, TIMING,
    deployment::{Deployment, REPLICAS},
    lives::{self, Deaths, Life},
    table::Row,
    world::{NAMESPACE, World},
};

pub(crate) struct Contest<'a> {
    world: &'a World,
    kind: Kind,
    fault: Fault,
    deployment: Deployment,
    deaths: Deaths,
    times: Vec<u64>,
    /// How often the next leader was the restarted container of the one that died.
    restarted: usize,
}

impl<'a> Contest<'a> {
    pub(crate) async fn run(
        world: &'a World,
        kind: Kind,
        fault: Fault,
        crashes: usize,
    ) -> Outcome<Row> {
        let name = format!("{kind:?}-{fault:?}").to_lowercase();
        let recorder = Recorder::start(world.admin.clone(), NAMESPACE, &name).await?;
        let deployment = Deployment::create(world, &name, kind).await?;
        let (deaths, times) = (Deaths::new(), Vec::new());
        let mut contest = Self { world, kind, fault, deployment, deaths, times, restarted: 0 };
        for number in 0..crashes {
            // At all times of a retry period, because much depends on how old the last renewal is.
            let number = u32::try_from(number)?;
            let wait = TIMING[2] * number / u32::try_from(crashes)?;
            contest.crash(wait).await.map_err(|error| format!("{name}: {error}"))?;
        }
        let witnesses: Vec<_> = contest.lives().into_iter().map(|life| life.witness).collect();
        let report = History::new(recorder.versions(), &witnesses, TIMING[1]).check();
        let Self { times, restarted, .. } = contest;
        Ok(Row { kind, fault, times, restarted, report })
    }

    /// Lets the leader die, waits for the next one, and replaces the pod.
    async fn crash(&mut self, wait: Duration) -> Outcome {
        let leader = self.settled().await?;
        sleep(wait).await;
        let pod = leader.pod.clone();
        let at = self.deployment.strike(&pod, leader.process, self.fault).await?;
        self.deaths.insert(leader.process, at);
        let next = self.next(at).await?;
        self.times.push(next.witness.beliefs().last().map_or(0, |belief| belief.from - at));
        if next.pod == pod {
            self.restarted += 1;
        } else {
            // Otherwise its container would soon wait for its next restart.
            self.deployment.delete(&pod).await?;
        }
        Ok(())
    }

    /// Waits until somebody leads and all is as it would be after a longer time.
    async fn settled(&mut self) -> Outcome<Life> {
        let end = Instant::now() + LIMIT;
        loop {
            let running = self.deployment.running().await?;
            let lives = self.lives();
            let last = |pod: &String| lives.iter().rfind(|life| life.pod == *pod);
            let here: Vec<_> = running.iter().filter_map(last).collect();
            let alive = here.iter().filter(|life| life.witness.died.is_none());
            let leader = here.iter().find(|life| life.belief().is_some());
            if let Some(leader) = leader
                && alive.clone().count() == REPLICAS
                && running.len() == REPLICAS
                && alive.clone().all(|life| boottime() - life.began >= self.calm())
                && leader.belief().is_some_and(|belief| boottime() - belief.from >= self.calm())
            {
                return Ok((*leader).clone());
            }
            if Instant::now() > end {
                return Err(format!("never calm: {running:?}, {here:#?}").into());
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until somebody leads who did not at this instant.
    async fn next(&self, since: u64) -> Outcome<Life> {
        let end = Instant::now() + LIMIT;
        loop {
            let begun = |life: &Life| life.belief().is_some_and(|belief| belief.from > since);
            if let Some(life) = self.lives().into_iter().find(begun) {
                return Ok(life);
            }
            if Instant::now() > end {
                return Err(format!("nobody leads: {:#?}", self.lives()).into());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn lives(&self) -> Vec<Life> {
        let maker = match self.kind {
            Kind::ClientGo => Maker::ClientGo,
            Kind::Polling | Kind::Watching | Kind::CertifiedPolling | Kind::CertifiedWatching => {
                Maker::Kunobi
            }
        };
        let of = |pod| lives::of_pod(self.world, pod, maker, &self.deaths);
        self.deployment.seen().flat_map(of).collect()
    }

    /// For how long a follower must have known a term before news of its death counts (rule C7), in
    /// nanoseconds; without certificates only until it has read the Lease.
    fn calm(&self) -> u64 {
        let [lease, _, retry] = TIMING;
        let calm = if self.kind.has_certificates() { lease + retry } else { retry * 2 };
        u64::try_from(calm.as_nanos()).unwrap_or(u64::MAX)
    }
}
