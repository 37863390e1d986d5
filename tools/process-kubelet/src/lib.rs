//! A kubelet whose containers are local processes.
//!
//! It binds pods without a node to its node, gives each an address of its own, runs the
//! program that an image stands for, probes it, reports on it, and ends it as kubelet does. The
//! decisions (probe thresholds, back-off, grace periods, phase and conditions, environment) are
//! plain functions and state machines without a clock; the drivers around them only wait and act.
//!
//! | module | what is in it |
//! | --- | --- |
//! | `plan`, `environment` | what a container of a pod is to run |
//! | `probe` | thresholds: when a container is started, ready, or to be restarted |
//! | `backoff`, `shutdown` | when it is started again, and when it is sent which signal |
//! | `termination` | what a container says of its end |
//! | `status` | the status of a pod |
//! | `accidents` | what annotations let happen |
//! | `node` | the driver of all pods, and of the Node object |
//! | `pod`, `container` | the drivers of one pod and of one container |
//! | `process`, `check`, `api`, `logs`, `files` | the world: processes, probes, the API server, output |

mod accidents;
mod addresses;
mod api;
mod backoff;
mod check;
mod config;
mod container;
mod environment;
mod files;
mod logs;
mod node;
mod plan;
mod pod;
mod probe;
mod process;
mod shutdown;
mod status;
mod termination;

use kube::Client;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::config::Config;
use self::{logs::Logs, node::Node};

/// A running node. All its processes are killed when this is dropped or stopped.
#[derive(Debug)]
#[must_use = "all pods are killed when this is dropped"]
pub struct Kubelet {
    stop: DropGuard,
    logs: Logs,
    node: JoinHandle<()>,
}

impl Kubelet {
    /// Starts to take pods, in a task of the current tokio runtime.
    pub fn start(client: Client, config: Config) -> Self {
        let stop = CancellationToken::new();
        let logs = Logs::new(config.echo);
        let node = Node::new(client, config, logs.clone(), stop.clone());
        Self { stop: stop.drop_guard(), logs, node: tokio::spawn(node.run()) }
    }

    /// Kills all processes and waits until they are gone. Nothing is reported to the API server, as
    /// when a node loses its power.
    ///
    /// # Cancel safety
    ///
    /// Everything is killed even if this is dropped half-way; only the waiting ends.
    pub async fn stop(self) {
        drop(self.stop);
        // If it panicked, nothing is left of it either.
        let _ = self.node.await;
    }

    /// Returns the lines that the containers of a pod (`namespace/name`) wrote so far, over all
    /// restarts, standard output and standard error as they came. They outlive the pod.
    #[must_use]
    pub fn logs(&self, pod: &str) -> Vec<String> {
        self.logs.of(pod)
    }
}
