//! Where this replica runs.

use std::{env, fmt};

use kube::{Client, Config};
use kunobi_ha::{
    BoxError,
    health_probe::PORT,
    leader::{LeaderElection, pod_namespace},
    shutdown::Handle,
};

use crate::demo;

pub(crate) struct Place {
    pub(crate) client: Client,
    pub(crate) namespace: String,
    pub(crate) election: LeaderElection,
    pub(crate) probes: String,
}

impl Place {
    /// Begins the demo if that is asked for, and finds a cluster otherwise.
    pub(crate) async fn choose(stop: &Handle) -> Result<Self, BoxError> {
        let is_demo = env::args().skip(1).any(|argument| argument == "--demo");
        if is_demo { demo::begin(stop).await } else { Self::find().await }
    }

    async fn find() -> Result<Self, BoxError> {
        let config = Config::infer().await.map_err(NoCluster)?;
        let probes = variable("POD_IP")
            .map_or("[::]".into(), |ip| if ip.contains(':') { format!("[{ip}]") } else { ip });
        Ok(Self {
            client: Client::try_from(config.clone())?,
            namespace: pod_namespace()?,
            election: LeaderElection::from_env(config)?.build(),
            probes: variable("PROBES").unwrap_or_else(|| format!("{probes}:{PORT}")),
        })
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// `main` prints an error with `Debug`.
struct NoCluster(kube::config::InferConfigError);

impl fmt::Debug for NoCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no cluster ({}); to have one, run `cargo run -p kunobi-ha-test` and export a KUBECONFIG \
             that it prints, or say `--demo`",
            self.0
        )
    }
}

impl fmt::Display for NoCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for NoCluster {}
