//! The API servers of a run.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use compare::server::Server;
use control_plane::{Plane, PlaneOptions};

/// Which API server, on the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `kunobi-ha-test`
    Test,
    /// kube-apiserver
    Real,
}

/// An API server that runs as long as this is there.
pub(crate) struct Running {
    pub(crate) server: Server,
    /// What it is.
    pub(crate) words: String,
    _plane: Option<Plane>,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Test, Self::Real];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Real => "real",
        }
    }
}

impl Running {
    /// `interop` is the folder of the programs of a real control plane.
    pub(crate) async fn start(kind: Kind, interop: Option<&Path>) -> Result<Self, String> {
        match kind {
            Kind::Test => Ok(Self {
                server: Server::Test,
                words: "kunobi-ha-test of this checkout".to_owned(),
                _plane: None,
            }),
            Kind::Real => {
                let interop = interop.ok_or("the control plane is not built: see `prepare`")?;
                let plane = start_plane(interop.join("control-plane")).await?;
                let config = plane.config("admin").await.map_err(|why| why.to_string())?;
                Ok(Self {
                    server: Server::Real(Arc::new(config)),
                    words: format!("kube-apiserver {} and etcd, on this machine", plane.version()),
                    _plane: Some(plane),
                })
            }
        }
    }
}

async fn start_plane(program: PathBuf) -> Result<Plane, String> {
    let start = move || Plane::start_program(&program, &PlaneOptions::default());
    let started = tokio::task::spawn_blocking(start).await.map_err(|why| why.to_string())?;
    started.map_err(|why| format!("the control plane does not start: {why}"))
}

/// Builds what these servers need. Without Go, kube-apiserver is left out, if another one remains.
pub(crate) fn prepare(kinds: &mut Vec<Kind>) -> Result<Option<PathBuf>, String> {
    if !kinds.contains(&Kind::Real) {
        return Ok(None);
    }
    let interop = interop()?;
    if interop.is_none() {
        kinds.retain(|kind| *kind != Kind::Real);
        if kinds.is_empty() {
            return Err(
                "kube-apiserver is built from its Go modules: install Go, on Linux".to_owned()
            );
        }
        eprintln!("kube-apiserver is left out");
    }
    Ok(interop)
}

fn interop() -> Result<Option<PathBuf>, String> {
    let script = crate::folder().join("../scripts/interop.sh");
    let output = Command::new("bash")
        .arg(&script)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|why| format!("{}: {why}", script.display()))?;
    if !output.status.success() {
        return Err("kube-apiserver can't be built".to_owned());
    }
    let directory = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok((!directory.is_empty()).then(|| directory.into()))
}
