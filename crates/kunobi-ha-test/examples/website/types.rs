//! The custom type.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A site with one text.
#[derive(Clone, CustomResource, Debug, Deserialize, JsonSchema, Serialize)]
#[kube(
    group = "demo.kunobi.ninja",
    version = "v1",
    kind = "Website",
    namespaced,
    status = "WebsiteStatus",
    printcolumn(name = "Text", type_ = "string", json_path = ".spec.text"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.readyReplicas")
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebsiteSpec {
    /// What its page says.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) text: String,
    /// How many pods serve it.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 5))]
    pub(crate) replicas: i32,
}

/// How it is served.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebsiteStatus {
    /// How many pods are ready.
    pub(crate) ready_replicas: i32,
    /// The generation of the spec that this is about.
    pub(crate) observed_generation: i64,
}

impl Website {
    /// Whether all its pods are ready, for the spec as it is.
    pub(crate) fn is_served(&self) -> bool {
        self.status.as_ref().is_some_and(|status| {
            status.ready_replicas >= self.spec.replicas
                && self.metadata.generation == Some(status.observed_generation)
        })
    }
}

fn one() -> i32 {
    1
}
