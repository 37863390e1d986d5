//! Brings a program up, and waits for its end.

use std::sync::Arc;

use tokio::runtime::Handle as Runtime;
use tokio_util::sync::CancellationToken;

use super::{
    builder::{Operator, Probes},
    context::Context,
    elections::Elections,
    leader_loop::LeaderLoop,
    shared::Shared,
};
use crate::{
    health_probe::{BoundProbe, Encode, HealthProbe},
    journal::info,
    readiness::Health,
    shutdown::{Phase, Report, Shutdown},
};

impl Operator {
    /// Runs the program to its end, and says how it went: return it from `main`.
    ///
    /// # Cancel safety
    ///
    /// It is not meant to be dropped: the program goes on, and nobody hears how it ended.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn run(self) -> Report {
        match self.start().await {
            Ok(shutdown) => shutdown.finished().await,
            Err(why) => Report::failed(why),
        }
    }

    async fn start(self) -> Result<Shutdown, String> {
        let shutdown = match self.shutdown {
            Some(shutdown) => shutdown,
            None => Shutdown::builder().from_env().install().map_err(|error| error.to_string())?,
        };
        if shutdown.handle().phase() > Phase::Running {
            return Ok(shutdown);
        }
        let elections = Elections::check(self.unnamed, self.work, self.named)
            .map_err(|invalid| invalid.to_string())?;
        let user = Runtime::current();
        let handle = shutdown.handle();
        let supervisor = handle.supervisor(&user);
        let shared = Arc::new(Shared { shutdown: handle, user, supervisor });
        if let Some(probes) = self.probes {
            probes.serve(&shared, self.metrics).await?;
        }
        let Elections { state, named, all } = elections;
        let named = Arc::new(named);
        for (scope, name, work) in self.always {
            let (handle, state) = (shared.shutdown.clone(), state.clone());
            let (named, group) = (Arc::clone(&named), handle.work(scope));
            let context = Context { handle, state, named, work: group.clone() };
            group.spawn(&shared.user, name, async move { work(context).await });
        }
        for (candidate, work) in all {
            LeaderLoop::start(Arc::clone(&shared), candidate, work);
        }
        Ok(shutdown)
    }
}

impl Probes {
    /// Serves from now on, and to the very end.
    async fn serve(self, shared: &Shared, metrics: Option<Encode>) -> Result<(), String> {
        let health = self.health?;
        let mut server = HealthProbe::new(health.clone());
        if let Some(encode) = metrics {
            server = server.metrics(encode);
        }
        let bound = server.bind(&self.address).await.map_err(|error| error.to_string())?;
        info!(address = %bound.local_addr(), "probes are served");
        health.start_on(&shared.user, &shared.supervisor);
        fail_readiness_at_shutdown(shared, health);
        serve_to_the_end(shared, bound);
        Ok(())
    }
}

fn fail_readiness_at_shutdown(shared: &Shared, health: Health) {
    let requested = shared.shutdown.requested();
    shared.supervisor.spawn(async move {
        requested.await;
        health.begin_shutdown();
    });
}

/// The first hook that is added is the last that is done.
fn serve_to_the_end(shared: &Shared, bound: BoundProbe) {
    let stop = CancellationToken::new();
    let serving = shared.supervisor.spawn(bound.serve_until(stop.clone().cancelled_owned()));
    shared.shutdown.on_stop_supervised("probes", async move {
        stop.cancel();
        // A panic of it has nobody left to tell.
        let _ = serving.await;
    });
}
