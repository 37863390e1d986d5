//! Where this replica runs.

use std::{env, fmt};

use kube::Config;
use kunobi_ha::{
    BoxError,
    health_probe::PORT,
    leader::{Identity, pod_namespace},
    shutdown::Handle,
};

use crate::demo;

pub(crate) struct Place {
    pub(crate) config: Config,
    pub(crate) namespace: String,
    pub(crate) lease: String,
    pub(crate) identity: Identity,
    pub(crate) probes: String,
}

impl Place {
    /// Finds a cluster, or makes one for the demo.
    pub(crate) async fn find(stop: &Handle) -> Result<Self, BoxError> {
        if env::args().skip(1).any(|argument| argument == "--demo") {
            return demo::begin(stop).await;
        }
        let config = Config::infer().await.map_err(NoCluster)?;
        let probes = variable("POD_IP")
            .map_or("[::]".into(), |ip| if ip.contains(':') { format!("[{ip}]") } else { ip });
        Ok(Self {
            config,
            namespace: pod_namespace().unwrap_or_else(|_| "default".into()),
            lease: variable("HA_LEASE").unwrap_or_else(|| "kunobi-ha-example".into()),
            identity: variable("POD_NAME").map_or_else(Identity::default, Identity::Custom),
            probes: variable("PROBES").unwrap_or_else(|| format!("{probes}:{PORT}")),
        })
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// `main` prints errors as `Debug` shows them.
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
