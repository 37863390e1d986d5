//! The control plane, a node for the pods, and who may do what.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use control_plane::{Plane, PlaneOptions, program};
use e2e::objects::create_namespace;
use kube::Client;
use process_kubelet::{Config, Kubelet};
use serde_json::json;

use crate::Outcome;

pub(crate) struct World {
    pub(crate) plane: Plane,
    pub(crate) admin: Client,
    pub(crate) kubelet: Kubelet,
}

pub(crate) const NAMESPACE: &str = "crashes";
pub(crate) const OURS: &str = "kunobi-ha:v1";
pub(crate) const THEIRS: &str = "client-go:v1";
const USER: &str = "candidate";

impl World {
    pub(crate) async fn new() -> Outcome<Self> {
        let plane = Plane::start(&PlaneOptions {
            identities: vec![USER.into()],
            arguments: vec!["--controllers".into()],
        })?;
        let admin = plane.client("admin").await?;
        let rules = json!([
            {
                "apiGroups": ["coordination.k8s.io"],
                "resources": ["leases"],
                "verbs": ["get", "create", "update", "watch"],
            },
            { "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "watch"] },
        ]);
        create_namespace(&admin, NAMESPACE, &[USER], &rules).await?;
        let ours = PathBuf::from(env!("CARGO_BIN_EXE_rust-candidate"));
        let config = Config {
            namespace: Some(NAMESPACE.into()),
            images: [(OURS.into(), ours), (THEIRS.into(), program("candidate")?)].into(),
            restart_backoff: Duration::from_secs(10),
            register_node: true,
            ..Config::default()
        };
        let kubelet = Kubelet::start(admin.clone(), config);
        Ok(Self { plane, admin, kubelet })
    }

    /// Returns the kubeconfig of the candidates.
    pub(crate) fn kubeconfig(&self) -> Outcome<&Path> {
        Ok(self.plane.kubeconfig(USER)?)
    }

    /// Returns what a pod has printed.
    pub(crate) fn logs(&self, pod: &str) -> Vec<String> {
        self.kubelet.logs(&format!("{NAMESPACE}/{pod}"))
    }
}
