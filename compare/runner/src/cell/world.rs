//! An API server, and how replicas are started on it.

use std::{ffi::OsString, fs, path::PathBuf, time::Duration};

use tempfile::TempDir;

use crate::{
    peer::Peer,
    process::{Launch, Replica},
    server::{Api, LEASE, Server},
};

/// An API server, and a folder for what its clients need, which is gone when this is dropped.
#[derive(Debug)]
pub struct World {
    /// The API server.
    pub api: Api,
    folder: TempDir,
    peer: Peer,
}

impl World {
    /// Makes one. There is a Lease only if the library wants to find one.
    pub async fn start(server: &Server, peer: &Peer) -> Result<Self, String> {
        let api = Api::start(server, peer.needs_lease).await?;
        let folder = TempDir::new().map_err(|why| why.to_string())?;
        Ok(Self { api, folder, peer: peer.clone() })
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
        fs::write(&kubeconfig, self.api.kubeconfig(client)?).map_err(|why| why.to_string())?;
        let mut variables =
            vec![("KUBECONFIG", kubeconfig.into_os_string()), ("CLIENT", client.into())];
        if let Some(ahead) = ahead {
            let library = faketime().ok_or("libfaketime is not installed")?;
            variables.push(("LD_PRELOAD", library.into_os_string()));
            variables.push(("FAKETIME", OsString::from(format!("+{}s", ahead.as_secs()))));
            variables.push(("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()));
            variables.push(("DONT_FAKE_MONOTONIC", "1".into()));
        }
        let mut arguments: Vec<String> = ["--namespace", self.api.namespace(), "--lease", LEASE]
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
}

/// Debian's `faketime`, whichever architecture it is for.
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|folder| folder.path());
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    libraries.find(|library| library.is_file())
}
