//! A server and a kubelet, and what tests do with them.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use jiff::Timestamp;
use kube::{
    Client,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha_test::{Listener, TestServer};
use process_kubelet::{Config, Kubelet};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{self, Instant},
};

pub(crate) struct Rig {
    pub(crate) server: TestServer,
    pub(crate) kubelet: Kubelet,
    listener: Listener,
    port: u16,
}

impl Rig {
    /// Each test has a network of its own, because all run at the same time.
    pub(crate) async fn new(network: u8) -> Self {
        Self::with(network, |_| {}).await
    }

    pub(crate) async fn with(network: u8, configure: impl FnOnce(&mut Config)) -> Self {
        let server = TestServer::new();
        let listener = server.listen("127.0.0.1:0").await.expect("a port is free");
        let mut config = Config {
            images: [("sample:v1".into(), env!("CARGO_BIN_EXE_sample-pod").into())].into(),
            restart_backoff: Duration::from_millis(300),
            restart_backoff_max: Duration::from_millis(600),
            first_address: Ipv4Addr::new(127, 1, network, 1),
            ..Config::default()
        };
        configure(&mut config);
        let kubelet = Kubelet::start(client(&listener).await, config);
        // The port is free on the other loopback addresses, too.
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = free.local_addr().expect("it is bound").port();
        Self { server, kubelet, listener, port }
    }

    pub(crate) async fn client(&self) -> Client {
        client(&self.listener).await
    }

    /// Creates `default/NAME` with one container and what `spec` says on top of it.
    pub(crate) async fn create(&self, name: &str, arguments: &[&str], spec: Value) {
        let port = self.port.to_string();
        let arguments: Vec<&str> = ["--port", &port].iter().chain(arguments).copied().collect();
        let mut container = json!({
            "name": "sample",
            "image": "sample:v1",
            "args": arguments,
            "ports": [{ "name": "http", "containerPort": self.port }],
            "env": [{ "name": "POD_IP", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } }],
        });
        let mut pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": name },
            "spec": { "restartPolicy": "Always", "terminationGracePeriodSeconds": 30 },
        });
        let (mut others, mut ephemeral) = (Value::Null, Value::Null);
        let Value::Object(spec) = spec else { panic!("{spec}") };
        for (key, value) in spec {
            match key.as_str() {
                "others" => others = value,
                "annotations" => pod["metadata"][key] = value,
                "terminationGracePeriodSeconds"
                | "restartPolicy"
                | "shareProcessNamespace"
                | "hostNetwork" => pod["spec"][key] = value,
                "ephemeralContainers" => ephemeral = value,
                _ => container[key] = value,
            }
        }
        let others = others.as_array().into_iter().flatten().cloned();
        pod["spec"]["containers"] = std::iter::once(container).chain(others).collect();
        let pod = serde_json::from_value(pod).expect("it is a pod");
        let pods: kube::Api<k8s_openapi::api::core::v1::Pod> =
            kube::Api::namespaced(self.client().await, "default");
        // No pod is created with ephemeral containers; they are added later, by a subresource that is not served.
        let dry_run = !ephemeral.is_null();
        let options = kube::api::PostParams { dry_run, ..Default::default() };
        let pod = pods.create(&options, &pod).await.expect("it is created");
        if dry_run {
            let mut pod = serde_json::to_value(pod).expect("it is JSON");
            pod["spec"]["ephemeralContainers"] = ephemeral;
            self.server.inject(&path(name), pod);
        }
    }

    /// Deletes a pod as a DELETE does, even if faults are set for clients.
    pub(crate) fn delete_gracefully(&self, name: &str, seconds: u64) {
        self.server.edit(&path(name), |pod| {
            pod["metadata"]["deletionTimestamp"] = format!("{:.0}", Timestamp::now()).into();
            pod["metadata"]["deletionGracePeriodSeconds"] = seconds.into();
        });
    }

    pub(crate) fn annotate(&self, name: &str, key: &str, value: &str) {
        self.server.edit(&path(name), |pod| pod["metadata"]["annotations"][key] = value.into());
    }

    pub(crate) fn pod(&self, name: &str) -> Option<Value> {
        self.server.get(&path(name))
    }

    /// All versions of a pod that were ever stored.
    pub(crate) fn history(&self, name: &str) -> Vec<Value> {
        let path = path(name);
        let writes = self.server.history().into_iter();
        writes.filter(|write| write.path == path).map(|write| write.object).collect()
    }

    pub(crate) fn logs(&self, name: &str) -> Vec<String> {
        self.kubelet.logs(&format!("default/{name}"))
    }

    /// Waits until this is true of a pod.
    pub(crate) async fn until(&self, name: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let got = poll(|| self.pod(name).filter(|pod| is(pod))).await;
        got.unwrap_or_else(|| {
            panic!("never {what}: {:#}\n{:#?}", self.pod(name).unwrap_or_default(), self.logs(name))
        })
    }

    pub(crate) async fn until_ready(&self, name: &str) -> Value {
        self.until(name, "ready", |pod| condition(pod, "Ready") == "True").await
    }

    pub(crate) async fn until_gone(&self, name: &str) {
        let gone = poll(|| self.pod(name).is_none().then_some(())).await;
        gone.unwrap_or_else(|| panic!("never gone: {:#?}", self.logs(name)));
    }

    pub(crate) async fn until_logged(&self, name: &str, line: &str) {
        let logged = poll(|| self.logs(name).iter().any(|got| got == line).then_some(())).await;
        logged.unwrap_or_else(|| panic!("never logged {line}: {:#?}", self.logs(name)));
    }

    /// Waits until the program of a pod answers: without a probe the pod is ready before that.
    pub(crate) async fn until_logged_listening(&self, name: &str) {
        let is_up = |line: &String| line.starts_with("listening on ");
        let logged = poll(|| self.logs(name).iter().any(is_up).then_some(())).await;
        logged.unwrap_or_else(|| panic!("it never listens: {:#?}", self.logs(name)));
    }

    pub(crate) fn kubeconfig(&self) -> String {
        self.listener.kubeconfig("kubelet")
    }

    /// Sends a request to the program of a pod, at the address of the pod.
    pub(crate) async fn ask(&self, pod: &Value, path: &str) -> String {
        let address = text(pod, "/status/podIP");
        let mut stream = TcpStream::connect((address, self.port)).await.expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        answer
    }
}

