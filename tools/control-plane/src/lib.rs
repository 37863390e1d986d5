//! A real control plane: etcd, kube-apiserver and, if asked, kube-controller-manager, as processes on this machine.
//! `scripts/interop.sh` builds the program; `interop/README.md` describes it.

mod directory;
mod process;

use std::{
    collections::BTreeMap,
    env, io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde::Deserialize;
use serde_json::Value;

use self::{directory::Directory, process::Process};

/// The parts of a control plane.
#[derive(Clone, Debug, Default)]
pub struct PlaneOptions {
    /// Users that are bound to no role, each with a kubeconfig of its own.
    pub identities: Vec<String>,
    /// Further arguments of the program, `--apiservers 2` or `--controllers` for example.
    pub arguments: Vec<String>,
}

/// A control plane that runs. It ends at the latest with this process.
#[derive(Debug)]
pub struct Plane {
    ready: Ready,
    // They go in this order: a process that runs writes into its directory.
    process: Mutex<Process>,
    directory: Directory,
}

/// What it says of itself.
#[derive(Clone, Debug, Deserialize)]
struct Ready {
    version: String,
    servers: Vec<String>,
    kubeconfigs: BTreeMap<String, PathBuf>,
    audit_log: PathBuf,
}

impl Plane {
    /// Starts one, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// What went wrong; `INTEROP` must name the directory that `scripts/interop.sh` prints.
    pub fn start(options: &PlaneOptions) -> io::Result<Self> {
        Self::start_program(&program("control-plane")?, options)
    }

    /// Starts one whose program is here.
    ///
    /// # Errors
    ///
    /// What went wrong.
    pub fn start_program(program: &Path, options: &PlaneOptions) -> io::Result<Self> {
        let directory = Directory::make()?;
        let mut command = Command::new(program);
        command.arg("--dir").arg(directory.path()).args(&options.arguments);
        for identity in &options.identities {
            command.args(["--identity", identity]);
        }
        let mut process = Process::start(&mut command)?;
        let ready = serde_json::from_value(process.read()?)?;
        Ok(Self { ready, process: Mutex::new(process), directory })
    }

    /// Gives a command, as `interop/README.md` lists them, and waits for its answer.
    ///
    /// # Errors
    ///
    /// The error of the control plane.
    pub fn command(&self, line: &str) -> io::Result<Value> {
        // Also if a test panicked meanwhile: that must not hide the failures of others.
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = process.ask(line)?;
        if answer["ok"] == true { Ok(answer) } else { Err(io::Error::other(answer.to_string())) }
    }

    /// Returns the kubeconfig of an identity, `admin` for example, or `admin@1` for the second
    /// server.
    ///
    /// # Errors
    ///
    /// There is no such identity.
    pub fn kubeconfig(&self, identity: &str) -> io::Result<&Path> {
        let known = self.ready.kubeconfigs.get(identity);
        known.map(PathBuf::as_path).ok_or_else(|| io::Error::other(format!("no {identity}")))
    }

    /// Makes a client of an identity.
    ///
    /// # Errors
    ///
    /// The error of kube about its kubeconfig.
    pub async fn client(&self, identity: &str) -> Result<Client, Box<dyn std::error::Error>> {
        Ok(Client::try_from(self.config(identity).await?)?)
    }

    /// Returns the configuration of such a client.
    ///
    /// # Errors
    ///
    /// There is no such identity.
    pub async fn config(&self, identity: &str) -> Result<Config, Box<dyn std::error::Error>> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig(identity)?)?;
        Ok(Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?)
    }

    /// Returns the version of Kubernetes.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.ready.version
    }

    /// Returns the addresses of the API servers.
    #[must_use]
    pub fn servers(&self) -> &[String] {
        &self.ready.servers
    }

    /// Returns a directory for files that live as long as the control plane.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Reads the audit log so far: one line for each request for Leases and Events.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn audit(&self) -> io::Result<Vec<Value>> {
        let text = std::fs::read_to_string(&self.ready.audit_log)?;
        // The last line may not be written in full yet.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

/// Returns the path of a program that `scripts/interop.sh` builds.
///
/// # Errors
///
/// `INTEROP` is not set.
pub fn program(name: &str) -> io::Result<PathBuf> {
    let directory = env::var_os("INTEROP").ok_or_else(|| {
        io::Error::other("set INTEROP to what scripts/interop.sh prints, or run scripts/e2e.sh")
    })?;
    Ok(Path::new(&directory).join(name))
}
