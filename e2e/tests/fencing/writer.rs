//! A process that writes an object while it leads, as an operator does.
//!
//! It is this test program again. Told to stop, it stops itself (SIGSTOP) at the worst instant:
//! after it has checked that it leads, and before the write that depends on it.

use std::{
    env, io,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use http::Request;
use http_body_util::BodyExt;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::leader::{LeaderElection, LeaderGuard};
use rustix::process::{Pid, Signal, getpid, kill_process};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time,
};

use crate::{
    PATIENCE,
    cluster::{Cluster, until},
};

/// The handle of the process in a test.
pub(crate) struct Writer {
    process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    pub(crate) fn start(cluster: &Cluster, identity: &str, object: &str) -> Self {
        let mut command = Command::new(env::current_exe().expect("it runs"));
        command.args(["--exact", "writer_process", "--nocapture"]);
        command.env(KUBECONFIG, cluster.kubeconfig(identity)).env(IDENTITY, identity);
        command.env(NAMESPACE, &cluster.namespace).env(OBJECT, object);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process =
            tokio::process::Command::from(command).kill_on_drop(true).spawn().expect("it starts");
        let orders = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        Self { process, orders, answers }
    }

    /// Waits for the answer to its next write.
    pub(crate) async fn wrote(&mut self) -> Value {
        self.said("write").await
    }

    /// Waits for the answer to the write before which it was stopped.
    pub(crate) async fn late(&mut self) -> Value {
        self.said("late").await
    }

    /// Lets it stop itself once it is about to write.
    pub(crate) async fn stop_before_write(&mut self) {
        self.orders.write_all(b"stop\n").await.expect("it reads");
        self.until_stopped().await;
    }

    /// Stops it at any point.
    pub(crate) async fn pause(&mut self) {
        self.signal(Signal::STOP);
        self.until_stopped().await;
    }

    pub(crate) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Drops what it has said so far.
    pub(crate) async fn forget(&mut self) {
        while let Ok(Ok(Some(_))) =
            time::timeout(Duration::from_millis(1), self.answers.next_line()).await
        {}
    }

    async fn said(&mut self, event: &str) -> Value {
        let line = async {
            loop {
                let line = self.answers.next_line().await.expect("it talks").expect("it lives");
                // The test harness prints lines, too.
                let Some(said) =
                    line.find('{').and_then(|at| serde_json::from_str(&line[at..]).ok())
                else {
                    continue;
                };
                let said: Value = said;
                if said["event"] == event {
                    return said;
                }
            }
        };
        time::timeout(PATIENCE, line).await.unwrap_or_else(|_| panic!("never: {event}"))
    }

    async fn until_stopped(&self) {
        let status = format!("/proc/{}/stat", self.process.id().expect("it lives"));
        until("it is stopped", async || {
            let status = std::fs::read_to_string(&status).unwrap_or_default();
            status.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
        })
        .await;
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        kill_process(process.expect("it lives"), signal).expect("it is ours");
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // SIGKILL also ends a process that is stopped.
        let _ = self.process.start_kill();
    }
}

/// What the process does.
pub(crate) async fn run() {
    let variable = |name| env::var(name).expect("it is set");
    let kubeconfig = Kubeconfig::read_from(variable(KUBECONFIG)).expect("a kubeconfig");
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("it is whole");
    let client = Client::try_from(config).expect("a client");
    let (namespace, object) = (variable(NAMESPACE), variable(OBJECT));
    let election = LeaderElection::builder(client.clone(), &namespace, &object)
        .identity(variable(IDENTITY))
        .lease_duration(Duration::from_secs(3))
        .renew_deadline(Duration::from_secs(2))
        .retry_period(Duration::from_millis(500))
        .build();
    let (order, orders) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines() {
            if line.is_err() || order.send(()).is_err() {
                break;
            }
        }
        // The test that started this process is gone.
        std::process::exit(0);
    });
    let path = format!("/api/v1/namespaces/{namespace}/configmaps/{object}");
    loop {
        let guard = election.acquire().await.expect("it may");
        lead(&guard, &client, &path, &orders).await;
    }
}

async fn lead(guard: &LeaderGuard, client: &Client, path: &str, orders: &mpsc::Receiver<()>) {
    let fence = guard.term().fence();
    loop {
        let event = if orders.try_recv().is_ok() { "late" } else { "write" };
        if !guard.is_leader() {
            return;
        }
        // It leads: from here on it writes, whatever happens before the request is sent.
        if event == "late" {
            kill_process(getpid(), Signal::STOP).expect("it is ourselves");
        }
        let (status, message) = write(client, path, fence).await;
        println!(
            "{}",
            json!({ "event": event, "fence": fence, "status": status, "message": message })
        );
        time::sleep(Duration::from_millis(50)).await;
    }
}

/// Overwrites the object, as a process does that believes that it is the only writer.
async fn write(client: &Client, path: &str, fence: u64) -> (u16, String) {
    let name = path.rsplit('/').next();
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "labels": { "kunobi.ninja/fenced": "true" },
            "annotations": { "kunobi.ninja/fence": fence.to_string() },
        },
        "data": { "written": format!("{:?}", Instant::now()) },
    });
    let request = Request::put(path).header("content-type", "application/json");
    let request = request.body(object.to_string().into_bytes().into()).expect("a request");
    let answer = client.send(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status, body["message"].as_str().unwrap_or_default().to_owned())
}

const IDENTITY: &str = "WRITER_IDENTITY";
const KUBECONFIG: &str = "WRITER_KUBECONFIG";
const NAMESPACE: &str = "WRITER_NAMESPACE";
pub(crate) const OBJECT: &str = "WRITER_OBJECT";
