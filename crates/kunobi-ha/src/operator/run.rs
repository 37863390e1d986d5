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
    leader::LeaderElection,
    readiness::Health,
    shutdown::{Phase, Report, Shutdown},
    termination_log::{TerminationLog, append_reason},
};

impl Operator {
    /// Runs the program to its end, and says how it went. Return the report from `main`: it is the
    /// exit code, and prints what failed.
    ///
    /// # What is guaranteed
    ///
    /// - Leader work is told to stop as soon as its term is over. What has not ended is aborted
    ///   before another replica can lead, or at once if another may lead already. Work that can't
    ///   be aborted ends the process. The time until then is measured by the clock of this machine
    ///   ([`LeaderState::time_to_stop`](crate::leader::LeaderState::time_to_stop)).
    /// - A Lease is released only after all work has ended that has to end before the release, and
    ///   only if all of it ended by itself.
    /// - A program whose work has failed does not live on.
    ///
    /// # What is not
    ///
    /// - A thread that leader work started is not known here, and neither is a task that it spawned
    ///   by other means than [`LeaderContext::spawn`](super::LeaderContext::spawn) and
    ///   [`track`](super::LeaderContext::track). Such work is neither waited for nor aborted.
    /// - A process that is paused between a check and the write that it is about to make can make
    ///   that write late: see [`LeaderContext::term`](super::LeaderContext::term).
    /// - A shutdown of [`ShutdownBuilder::manual`](crate::shutdown::ShutdownBuilder::manual) does
    ///   not own the process, and so does not end it when work can't be aborted.
    ///
    /// # Errors
    ///
    /// There are none: all that goes wrong is in [`Report::failures`], and in its exit code. If the
    /// elections, the checks, the budgets or the port can't work, or a shutdown is installed
    /// already, no work is started and nothing is sent.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if this future is dropped, the program goes on without anybody who waits
    /// for its end. An installed shutdown then ends the process by itself.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn run(self) -> Report {
        let messages = self.messages();
        match self.start(&messages).await {
            Ok(shutdown) => shutdown.finished().await,
            Err(why) => {
                append_reason(messages, why.clone()).await;
                Report::failed(why)
            }
        }
    }

    /// The termination messages in which the elections certify their terms.
    fn messages(&self) -> Vec<Arc<TerminationLog>> {
        let named = self.named.iter().map(|(_, election, _)| election);
        self.unnamed.iter().chain(named).filter_map(LeaderElection::termination_log).collect()
    }

    async fn start(self, messages: &[Arc<TerminationLog>]) -> Result<Shutdown, String> {
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
        for log in messages {
            handle.add_message(Arc::clone(log));
        }
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
    /// Serves from now on until everything else has ended.
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

/// Stops serving last: the hook that is added first runs last.
fn serve_to_the_end(shared: &Shared, bound: BoundProbe) {
    let stop = CancellationToken::new();
    let serving = shared.supervisor.spawn(bound.serve_until(stop.clone().cancelled_owned()));
    shared.shutdown.on_stop_supervised("probes", async move {
        stop.cancel();
        // If it panicked, nobody is left who could be told.
        let _ = serving.await;
    });
}
