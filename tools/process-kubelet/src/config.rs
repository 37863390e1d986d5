//! The configuration of the node.

use std::{collections::BTreeMap, net::Ipv4Addr, path::PathBuf, time::Duration};

/// What a [`Kubelet`](super::Kubelet) is to do. Start from [`Config::default`].
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of its node.
    pub node: String,
    /// The namespace whose pods it takes; `None` takes those of all namespaces.
    pub namespace: Option<String>,
    /// The program that each image stands for. It takes the place of the image's entry point, or of
    /// the first word of the container's `command`.
    pub images: BTreeMap<String, PathBuf>,
    /// What every container has in its environment, unless it says otherwise.
    pub environment: Vec<(String, String)>,
    /// Which kubeconfig is in `KUBECONFIG` of a service account's pods, by `namespace/name` or by
    /// name: what takes the place of a mounted token.
    pub kubeconfigs: BTreeMap<String, PathBuf>,
    /// How often it looks whether containers have started or ended, as kubelet does. What it did not
    /// do itself it learns this much later at most.
    pub relist_period: Duration,
    /// How long the second restart waits; each further one waits for twice as long.
    pub restart_backoff: Duration,
    /// The longest that a restart waits.
    pub restart_backoff_max: Duration,
    /// The address of its first pod; up to 253 more follow in the same /24.
    pub first_address: Ipv4Addr,
    /// The address of the node, which is `status.hostIP` of its pods.
    pub node_address: Ipv4Addr,
    /// Whether it makes a Node object and renews a Lease in `kube-node-lease`.
    pub register_node: bool,
    /// Whether the output of the pods is repeated on standard output.
    pub echo: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            node: "process-node".into(),
            namespace: None,
            images: BTreeMap::new(),
            environment: Vec::new(),
            kubeconfigs: BTreeMap::new(),
            relist_period: Duration::from_secs(1),
            restart_backoff: Duration::from_secs(10),
            restart_backoff_max: Duration::from_secs(300),
            first_address: Ipv4Addr::new(127, 1, 0, 1),
            node_address: Ipv4Addr::LOCALHOST,
            register_node: false,
            echo: false,
        }
    }
}
