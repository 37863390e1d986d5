//! A server of its own on the loopback interface, and how replicas are started on it.

use std::{ffi::OsString, fs, path::PathBuf, time::Duration};

use kunobi_ha_test::{Listener, TestServer};
use tempfile::TempDir;

use crate::{
    peer::Peer,
    process::{Launch, Replica},
};

/// A server, and a folder for what its clients need. Both are gone when this is dropped.
#[derive(Debug)]
pub struct World {
    /// The API server.
    pub server: TestServer,
    listener: Listener,
    folder: TempDir,
    peer: Peer,
}

impl World {
    /// Starts the server. There is a Lease only if the library wants to find one.
    pub async fn start(peer: &Peer) -> Result<Self, String> {
        let server = if peer.needs_lease {
            TestServer::builder().with_objects(EMPTY_LEASE).build()
        } else {
            TestServer::new()
        };
        let listener = server.listen("127.0.0.1:0").await.map_err(|why| why.to_string())?;
        let folder = TempDir::new().map_err(|why| why.to_string())?;
        Ok(Self { server, listener, folder, peer: peer.clone() })
    }

    /// Starts a replica: the client that the server knows by this name, with a wall clock that is so far ahead.
    pub fn replica(
        &self,
        client: &'static str,
        identity: &str,
        poll_ms: u64,
        ahead: Option<Duration>,
    ) -> Result<Replica, String> {
        self.replica_of(&self.peer, client, identity, poll_ms, ahead)
    }

    /// Starts a replica of another library on the same Lease.
    pub fn replica_of(
        &self,
        peer: &Peer,
        client: &'static str,
        identity: &str,
        poll_ms: u64,
        ahead: Option<Duration>,
    ) -> Result<Replica, String> {
        let kubeconfig = self.folder.path().join(format!("{client}.kubeconfig"));
        fs::write(&kubeconfig, self.listener.kubeconfig(client)).map_err(|why| why.to_string())?;
        let mut variables =
            vec![("KUBECONFIG", kubeconfig.into_os_string()), ("CLIENT", client.into())];
        if let Some(ahead) = ahead {
            let library = faketime().ok_or("libfaketime is not installed")?;
            variables.push(("LD_PRELOAD", library.into_os_string()));
            variables.push(("FAKETIME", OsString::from(format!("+{}s", ahead.as_secs()))));
            variables.push(("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()));
            variables.push(("DONT_FAKE_MONOTONIC", "1".into()));
        }
        let mut arguments: Vec<String> = ["--namespace", "default", "--lease", "compare"]
            .into_iter()
            .chain(["--lease-duration", "15", "--renew-deadline", "10", "--retry-period", "2"])
            .chain(["--identity", identity])
            .map(str::to_owned)
            .collect();
        arguments.extend(["--poll-ms".to_owned(), poll_ms.to_string()]);
        let exact = if identity == "same" { peer.exact } else { &[] };
        arguments.extend(peer.options.iter().chain(exact).map(|&argument| argument.to_owned()));
        let errors = self.folder.path().join(format!("{client}.errors"));
        let program = peer.program.clone();
        Ok(Replica::start(Launch { program, arguments, variables, errors }))
    }

    /// Who holds the Lease now.
    #[must_use]
    pub fn holder(&self) -> Option<String> {
        self.server.get(LEASE).as_ref().and_then(holder)
    }

    /// Who held it after each write, from that with this number on.
    #[must_use]
    pub fn holders(&self, from: usize) -> Vec<Option<String>> {
        let history = self.server.history();
        let writes =
            history.iter().skip(from).filter(|write| write.path.ends_with("/leases/compare"));
        writes.map(|write| holder(&write.object)).collect()
    }
}

fn holder(lease: &serde_json::Value) -> Option<String> {
    let holder = lease["spec"]["holderIdentity"].as_str()?;
    (!holder.is_empty()).then(|| holder.to_owned())
}

/// Debian's `faketime`, whichever architecture it is for.
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|folder| folder.path());
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    libraries.find(|library| library.is_file())
}

/// The Lease, as the server names it.
pub(super) const LEASE: &str = "leases.coordination.k8s.io default/compare";

const EMPTY_LEASE: &str = "
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: compare, namespace: default }
spec: {}
";
