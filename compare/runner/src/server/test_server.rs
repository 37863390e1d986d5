//! `kunobi-ha-test` on a port of the loopback interface.

use std::time::Duration;

use kunobi_ha_test::{Fault, Faults, Listener, TestServer};
use serde_json::{Value, json};

use super::LEASE;
use crate::fault::Disturbance;

/// A server of its own.
#[derive(Debug)]
pub struct TestApi {
    server: TestServer,
    listener: Listener,
}

impl TestApi {
    pub(super) async fn start(needs_lease: bool) -> Result<Self, String> {
        let server = if needs_lease {
            TestServer::builder().with_objects(&empty_lease().to_string()).build()
        } else {
            TestServer::new()
        };
        let listener = server.listen("127.0.0.1:0").await.map_err(|why| why.to_string())?;
        Ok(Self { server, listener })
    }

    pub(super) fn kubeconfig(&self, client: &str) -> String {
        self.listener.kubeconfig(client)
    }

    pub(super) fn disturb(&self, client: &str, disturbance: Disturbance) {
        self.server.set_faults(client, faults(disturbance));
    }

    pub(super) fn delete_lease(&self) {
        self.server.delete(&format!("leases.coordination.k8s.io {NAMESPACE}/{LEASE}"));
    }

    pub(super) fn holders(&self) -> Vec<Option<String>> {
        let history = self.server.history();
        let path = format!("/leases/{LEASE}");
        let writes = history.iter().filter(|write| write.path.ends_with(&path));
        writes.map(|write| holder(&write.object)).collect()
    }

    pub(super) fn requests(&self, client: &str) -> usize {
        self.server.requests().iter().filter(|request| request.client == client).count()
    }
}

fn holder(lease: &Value) -> Option<String> {
    let holder = lease["spec"]["holderIdentity"].as_str()?;
    (!holder.is_empty()).then(|| holder.to_owned())
}

fn empty_lease() -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": { "name": LEASE, "namespace": NAMESPACE },
        "spec": {},
    })
}

fn faults(disturbance: Disturbance) -> Faults {
    let none = Faults::default();
    match disturbance {
        Disturbance::None => none,
        Disturbance::RequestsLost => Faults { cut_requests: true, ..none },
        Disturbance::AnswersLost => Faults { cut_answers: true, ..none },
        Disturbance::Slow { before, after } => Faults {
            latency_before_ms: milliseconds(before),
            latency_after_ms: milliseconds(after),
            ..none
        },
        Disturbance::Refusals(turns) => {
            let turn = |code: Option<u16>| code.map_or(Fault::Pass, Fault::status);
            Faults { script: turns.into_iter().map(turn).collect(), ..none }
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(super) const NAMESPACE: &str = "default";
