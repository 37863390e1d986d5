//! The program, a folder of its own for each test, and a client.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
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
    output: BufReader<ChildStdout>,
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

/// The program with these arguments, and a port of its own.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ha-test-server"));
    command.args(["--listen", "127.0.0.1:0"]).args(arguments);
    command
}

/// What the program prints that can't start with these arguments.
pub(crate) fn refused(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ha-test-server"));
    command.args(arguments).output().expect("it runs")
}

impl Program {
    /// Waits until it listens and has written that many kubeconfigs.
    pub(crate) fn start(arguments: &[&str], kubeconfigs: usize) -> Self {
        let mut command = command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut program = Self { child, output, url: String::new(), kubeconfigs: Vec::new() };
        program.url = program.line("listening on ");
        program.kubeconfigs =
            (0..kubeconfigs).map(|_| program.line("export KUBECONFIG=").into()).collect();
        program
    }

    fn line(&mut self, prefix: &str) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it prints text");
        let Some(rest) = line.strip_prefix(prefix) else {
            let mut error = String::new();
            let _ = self.child.stderr.take().expect("its errors").read_to_string(&mut error);
            panic!("{line:?} does not begin with {prefix:?}; {error}");
        };
        rest.trim_end().trim_matches('\'').to_owned()
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
        let status = self.child.wait().expect("it ends");
        let mut error = String::new();
        let stderr = self.child.stderr.take();
        stderr.expect("its errors").read_to_string(&mut error).expect("it is text");
        Ended { code: status.code(), error }
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
