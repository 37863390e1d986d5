//! An outage, and the elections that it meets.

use std::time::Duration;

use e2e::{clock::boottime, proxy::Proxy};
use futures::future::try_join_all;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    Outcome, Settings,
    election::{Effect, Election, Kind},
    part,
    prober::{Prober, Return},
    table::Row,
    world::{PROBER, World},
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) settings: Settings,
    pub(crate) length: Duration,
    /// Whether the server is killed and started; else connections are refused.
    pub(crate) restart: bool,
    /// How long it waits for others, which need the server.
    pub(crate) delay: Duration,
}

/// Lets these outages happen at once, each with elections of its own.
pub(crate) async fn all(world: &World, outages: &[Outage]) -> Outcome<Vec<Row>> {
    Ok(try_join_all(outages.iter().map(|outage| outage.run(world))).await?.concat())
}

impl Outage {
    async fn run(self, world: &World) -> Outcome<Vec<Row>> {
        let server = &world.plane.servers()[0];
        let mut proxy = if self.restart { None } else { Some(Proxy::start(server).await?) };
        let count = if part() { 1 } else { 3 };
        let kinds = [Kind::ClientGo, Kind::Ours { long: true }].repeat(count);
        let mut elections = self.start(world, &kinds, proxy.as_ref()).await?;
        let long = Instant::now() + self.settings[0] * 4 + Duration::from_secs(1) + self.delay;
        sleep_until(long - self.settings[2] * 2).await;
        let kinds = [Kind::Ours { long: false }].repeat(count.min(2));
        elections.extend(self.start(world, &kinds, proxy.as_ref()).await?);
        sleep_until(long).await;

        let prober = Prober::new(&world.kubeconfig(PROBER, proxy.as_ref())?).await?;
        let began = boottime();
        let returned = match &mut proxy {
            Some(proxy) => self.refuse(proxy, prober).await?,
            None => self.restart(world, prober).await?,
        };
        let effects = elections.iter().map(async |election| {
            let effect = election.effect(world, began, returned).await?;
            Ok::<_, Box<dyn std::error::Error>>((election.kind, effect))
        });
        let effects = try_join_all(effects).await?;
        Ok(self.rows(began, returned, &effects))
    }

    async fn start(
        self,
        world: &World,
        kinds: &[Kind],
        proxy: Option<&Proxy>,
    ) -> Outcome<Vec<Election>> {
        let start = |kind: &Kind| Election::start(world, *kind, self.settings, proxy);
        try_join_all(kinds.iter().map(start)).await
    }

    async fn refuse(self, proxy: &mut Proxy, prober: Prober) -> Outcome<Return> {
        proxy.refuse().await?;
        let returned = prober.returned();
        sleep(self.length).await;
        proxy.admit()?;
        Ok(returned.await??)
    }

    async fn restart(self, world: &World, prober: Prober) -> Outcome<Return> {
        world.order("kill-apiserver 0")?;
        let returned = prober.returned();
        sleep(self.length.saturating_sub(START)).await;
        world.order("start-apiserver 0")?;
        Ok(returned.await??)
    }

    fn rows(self, began: u64, returned: Return, effects: &[(Kind, Effect)]) -> Vec<Row> {
        let kinds = [Kind::ClientGo, Kind::Ours { long: true }, Kind::Ours { long: false }];
        let times = [returned.served - began, returned.served - returned.answered];
        let row = |kind| {
            let of = effects.iter().filter(|(of, _)| *of == kind).map(|(_, effect)| effect);
            Row::new(self, kind, times, of)
        };
        kinds.map(row).into()
    }
}

/// How long a server takes to start, about.
const START: Duration = Duration::from_millis(800);