pub(crate) fn probe(name: &str, more: Value) -> Value {
    let mut probe = json!({
        "httpGet": { "path": format!("/is/{name}"), "port": "http" },
        "periodSeconds": 1,
        "failureThreshold": 1,
    });
    let (Value::Object(probe_fields), Value::Object(more)) = (&mut probe, more) else {
        panic!("no objects");
    };
    probe_fields.extend(more);
    probe
}

pub(crate) fn condition(pod: &Value, kind: &str) -> String {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let found = conditions.into_iter().flatten().find(|condition| condition["type"] == kind);
    found.map(|condition| text(condition, "/status").to_owned()).unwrap_or_default()
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The first container's status.
pub(crate) fn container<'a>(pod: &'a Value, pointer: &str) -> &'a Value {
    pod.pointer(&format!("/status/containerStatuses/0{pointer}")).unwrap_or(&Value::Null)
}

pub(crate) fn process(pod: &Value) -> u32 {
    let id = container(pod, "/containerID").as_str().and_then(|id| id.strip_prefix("process://"));
    id.and_then(|id| id.parse().ok()).expect("it has a process")
}

/// A process that was not waited for yet counts as gone.
pub(crate) fn is_alive(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let state = status.lines().find_map(|line| line.strip_prefix("State:"));
    state.is_some_and(|state| !state.contains('Z'))
}

/// Sends SIGKILL.
pub(crate) fn kill(process: u32) {
    let id = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    let id = id.expect("it is the number of a process");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("it lives");
}

pub(crate) async fn poll<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > end {
            return None;
        }
        time::sleep(Duration::from_millis(10)).await;
    }
}

fn path(name: &str) -> String {
    format!("/api/v1/namespaces/default/pods/{name}")
}

async fn client(listener: &Listener) -> Client {
    let config = Kubeconfig::from_yaml(&listener.kubeconfig("kubelet")).expect("a kubeconfig");
    let options = KubeConfigOptions::default();
    let config =
        kube::Config::from_custom_kubeconfig(config, &options).await.expect("a configuration");
    Client::try_from(config).expect("a client")
}

const PATIENCE: Duration = Duration::from_secs(30);
