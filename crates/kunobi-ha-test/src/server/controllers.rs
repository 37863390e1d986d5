//! Carries out what controllers decide: one task for each, which ends with the server.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{self, Instant},
};

use super::{
    Shared, TestServer,
    handler::{Caller, Credentials},
};
use crate::{
    controllers::{Act, Controller, Memory, Node},
    request::path::{Key, Target},
    store::Object,
};

/// A controller at work. It does not keep the server alive.
struct Driver {
    server: Weak<Shared>,
    controller: Controller,
    /// Told after each write; closed when the server is gone.
    woken: watch::Receiver<()>,
    /// What it knows of objects, by their uid.
    known: BTreeMap<String, Known>,
    /// As they were in the last round.
    nodes: Vec<Node>,
}

/// What is known of an object.
#[derive(Default)]
struct Known {
    memory: Memory,
    /// The version that was looked at last.
    revision: u64,
    again: Option<Timestamp>,
    /// Requests that failed since the last one that did not.
    failures: u32,
}

/// An object that is stored.
struct Found {
    uid: String,
    key: Key,
    object: Arc<Object>,
}

impl TestServer {
    /// # Panics
    ///
    /// This is not called within tokio's runtime.
    #[track_caller]
    pub(super) fn run_controllers(&self, controllers: Vec<Controller>) {
        if controllers.is_empty() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            panic!(
                "controllers are tasks, so build the server within tokio's runtime, as in a \
                 `#[tokio::test]`"
            );
        };
        for controller in controllers {
            let driver = Driver {
                server: Arc::downgrade(&self.shared),
                controller,
                woken: self.shared.woken.subscribe(),
                known: BTreeMap::new(),
                nodes: Vec::new(),
            };
            drop(runtime.spawn(driver.run()));
        }
    }
}

impl Driver {
    async fn run(mut self) {
        loop {
            // What is written after this line wakes the wait below.
            self.woken.mark_unchanged();
            let Some(shared) = self.server.upgrade() else { return };
            let server = TestServer { shared };
            let next = self.round(&server).await;
            drop(server);
            tokio::select! {
                biased;
                told = self.woken.changed() => if told.is_err() { return },
                () = wait(next) => {}
            }
        }
    }

    /// Looks at the objects that are due. Returns how long nothing else is.
    async fn round(&mut self, server: &TestServer) -> Option<Duration> {
        let objects = self.objects(server);
        let nodes = self.nodes(server);
        let has_new_nodes = nodes != self.nodes;
        self.nodes = nodes;
        let uids: BTreeSet<&str> = objects.iter().map(|found| found.uid.as_str()).collect();
        self.known.retain(|uid, _| uids.contains(uid.as_str()));
        for Found { uid, key, object } in &objects {
            let known = self.known.entry(uid.clone()).or_default();
            let is_due = known.again.is_some_and(|again| server.now() >= again);
            if is_due || has_new_nodes || known.revision != object.revision {
                known.look(server, (&self.controller, &self.nodes), (key, object)).await;
            }
        }
        let next = self.known.values().filter_map(|known| known.again).min()?;
        Some(Duration::try_from(next.duration_since(server.now())).unwrap_or_default())
    }

    /// In the order of their keys, so that equal runs are equal.
    fn objects(&self, server: &TestServer) -> Vec<Found> {
        let (group, plural) = self.controller.kind().resource();
        let all = collection(group, plural);
        let state = server.state();
        let found = state.store.covered(&all).filter_map(|(key, object)| {
            let uid = object.value.pointer("/metadata/uid")?.as_str()?.to_owned();
            Some(Found { uid, key: key.clone(), object: Arc::clone(object) })
        });
        found.collect()
    }

    fn nodes(&self, server: &TestServer) -> Vec<Node> {
        if !self.controller.kind().needs_nodes() {
            return Vec::new();
        }
        let nodes = collection("", "nodes");
        let state = server.state();
        state.store.covered(&nodes).map(|(_, node)| Node::read(&node.value)).collect()
    }
}

fn collection(group: &str, plural: &str) -> Target {
    Target { group: group.into(), resource: plural.into(), ..Target::default() }
}

impl Known {
    async fn look(
        &mut self,
        server: &TestServer,
        (controller, nodes): (&Controller, &[Node]),
        (key, object): (&Key, &Object),
    ) {
        let step = controller.step(&object.value, &self.memory, server.now(), nodes);
        self.revision = object.revision;
        self.again = step.again;
        if let Some(act) = &step.act {
            if !server.carry_out(controller, act, key, &object.value).await {
                let wait = FIRST_RETRY.saturating_mul(1 << self.failures.min(LAST_DOUBLING));
                self.again = server.now().checked_add(wait).ok();
                self.failures += 1;
                return;
            }
            self.failures = 0;
        }
        self.memory = step.memory;
    }
}

impl TestServer {
    /// Sends the request of a controller. Returns whether it was carried out, as far as the controller knows.
    async fn carry_out(
        &self,
        controller: &Controller,
        act: &Act,
        key: &Key,
        object: &Value,
    ) -> bool {
        let Key { group, resource, namespace, name } = key;
        let path = format!("/apis/{group}/v1/namespaces/{namespace}/{resource}/{name}");
        let (method, path, body) = match act {
            Act::Report(status) => {
                let mut body = object.clone();
                body["status"] = status.clone();
                (Method::PUT, format!("{path}/status"), body)
            }
            Act::Delete => {
                let uid = &object["metadata"]["uid"];
                let options = json!({ "kind": "DeleteOptions", "apiVersion": "v1",
                                      "propagationPolicy": "Foreground",
                                      "preconditions": { "uid": uid } });
                (Method::DELETE, path, options)
            }
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::USER_AGENT, "kube-controller-manager")
            .header(header::CONTENT_TYPE, "application/json");
        let Ok(request) = request.body(()) else { return false };
        let client = controller.kind().client(act).to_owned();
        let caller = Caller { client, credentials: Credentials::Name, connection: 0 };
        let answer = self.handle(caller, request.into_parts().0, Ok(Bytes::from(body.to_string())));
        match time::timeout(LONGEST_REQUEST, answer).await {
            Ok(Ok(answer)) => answer.status().is_success(),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

async fn wait(next: Option<Duration>) {
    match next.and_then(|next| Instant::now().checked_add(next)) {
        Some(at) => time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// A request that hangs would keep the server alive.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// As the queues of the real controllers do it.
const FIRST_RETRY: Duration = Duration::from_millis(5);
const LAST_DOUBLING: u32 = 17;
