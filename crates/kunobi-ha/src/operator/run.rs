//! Brings a program up, and waits for its end.

use std::sync::Arc;

use tokio::{
    runtime::Handle as Runtime,
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;

use super::{
    builder::{Encoder, Operator, Probes},
    context::Context,
    leader_loop::LeaderLoop,
    shared::Shared,
};
use crate::{
    error::Error,
    health_probe::{BoundProbe, HealthProbe},
    journal::info,
    readiness::Health,
    shutdown::{Phase, Reason, Released, Report, Shutdown},
    user_code::UserOwned,
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
        self.election.bounds().map_err(|invalid| Error::from(invalid).to_string())?;
        let user = Runtime::current();
        let home = shutdown.inner.supervisor().unwrap_or(&user).clone();
        let leadership = self.election.state();
        let inner = Arc::clone(&shutdown.inner);
        let shared = Arc::new(Shared {
            inner,
            election: UserOwned::new(self.election),
            state: leadership,
            user,
            home,
        });
        if let Some(probes) = self.probes {
            probes.serve(&shared, self.metrics).await?;
        }
        let (handle, leader) = (shutdown.handle(), shared.state.clone());
        let Shared { inner, user, home, .. } = &*shared;
        for (scope, name, work) in self.always {
            let of = (Arc::clone(inner), Arc::clone(&name));
            let context = Context { handle: handle.clone(), state: leader.clone(), scope };
            let work = async move { work(context).await };
            inner.tasks.spawn((user, home), (scope, name), work, move |ending| {
                of.0.ended(&of.1, ending);
            });
        }
        let (ask, releases) = mpsc::channel(1);
        inner.add_release(LEASE, async move {
            let (reply, answer) = oneshot::channel();
            // A loop that is over holds nothing.
            if ask.send(reply).await.is_err() {
                return Released::Nothing;
            }
            answer.await.unwrap_or(Released::Nothing)
        });
        let (policy, exits) = (self.on_lost, self.exits_on_timeout);
        let leader_loop = LeaderLoop::new(Arc::clone(&shared), self.leads, policy, exits, releases);
        let (over, inner) = (home.spawn(leader_loop.run()), Arc::clone(inner));
        home.spawn(async move {
            if let Err(error) = over.await {
                inner
                    .trigger(Reason::TaskFailed(format!("the leader loop failed: {error}").into()));
            }
        });
        Ok(shutdown)
    }
}

impl Probes {
    /// Serves from now on, and to the very end.
    async fn serve(self, shared: &Shared, metrics: Option<Encoder>) -> Result<(), String> {
        let health = self.health?;
        let mut server = HealthProbe::new(health.clone());
        if let Some(encode) = metrics {
            server = server.metrics(move || encode());
        }
        let bound = server.bind(&self.address).await.map_err(|error| error.to_string())?;
        info!(address = %bound.local_addr(), "probes are served");
        health.start_on(&shared.user, &shared.home);
        fail_readiness_at_shutdown(shared, health);
        serve_to_the_end(shared, bound);
        Ok(())
    }
}

fn fail_readiness_at_shutdown(shared: &Shared, health: Health) {
    let requested = shared.inner.requested.clone();
    shared.home.spawn(async move {
        requested.cancelled().await;
        health.begin_shutdown();
    });
}

/// The first hook that is added is the last that is done.
fn serve_to_the_end(shared: &Shared, bound: BoundProbe) {
    let stop = CancellationToken::new();
    let serving = shared.home.spawn(bound.serve_until(stop.clone().cancelled_owned()));
    shared.inner.add_stop("probes", async move {
        stop.cancel();
        // A panic of it has nobody left to tell.
        let _ = serving.await;
    });
}

const LEASE: &str = "lease";
