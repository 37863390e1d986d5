//! One API server, and what its log says about the Lease.

use std::{thread, time::Duration};

use kunobi_ha_test::{Faults, Listener, Request, Role, Share, TestServer, Write};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::{http, program::Program};

pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/lifecycle";
pub(crate) const LEASE_DURATION: Duration = Duration::from_secs(3);
pub(crate) const RENEW_DEADLINE: Duration = Duration::from_secs(2);
pub(crate) const RETRY_PERIOD: Duration = Duration::from_millis(500);

/// A limit for every wait, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An API server on a port. All times are of [`now`].
pub(crate) struct World {
    pub(crate) server: TestServer,
    listener: Listener,
    zero: Duration,
    /// Serves, and ends with it.
    _runtime: Runtime,
}

/// One accepted write of the Lease.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) at: Duration,
    pub(crate) sequence: u64,
    /// The client that wrote it; empty for the test itself.
    pub(crate) client: String,
    pub(crate) holder: String,
    pub(crate) transitions: i64,
    /// Whether the Lease has no holder after it.
    freed: bool,
}

impl World {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let inside = runtime.enter();
        let zero = now();
        let server = TestServer::new();
        let listener = runtime.block_on(server.listen("127.0.0.1:0")).unwrap();
        drop(inside);
        Self { server, listener, zero, _runtime: runtime }
    }

    /// Starts a program as a client of this name.
    pub(crate) fn start(&self, program: &str, client: &str) -> Program {
        Program::start(program, client, &self.listener.kubeconfig(client))
    }

    /// Creates an object.
    pub(crate) fn post(&self, path: &str, object: &Value) {
        let answer = http::post(self.listener.address(), path, &object.to_string()).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
    }

    /// All writes of the Lease, oldest first.
    pub(crate) fn holds(&self) -> Vec<Hold> {
        let writes = self.server.history().into_iter().filter(|write| write.path == LEASE);
        writes.map(|write| self.hold(write)).collect()
    }

    /// Returns all writes of config maps, oldest first: the time, the place in the history, the client.
    pub(crate) fn map_writes(&self) -> Vec<(Duration, u64, String)> {
        let history = self.server.history().into_iter();
        let maps = history.filter(|write| write.path.contains("/configmaps"));
        maps.map(|write| (self.at(write.at_us), write.sequence, write.client)).collect()
    }

    pub(crate) fn requests_of(&self, client: &str) -> Vec<Request> {
        let requests = self.server.requests().into_iter();
        requests.filter(|request| request.client == client).collect()
    }

    /// The writes that freed the Lease.
    pub(crate) fn releases(&self) -> Vec<Hold> {
        let holds = self.holds().into_iter();
        holds.filter(|hold| hold.freed).collect()
    }

    /// When the last renewal that succeeded arrived.
    pub(crate) fn last_renewal(&self, client: &str) -> Duration {
        let holds = self.holds().into_iter().rev();
        holds.filter(|hold| hold.client == client).map(|hold| hold.at).next().unwrap()
    }

    /// Gives the Lease to a holder that does not exist, for that many seconds.
    pub(crate) fn overwrite_holder(&self, holder: &str, seconds: u64) -> Duration {
        self.server
            .edit(LEASE, |lease| {
                lease["spec"]["holderIdentity"] = holder.into();
                lease["spec"]["leaseDurationSeconds"] = seconds.into();
            })
            .expect("there is a lease");
        now()
    }

    /// Answers all requests of a client with this.
    pub(crate) fn answer(&self, client: &str, code: u16, retry_after: Option<u64>) {
        let share = Some(Share { ratio: 1.0, code, retry_after });
        self.server.set_faults(client, Faults { share, ..Faults::default() });
    }

    /// Keeps all requests of a client from arriving.
    pub(crate) fn cut_off(&self, client: &str) {
        self.server.set_faults(client, Faults { cut_requests: true, ..Faults::default() });
    }

    /// Takes every right away from a client.
    pub(crate) fn forbid(&self, client: &str) {
        let role = Some(Role { verbs: Vec::new(), resource_names: Vec::new() });
        self.server.set_faults(client, Faults { role, ..Faults::default() });
    }

    pub(crate) fn at(&self, micros: u64) -> Duration {
        self.zero + Duration::from_micros(micros)
    }

    fn hold(&self, write: Write) -> Hold {
        let spec = &write.object["spec"];
        Hold {
            at: self.at(write.at_us),
            sequence: write.sequence,
            client: write.client,
            holder: spec["holderIdentity"].as_str().unwrap_or_default().to_owned(),
            transitions: spec["leaseTransitions"].as_i64().unwrap_or_default(),
            freed: spec["holderIdentity"] == "",
        }
    }
}

/// Asks until `ask` returns something.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(now() < deadline, "it never came to this: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A clock that is the same in all processes.
pub(crate) fn now() -> Duration {
    clock_gettime(ClockId::Monotonic).try_into().unwrap()
}
