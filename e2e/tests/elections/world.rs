//! What the tests of this target have in common.

use std::{env, path::PathBuf, time::Duration};

use control_plane::{Plane, PlaneOptions, program};
use e2e::candidate::{Candidate, CandidateOptions, Maker};
use kube::{Api, Client, api::PostParams};
use serde_json::{Value, from_value, json};

use crate::Outcome;

/// A control plane, and a namespace.
pub(crate) struct World {
    pub(crate) plane: Plane,
    pub(crate) client: Client,
    pub(crate) namespace: String,
}

/// Leases of 3 s: lease duration, renew deadline, retry period.
pub(crate) const TIMING: [Duration; 3] =
    [Duration::from_secs(3), Duration::from_secs(2), Duration::from_millis(500)];

/// A limit for every wait.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

impl World {
    pub(crate) async fn new(namespace: &str) -> Outcome<Self> {
        let plane = Plane::start(&PlaneOptions::default())?;
        let client = plane.client("admin").await?;
        let body = from_value(json!({ "metadata": { "name": namespace } }))?;
        let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
        namespaces.create(&PostParams::default(), &body).await?;
        Ok(Self { plane, client, namespace: namespace.into() })
    }

    /// Starts a candidate that reaches the server directly.
    pub(crate) fn candidate(
        &self,
        maker: Maker,
        lease: &str,
        identity: &str,
        arguments: &[&str],
    ) -> Outcome<Candidate> {
        let kubeconfig = self.plane.kubeconfig("admin")?.to_owned();
        let options = self.options(maker, lease, identity, arguments)?;
        Ok(Candidate::start(CandidateOptions { kubeconfig, ..options })?)
    }

    pub(crate) fn options(
        &self,
        maker: Maker,
        lease: &str,
        identity: &str,
        arguments: &[&str],
    ) -> Outcome<CandidateOptions> {
        Ok(CandidateOptions {
            maker,
            program: match maker {
                Maker::ClientGo => program("candidate")?,
                Maker::Kunobi => env!("CARGO_BIN_EXE_rust-candidate").into(),
            },
            kubeconfig: PathBuf::new(),
            namespace: self.namespace.clone(),
            lease: lease.into(),
            identity: identity.into(),
            timing: TIMING,
            arguments: arguments.iter().map(|text| (*text).into()).collect(),
        })
    }

    /// Returns the object at this path.
    pub(crate) async fn get(&self, path: &str, accept: &str) -> Outcome<Value> {
        let request = http::Request::get(path).header("Accept", accept).body(Vec::new())?;
        Ok(self.client.request(request).await?)
    }
}

/// Tells whether only the part that the gate runs is to run.
pub(crate) fn part() -> bool {
    env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part")
}
