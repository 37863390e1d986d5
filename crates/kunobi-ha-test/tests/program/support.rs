//! The program, a folder of its own for each test, and a client.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

/// Where a test has its files, until it ends.
pub(crate) struct Folder(PathBuf);

/// Ends the program, however the test ends.
pub(crate) struct Program {
    child: Child,
    output: Receiver<String>,
    /// All of it, once.
    error: Receiver<String>,
    /// `http://127.0.0.1:40123`
    pub(crate) url: String,
    /// One for each client.
    pub(crate) kubeconfigs: Vec<PathBuf>,
}

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("program-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().expect("it is text").to_owned()
    }

    /// Writes a file. Returns its path.
    pub(crate) fn write(&self, file: &str, text: &str) -> String {
        let path = self.path(file);
        fs::create_dir_all(Path::new(&path).parent().expect("it has one")).expect("it is made");
        fs::write(&path, text).expect("it is written");
        path
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Starts the program, with kubeconfigs of the clients `me` and `you` in this folder.
    pub(crate) fn start(&self, arguments: &[&str]) -> Program {
        let clients = ["--clients", "me,you", "--kubeconfigs", &self.path("clients")];
        Program::start(&[&clients[..], arguments].concat(), 2)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program with these arguments, and a port of its own unless they name one.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ha-test-server"));
    if !arguments.iter().any(|argument| argument.starts_with("--listen")) {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the program prints that can't start with these arguments.
pub(crate) fn refused(arguments: &[&str]) -> Refused {
    let mut program = Program::spawn(&mut command(arguments));
    let stderr = program.error();
    let stdout: Vec<String> = program.output.iter().collect();
    Refused { code: program.code(), stdout: stdout.concat(), stderr }
}

/// What the program has printed that did not start.
pub(crate) struct Refused {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Waits until it listens and has written that many kubeconfigs.
    pub(crate) fn start(arguments: &[&str], kubeconfigs: usize) -> Self {
        let mut program = Self::spawn(&mut command(arguments));
        program.url = program.line("listening on ");
        program.kubeconfigs =
            (0..kubeconfigs).map(|_| program.line("export KUBECONFIG=").into()).collect();
        program
    }

    /// Starts it, and waits for nothing.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("it starts");
        let (output, error) = (lines(child.stdout.take()), whole(child.stderr.take()));
        Self { child, output, error, url: String::new(), kubeconfigs: Vec::new() }
    }

    /// What a line has that begins so.
    pub(crate) fn line(&mut self, prefix: &str) -> String {
        let line = self.output.recv_timeout(LIMIT).unwrap_or_default();
        let Some(rest) = line.strip_prefix(prefix) else {
            let _ = self.child.kill();
            panic!("{line:?} does not begin with {prefix:?}; {}", self.error());
        };
        rest.trim_end().trim_matches('\'').to_owned()
    }

    /// What it ends with. None: a signal has killed it.
    pub(crate) fn code(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// Waits for the end, and returns what it has told until then.
    fn error(&mut self) -> String {
        self.error.recv_timeout(LIMIT).unwrap_or_else(|_| {
            let _ = self.child.kill();
            panic!("it does not end within {LIMIT:?}")
        })
    }

    /// A client with the kubeconfig of a number.
    pub(crate) async fn client(&self, number: usize) -> Client {
        client(&self.kubeconfigs[number], None).await
    }

    /// Sends a signal, and waits for the end.
    #[cfg(unix)]
    pub(crate) fn end(mut self, signal: &str) -> Ended {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("there is `kill`");
        assert!(sent.success());
        let error = self.error();
        Ended { code: self.code(), error }
    }
}

/// How the program has ended.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Ended {
    /// None: a signal has killed it.
    pub(crate) code: Option<i32>,
    pub(crate) error: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines as they come. Who waits for one may give up, which a pipe does not let him.
fn lines(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream?);
        let mut line = String::new();
        while stream.read_line(&mut line).ok()? > 0 {
            sender.send(std::mem::take(&mut line)).ok()?;
        }
        Some(())
    });
    lines
}

/// Everything, when it ends.
fn whole(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, whole) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_string(&mut text);
        }
        let _ = sender.send(text);
    });
    whole
}

/// How long the program may take to print a line, or to end.
const LIMIT: Duration = Duration::from_secs(30);

/// A client with the current context of a kubeconfig, or another one.
pub(crate) async fn client(kubeconfig: &Path, context: Option<&str>) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("it is one");
    let context = context.map(ToOwned::to_owned);
    let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("it is whole");
    // A test sees each refusal.
    config.default_retry = false;
    Client::try_from(config).expect("a client")
}

/// A definition of the type `Pen`, whose colour is of this type.
pub(crate) fn definition(colour: &str) -> String {
    serde_json::json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "pens.desk.example" },
        "spec": {
            "group": "desk.example",
            "scope": "Namespaced",
            "names": { "kind": "Pen", "plural": "pens" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": {
                "type": "object",
                "properties": { "spec": { "type": "object", "properties": { "colour": { "type": colour } } } },
            } } }],
        },
    })
    .to_string()
}
