//! The custom types of the suite.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, CustomResource, Debug, Deserialize, KubeSchema, PartialEq, Serialize)]
#[kube(
    group = "suite.example",
    version = "v1",
    kind = "Gadget",
    namespaced,
    status = "GadgetStatus",
    shortname = "gdg",
    category = "all",
    selectable = ".spec.colour",
    scale(spec_replicas_path = ".spec.replicas", status_replicas_path = ".status.replicas"),
    printcolumn(name = "Colour", type_ = "string", json_path = ".spec.colour"),
    validation = "self.metadata.name != 'forbidden'"
)]
#[serde(rename_all = "camelCase")]
pub(super) struct GadgetSpec {
    #[schemars(length(min = 3))]
    #[x_kube(validation = ("self != 'grey'", "grey is no colour"))]
    pub(super) colour: String,
    #[schemars(range(min = 0, max = 10))]
    pub(super) replicas: i32,
    #[serde(default = "size")]
    pub(super) size: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub(super) tags: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub(super) struct GadgetStatus {
    #[serde(default)]
    pub(super) replicas: i32,
    pub(super) phase: Option<String>,
}

impl Gadget {
    pub(super) fn red(name: &str, replicas: i32) -> Self {
        let colour = "red".into();
        Self::new(name, GadgetSpec { colour, replicas, size: size(), note: None, tags: Vec::new() })
    }
}

fn size() -> String {
    "medium".into()
}
