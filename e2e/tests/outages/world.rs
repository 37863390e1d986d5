//! The control plane, and who may do what.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use control_plane::{Plane, PlaneOptions};
use e2e::{objects::create_namespace, proxy::Proxy};
use kube::Client;
use serde_json::json;

use crate::Outcome;

pub(crate) struct World {
    pub(crate) plane: Plane,
    pub(crate) admin: Client,
    elections: AtomicUsize,
}

/// Candidates, by their numbers, and who asks whether the server answers.
pub(crate) const USERS: [&str; 3] = ["candidate-0", "candidate-1", "candidate-2"];
pub(crate) const PROBER: &str = "prober";
pub(crate) const NAMESPACE: &str = "outages";

impl World {
    /// Nobody but the administrator may do what no role says, so that a server that has just started
    /// refuses the candidates.
    pub(crate) async fn new() -> Outcome<Self> {
        let identities = USERS.iter().chain(&[PROBER]).map(|user| (*user).into()).collect();
        // A restarted server's cache of watches begins anew; without one for Leases a watch goes on
        // where it was, and sees every version.
        let arguments = ["--apiserver-arg", "--watch-cache-sizes=leases.coordination.k8s.io#0"];
        let arguments = arguments.map(String::from).into();
        let plane = Plane::start(&PlaneOptions { identities, arguments })?;
        let admin = plane.client("admin").await?;
        let rules = json!([{
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "verbs": ["get", "create", "update"],
        }]);
        let users = [&USERS[..], &[PROBER]].concat();
        create_namespace(&admin, NAMESPACE, &users, &rules).await?;
        Ok(Self { plane, admin, elections: AtomicUsize::new(0) })
    }

    /// Gives the control plane a command.
    pub(crate) fn order(&self, line: &str) -> Outcome {
        tokio::task::block_in_place(|| self.plane.command(line))?;
        Ok(())
    }

    /// Returns the kubeconfig of a user, through the proxy if there is one.
    pub(crate) fn kubeconfig(&self, user: &str, through: Option<&Proxy>) -> Outcome<PathBuf> {
        let Some(proxy) = through else { return Ok(self.plane.kubeconfig(user)?.to_owned()) };
        let name = format!("{user}-{}", self.number());
        Ok(proxy.kubeconfig_of(user, &self.plane, &name)?)
    }

    /// Returns a number that nobody else has.
    pub(crate) fn number(&self) -> usize {
        self.elections.fetch_add(1, Ordering::Relaxed)
    }
}
