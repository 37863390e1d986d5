//! What all programs begin with.

use std::{env, time::Duration};

use k8s_openapi_0_29::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::{
    leader::LeaderElection,
    operator::Operator,
    readiness::{Health, LeaderGate},
    shutdown::Shutdown,
};

use crate::{
    program::{IDENTITY, KUBECONFIG},
    world::{LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD},
};

/// A client, and the name of its replica.
pub(super) struct Setup {
    client: Client,
    identity: String,
    timing: [Duration; 3],
}

/// Two of these seconds are for the abort, the release and the end.
pub(super) fn install(grace_seconds: u64) -> Shutdown {
    Shutdown::builder()
        .grace_period(Duration::from_secs(grace_seconds))
        .abort_budget(Duration::from_millis(500))
        .release_budget(Duration::from_secs(1))
        .stop_budget(Duration::from_millis(500))
        .install()
        .unwrap()
}

impl Setup {
    pub(super) async fn new() -> Self {
        let config = Kubeconfig::from_yaml(&env::var(KUBECONFIG).unwrap()).unwrap();
        let config =
            Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await.unwrap();
        Self {
            client: config.try_into().unwrap(),
            identity: env::var(IDENTITY).unwrap(),
            timing: [LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD],
        }
    }

    pub(super) fn with_lease_of_one_second(mut self) -> Self {
        self.timing = [1_000, 700, 200].map(Duration::from_millis);
        self
    }

    pub(super) fn maps(&self) -> Api<ConfigMap> {
        Api::namespaced(self.client.clone(), "default")
    }

    pub(super) fn election(&self) -> LeaderElection {
        let [lease_duration, renew_deadline, retry_period] = self.timing;
        LeaderElection::builder(self.client.clone(), "default", "lifecycle")
            .identity(&*self.identity)
            .lease_duration(lease_duration)
            .renew_deadline(renew_deadline)
            .retry_period(retry_period)
            .build()
    }

    /// Adds probes on a port that is logged.
    pub(super) fn operator(&self, stop: Shutdown) -> Operator {
        let election = self.election();
        let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
        Operator::new(election).shutdown(stop).probes("127.0.0.1:0", health)
    }

    pub(super) fn bare_operator(&self, stop: Shutdown) -> Operator {
        Operator::new(self.election()).shutdown(stop)
    }
}
