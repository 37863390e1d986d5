//! Asks every 10 ms for another Lease, and so finds out when the server answers again.

use std::{path::Path, time::Duration};

use e2e::clock::boottime;
use http::Request;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::Value;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{error::Elapsed, interval, timeout},
};

use crate::{LIMIT, Outcome, world::NAMESPACE};

pub(crate) struct Prober {
    client: Client,
}

/// When a server was back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Return {
    /// Its first answer, which may be a refusal.
    pub(crate) answered: u64,
    /// The first answer that a candidate could use.
    pub(crate) served: u64,
}

impl Prober {
    pub(crate) async fn new(kubeconfig: &Path) -> Outcome<Self> {
        let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
        let options = KubeConfigOptions::default();
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
        config.default_retry = false;
        Ok(Self { client: Client::try_from(config)? })
    }

    /// Asks until the server serves again, in a task of its own.
    pub(crate) fn returned(self) -> JoinHandle<Result<Return, Elapsed>> {
        tokio::spawn(async move { timeout(LIMIT, self.asks()).await })
    }

    /// Does not wait for one answer before it asks again: a server that starts may keep a request.
    async fn asks(self) -> Return {
        let (mut asking, mut rhythm) = (JoinSet::new(), interval(PERIOD));
        let mut answered = None;
        loop {
            let asked = tokio::select! {
                Some(asked) = asking.join_next() => asked,
                _ = rhythm.tick(), if asking.len() < MOST => {
                    asking.spawn(ask(self.client.clone()));
                    continue;
                }
            };
            let now = boottime();
            match asked {
                Ok(Asked::Served) => {
                    return Return { answered: answered.unwrap_or(now), served: now };
                }
                Ok(Asked::Refused) => answered = answered.or(Some(now)),
                Ok(Asked::Unanswered) | Err(_) => {}
            }
        }
    }
}

async fn ask(client: Client) -> Asked {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/no-such");
    let Ok(request) = Request::get(path).body(Vec::new()) else { return Asked::Unanswered };
    match timeout(Duration::from_secs(1), client.request::<Value>(request)).await {
        Ok(Ok(_)) => Asked::Served,
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => Asked::Served,
        Ok(Err(kube::Error::Api(_))) => Asked::Refused,
        Ok(Err(_)) | Err(_) => Asked::Unanswered,
    }
}

enum Asked {
    Served,
    Refused,
    Unanswered,
}

const PERIOD: Duration = Duration::from_millis(10);
/// How many requests it has outstanding.
const MOST: usize = 20;
