//! A server, one replica, and what its work notes.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use kunobi_ha::{
    leader::{LeaderElection, LeaderState},
    operator::Operator,
    shutdown::{Handle, Reason, Report, Shutdown},
};
use kunobi_ha_test::TestServer;
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

pub(crate) use crate::elections::{LEASE, clocked, election};

pub(crate) const SIGTERM: Reason = Reason::Signal(15);

/// One replica that is to run.
pub(crate) struct Setup {
    pub(crate) server: TestServer,
    pub(crate) state: LeaderState,
    pub(crate) handle: Handle,
    pub(crate) notes: Notes,
    operator: Operator,
}

/// One replica that runs.
pub(crate) struct Replica {
    pub(crate) server: TestServer,
    pub(crate) state: LeaderState,
    pub(crate) handle: Handle,
    pub(crate) notes: Notes,
    pub(crate) end: JoinHandle<Report>,
}

/// What happened when. Clones write into the same list.
#[derive(Clone)]
pub(crate) struct Notes {
    began: Instant,
    lines: Arc<Mutex<Vec<(String, Duration)>>>,
}

/// Notes when it is dropped.
pub(crate) struct Trace(pub(crate) Notes, pub(crate) &'static str);

impl Setup {
    pub(crate) fn new() -> Self {
        Self::on(&TestServer::new(), "a")
    }

    pub(crate) fn on(server: &TestServer, name: &str) -> Self {
        Self::of(server, election(server, name).build())
    }

    pub(crate) fn of(server: &TestServer, election: LeaderElection) -> Self {
        let shutdown = Shutdown::builder().manual().unwrap();
        Self {
            server: server.clone(),
            state: election.state(),
            handle: shutdown.handle(),
            notes: Notes::new(),
            operator: Operator::new(election).shutdown(shutdown),
        }
    }

    pub(crate) fn run(self, configure: impl FnOnce(Operator) -> Operator) -> Replica {
        let Self { server, state, handle, notes, operator } = self;
        let end = tokio::spawn(configure(operator).run());
        Replica { server, state, handle, notes, end }
    }
}

impl Replica {
    /// Waits until this replica leads.
    pub(crate) async fn leads(&self) {
        self.wait_for(|replica| replica.state.is_leader()).await;
    }

    pub(crate) async fn wait_for(&self, happened: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !happened(self) {
            assert!(began.elapsed() < Duration::from_secs(600), "{:?}", self.notes.all());
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Gives the Lease to another holder, as an administrator might; to nobody, if the name is
    /// empty.
    pub(crate) fn give_to(&self, holder: &str) {
        self.server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = holder.into()).unwrap();
    }

    pub(crate) async fn stop(self) -> Report {
        self.handle.trigger(SIGTERM);
        self.end.await.unwrap()
    }

    pub(crate) fn holder(&self) -> Value {
        holder(&self.server)
    }
}

impl Notes {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), lines: Arc::default() }
    }

    pub(crate) fn add(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push((line.into(), self.began.elapsed()));
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
    }

    /// Returns when each of these was noted.
    pub(crate) fn times(&self, of: &str) -> Vec<Duration> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|(line, _)| line == of).map(|(_, at)| *at).collect()
    }

    pub(crate) fn time(&self, of: &str) -> Duration {
        let times = self.times(of);
        assert_eq!(times.len(), 1, "{of}: {:?}", self.all());
        times[0]
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}

pub(crate) fn holder(server: &TestServer) -> Value {
    server.get(LEASE).map(|lease| lease["spec"]["holderIdentity"].clone()).unwrap_or_default()
}

pub(crate) fn names<T: AsRef<str>>(names: &[T]) -> Vec<&str> {
    names.iter().map(AsRef::as_ref).collect()
}

/// Work that never ends by itself, and notes when it is gone.
pub(crate) async fn endless(trace: Trace) -> Result<(), kunobi_ha::BoxError> {
    let _trace = trace;
    pending().await
}

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Asserts that these are the same, up to the milliseconds of a poll.
#[track_caller]
pub(crate) fn assert_about(took: Duration, expected: Duration) {
    let difference = took.abs_diff(expected);
    assert!(difference <= Duration::from_millis(60), "{took:?}, not {expected:?}");
}
