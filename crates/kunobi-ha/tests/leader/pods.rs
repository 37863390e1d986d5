//! Pods whose container the test ends, as a kubelet would report it.

use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use http::Request;
use kunobi_ha::leader::{DeathCertificates, LeaderElectionBuilder};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

use crate::elections::{client, election};

/// A Pod with the container `manager`, and the termination message of that.
pub(crate) struct Pod {
    server: TestServer,
    name: String,
    pub(crate) message: PathBuf,
}

impl Pod {
    pub(crate) async fn new(server: &TestServer, name: &str) -> Self {
        let body = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": name, "namespace": "default" },
            "spec": { "containers": [{ "name": "manager", "image": "i" }] },
        });
        let request = Request::post("/api/v1/namespaces/default/pods")
            .header("content-type", "application/json")
            .body(body.to_string().into_bytes());
        client(server, "kubelet").request_text(request.unwrap()).await.unwrap();
        let message = message(name);
        fs::write(&message, "").unwrap();
        Self { server: server.clone(), name: name.into(), message }
    }

    /// Describes the candidate that runs in it.
    pub(crate) fn candidate(&self) -> LeaderElectionBuilder {
        election(&self.server, &self.name).death_certificates(self.certificates())
    }

    pub(crate) fn certificates(&self) -> DeathCertificates {
        DeathCertificates::new().container("manager").path(&self.message)
    }

    pub(crate) fn read(&self) -> String {
        fs::read_to_string(&self.message).unwrap()
    }

    /// Reports what the kubelet knows of its container when that has ended.
    pub(crate) fn report(&self) {
        self.report_with(|_| {});
    }

    pub(crate) fn report_with(&self, change: impl FnOnce(&mut Value)) {
        self.edit(|pod| {
            pod["status"]["containerStatuses"] = json!([{
                "name": "manager",
                "state": { "terminated": {
                    "exitCode": 137,
                    "reason": "Error",
                    "message": self.read(),
                } },
            }]);
            change(pod);
        });
    }

    /// The container runs again, with a new file.
    pub(crate) fn restart(&mut self) {
        self.edit(|pod| {
            let status = &mut pod["status"]["containerStatuses"][0];
            status["lastState"] = status["state"].take();
            status["state"] = json!({ "running": {} });
        });
        self.message.set_extension("2");
        fs::write(&self.message, "").unwrap();
    }

    pub(crate) fn edit(&self, change: impl FnOnce(&mut Value)) {
        let path = format!("/api/v1/namespaces/default/pods/{}", self.name);
        self.server.edit(&path, change).unwrap();
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.message);
        let _ = fs::remove_file(self.message.with_extension(""));
    }
}

/// A path that no other test of this process has.
fn message(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("kunobi-ha-{}-{number}-{name}", process::id()))
}
