//! One replica with two elections.

use std::{pin::Pin, time::Duration};

use kunobi_ha::{
    BoxError,
    leader::{LeaderElectionBuilder, LeaderState},
    operator::{LeaderContext, LeaderWork, Operator},
    shutdown::{Handle, Report, Shutdown},
};
use kunobi_ha_test::TestServer;
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::setup::{Notes, SIGTERM, Trace, clocked, s};

/// One replica that contends for the Leases `reports` and `cleanup`, in elections of these names.
pub(crate) struct Pair {
    pub(crate) server: TestServer,
    pub(crate) handle: Handle,
    pub(crate) reports: LeaderState,
    pub(crate) cleanup: LeaderState,
    pub(crate) end: JoinHandle<Report>,
}

impl Pair {
    /// Runs it until it leads both.
    pub(crate) async fn run(
        reports: impl FnOnce(LeaderWork) -> LeaderWork,
        cleanup: impl FnOnce(LeaderWork) -> LeaderWork,
    ) -> Self {
        let pair = Self::with(&TestServer::new(), reports, cleanup, |operator| operator);
        pair.lead().await;
        pair
    }

    /// Runs one with work that stops at once.
    pub(crate) fn on(server: &TestServer, configure: impl FnOnce(Operator) -> Operator) -> Self {
        let work = |l: LeaderWork| l.lead("work", drains(0));
        Self::with(server, work, work, configure)
    }

    pub(crate) fn with(
        server: &TestServer,
        reports: impl FnOnce(LeaderWork) -> LeaderWork,
        cleanup: impl FnOnce(LeaderWork) -> LeaderWork,
        configure: impl FnOnce(Operator) -> Operator,
    ) -> Self {
        let [first, second] = ["reports", "cleanup"].map(|name| lease(server, "a", name).build());
        let states = (first.state(), second.state());
        let shutdown = Shutdown::builder().manual().unwrap();
        let handle = shutdown.handle();
        let operator = Operator::several()
            .shutdown(shutdown)
            .election("reports", first, reports)
            .election("cleanup", second, cleanup);
        let end = tokio::spawn(configure(operator).run());
        Self { server: server.clone(), handle, reports: states.0, cleanup: states.1, end }
    }

    pub(crate) async fn lead(&self) {
        wait_for(|| self.reports.is_leader() && self.cleanup.is_leader()).await;
    }

    /// Gives a Lease to another holder, or to nobody.
    pub(crate) fn give(&self, name: &str, holder: &str) {
        self.server
            .edit(&path(name), |lease| lease["spec"]["holderIdentity"] = holder.into())
            .unwrap();
    }

    pub(crate) async fn stop(self) -> Report {
        self.handle.trigger(SIGTERM);
        self.end.await.unwrap()
    }
}

/// Work that takes this many seconds to stop.
pub(crate) fn drains(seconds: u64) -> impl Fn(LeaderContext) -> Work + use<> {
    move |lead| {
        Box::pin(async move {
            lead.stopped().await;
            sleep(s(seconds)).await;
            Ok(())
        })
    }
}

/// Work that notes when it begins and when it is gone.
pub(crate) fn noting(
    notes: &Notes,
    begins: &'static str,
    ends: &'static str,
) -> impl Fn(LeaderContext) -> Work + use<> {
    let notes = notes.clone();
    move |lead| {
        let notes = notes.clone();
        Box::pin(async move {
            notes.add(begins);
            // After a loss it may be aborted before it can note anything else.
            let _trace = Trace(notes, ends);
            lead.stopped().await;
            Ok(())
        })
    }
}

pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Describes a candidate for a Lease, whose requests come from the client `<identity>/<name>`.
pub(crate) fn lease(server: &TestServer, identity: &str, name: &str) -> LeaderElectionBuilder {
    clocked(server, &format!("{identity}/{name}"), name).identity(identity)
}

pub(crate) fn path(name: &str) -> String {
    format!("/apis/coordination.k8s.io/v1/namespaces/default/leases/{name}")
}

pub(crate) fn holder(server: &TestServer, name: &str) -> Value {
    server.get(&path(name)).map(|lease| lease["spec"]["holderIdentity"].clone()).unwrap_or_default()
}

pub(crate) async fn wait_for(happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_secs(600), "not in 10 min");
        sleep(Duration::from_millis(1)).await;
    }
}
