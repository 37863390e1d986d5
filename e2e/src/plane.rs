//! A real control plane: etcd, kube-apiserver and, if asked, kube-controller-manager.

use std::{
    collections::BTreeMap,
    env,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde::Deserialize;
use serde_json::Value;

use crate::lock;

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
    directory: PathBuf,
    process: Mutex<Process>,
}

/// What it says of itself.
#[derive(Clone, Debug, Deserialize)]
struct Ready {
    version: String,
    servers: Vec<String>,
    kubeconfigs: BTreeMap<String, PathBuf>,
    audit_log: PathBuf,
}

#[derive(Debug)]
struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Plane {
    /// Starts one, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// What went wrong; `INTEROP` must name the directory that `scripts/interop.sh` prints.
    pub fn start(options: &PlaneOptions) -> io::Result<Self> {
        sweep();
        let directory = env::temp_dir().join(format!("plane-{}", uuid()));
        std::fs::create_dir_all(&directory)?;
        let mut command = Command::new(program("control-plane")?);
        command.arg("--dir").arg(&directory).args(&options.arguments);
        for identity in &options.identities {
            command.args(["--identity", identity]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut process = Process { child, stdin, stdout: BufReader::new(stdout) };
        let ready = serde_json::from_value(process.read()?)?;
        Ok(Self { ready, directory, process: Mutex::new(process) })
    }

    /// Gives a command, as `interop/README.md` lists them, and waits for its answer.
    ///
    /// # Errors
    ///
    /// The error of the control plane.
    pub fn command(&self, line: &str) -> io::Result<Value> {
        let mut process = lock(&self.process);
        let stdin = process.stdin.as_mut().ok_or_else(|| io::Error::other("it has ended"))?;
        writeln!(stdin, "{line}")?;
        stdin.flush()?;
        let answer = process.read()?;
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
        &self.directory
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

impl Process {
    fn read(&mut self) -> io::Result<Value> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the control plane has ended"));
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        let mut process = lock(&self.process);
        // The process ends at the end of its input.
        process.stdin = None;
        let _ = process.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
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

/// Removes the directories of processes that are gone: a plane in a `static` is never dropped.
fn sweep() {
    for entry in std::fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix("plane-"));
        let process = rest.and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn uuid() -> String {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("{}-{}", std::process::id(), since.as_nanos())
}
