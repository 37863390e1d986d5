//! The ground of the tests: a server in process, the whole command, its output captured and compared.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use kubectl_ha::{Console, Exit, Terminal, run};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// A server, and the command that asks it.
pub(crate) struct Ground {
    pub(crate) server: TestServer,
    /// The output is this terminal.
    pub(crate) terminal: Terminal,
}

/// How the command ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) exit: Exit,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// What the command writes, while it runs and after it.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<(Mutex<Vec<u8>>, Notify)>);

impl Ground {
    pub(crate) fn new() -> Self {
        Self::on(
            TestServer::builder()
                .with_namespaces(["shop", "empty"])
                .without_garbage_collection()
                .build(),
        )
    }

    pub(crate) fn on(server: TestServer) -> Self {
        Self { server, terminal: Terminal::default() }
    }

    /// Stores an object as it is.
    pub(crate) fn put(&self, object: &Value) {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let kind = match text("/kind") {
            "Lease" => "leases",
            "Pod" => "pods",
            "Event" => "events",
            other => panic!("no address for {other}"),
        };
        self.server.inject(
            &format!("{kind} {}/{}", text("/metadata/namespace"), text("/metadata/name")),
            object.clone(),
        );
    }

    /// Runs the command with these words, as the client `me`.
    pub(crate) async fn run(&self, words: &str) -> Done {
        self.run_with(words, |console| console).await
    }

    /// Runs it with another console.
    pub(crate) async fn run_with(
        &self,
        words: &str,
        change: impl FnOnce(Console) -> Console,
    ) -> Done {
        let (output, errors) = (Written::default(), Written::default());
        let console = self.console(&output, &errors);
        let exit =
            run(["kubectl-ha"].into_iter().chain(words.split_whitespace()), change(console)).await;
        Done { exit, output: output.text(), errors: errors.text() }
    }

    /// Returns a console that writes to these places: for a command that a test watches while it runs.
    pub(crate) fn console(&self, output: &Written, errors: &Written) -> Console {
        let client = kube::Client::new(self.server.service("me"), "default");
        Console::new(output.clone(), errors.clone())
            .with_terminal(self.terminal)
            .with_client(client)
            .with_clock(now)
    }
}

impl Done {
    /// Compares with `tests/snapshots/NAME.txt`; with `BLESS=1` it writes the file.
    #[track_caller]
    pub(crate) fn is(&self, name: &str) {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.txt"));
        let errors = if self.errors.is_empty() {
            String::new()
        } else {
            format!("--- stderr\n{}", self.errors)
        };
        let text = format!("{}{errors}--- exit {}\n", self.output, self.exit.code());
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, wanted, "not {}; if it is as it should be: BLESS=1", path.display());
    }
}

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().clone()).unwrap()
    }
}

impl Written {
    /// Waits until so many lines are written.
    pub(crate) async fn until_lines(&self, count: usize) {
        loop {
            let written = self.0.1.notified();
            if self.text().lines().count() >= count {
                return;
            }
            written.await;
        }
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        self.0.1.notify_waiters();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Finds a character that a terminal would obey, beside the ends of lines.
pub(crate) fn raw(text: &str) -> Option<char> {
    text.chars().find(|char| *char != '\n' && (char.is_control() || char.escape_debug().len() > 2))
}

/// What time it is in the tests.
pub(crate) fn now() -> Timestamp {
    "2026-11-27T10:00:10Z".parse().unwrap()
}

/// A Lease that was renewed three seconds ago.
pub(crate) fn lease(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "namespace": namespace, "name": name, "uid": format!("uid-of-{name}"), "resourceVersion": "7",
            "creationTimestamp": "2026-11-26T10:00:10Z",
        },
        "spec": {
            "holderIdentity": format!("{name}-7d9f8b6c5-x2x4z"), "leaseDurationSeconds": 15, "leaseTransitions": 3,
            "acquireTime": "2026-11-27T09:00:00.000000Z", "renewTime": "2026-11-27T10:00:07.500000Z",
        },
    })
}

/// A Pod of the Deployment `orders`, or of another one.
pub(crate) fn pod(namespace: &str, name: &str, owner: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": namespace, "name": name, "uid": format!("uid-of-{name}"), "resourceVersion": "8",
            "labels": { "pod-template-hash": "7d9f8b6c5" },
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{owner}-7d9f8b6c5"), "uid": "r", "controller": true,
            }],
        },
        "spec": { "nodeName": "node-1" },
        "status": {
            "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }],
            "containerStatuses": [{ "restartCount": 2 }],
        },
    })
}

/// A server on which the client `me` may do only what this rule allows in the namespace `default`.
pub(crate) fn allowing(rule: &str) -> TestServer {
    let objects = format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{ name: r, namespace: default }}
rules: [{rule}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{ name: r, namespace: default }}
roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: Role, name: r }}
subjects: [{{ apiGroup: rbac.authorization.k8s.io, kind: User, name: me }}]
"
    );
    TestServer::builder().with_rbac().with_objects(&objects).build()
}
