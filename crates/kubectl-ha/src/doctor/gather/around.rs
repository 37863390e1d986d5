//! Looks at what is around Leases, and keeps of it no more than is needed: a cluster may have very much.

use std::mem::take;

use k8s_openapi::{
    Metadata,
    api::core::v1::{Node, NodeStatus},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::de::DeserializeOwned;

use super::super::facts::{Because, Cluster, Elsewhere, Look};
use crate::{
    api::{self, Kind, Target},
    failure::Failure,
};

/// Looks at one namespace, or at all.
pub(super) async fn look_around(
    api: &api::Cluster,
    namespace: Option<&str>,
) -> Result<Cluster, Failure> {
    let nodes = look(api, Kind::new("", "nodes"), None, &[], node).await?;
    look_beside(api, namespace, nodes).await
}

/// Looks at all namespaces after one. Nodes are in none, so they are not looked at again.
pub(super) async fn look_wider(api: &api::Cluster, near: Cluster) -> Result<Cluster, Failure> {
    Ok(near.widened(look_beside(api, None, Ok(Vec::new())).await?))
}

async fn look_beside(
    api: &api::Cluster,
    namespace: Option<&str>,
    nodes: Look<Vec<Node>>,
) -> Result<Cluster, Failure> {
    let of_elections =
        [("fieldSelector", "involvedObject.kind=Lease,reason=LeaderElection")].as_slice();
    let apps = |plural| Kind::new("apps", plural);
    let budgets = Kind::new("policy", "poddisruptionbudgets");
    Ok(Cluster {
        pods: look(api, Kind::PODS, namespace, &[], read).await?,
        deployments: look(api, apps("deployments"), namespace, &[], bare).await?,
        stateful_sets: look(api, apps("statefulsets"), namespace, &[], bare).await?,
        daemon_sets: look(api, apps("daemonsets"), namespace, &[], bare).await?,
        nodes,
        budgets: look(api, budgets, namespace, &[], bare).await?,
        events: look(api, Kind::EVENTS, namespace, of_elections, bare).await?,
        elsewhere: Elsewhere::default(),
    })
}

/// Lists objects; a missing right hides them, and any other failure is one.
async fn look<T>(
    api: &api::Cluster,
    kind: Kind,
    namespace: Option<&str>,
    query: &[(&str, &str)],
    read: fn(&str) -> Result<T, String>,
) -> Result<Look<Vec<T>>, Failure> {
    let target = Target::list(kind, namespace);
    let plural = kind.plural;
    match api.list(&target, query, read).await {
        Ok(listing) => {
            let read: Result<Vec<T>, String> = listing.items.into_iter().collect();
            Ok(read.map_err(|error| {
                Because::of(format!("one of the {plural} can't be read: {error}"))
            }))
        }
        Err(Failure::Denied(_)) => {
            let place = namespace.map_or_else(String::new, |it| format!(" in the namespace {it}"));
            Ok(Err(Because::denied(format!("you may not list {plural}{place}"))))
        }
        Err(failure) => Err(failure),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Reads an object without what no check reads, which may be longer than the rest.
fn bare<T: DeserializeOwned + Metadata<Ty = ObjectMeta>>(text: &str) -> Result<T, String> {
    let mut object: T = read(text)?;
    let meta = object.metadata_mut();
    (meta.annotations, meta.managed_fields) = (None, None);
    Ok(object)
}

/// Reads a node, without the images that it has for example.
fn node(text: &str) -> Result<Node, String> {
    let mut node: Node = bare(text)?;
    if let Some(status) = &mut node.status {
        let conditions = take(&mut status.conditions);
        *status = NodeStatus { conditions, ..NodeStatus::default() };
    }
    Ok(node)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_check_reads_is_not_kept() {
        let meta = json!({ "name": "n", "annotations": { "last-applied": "{}" },
                           "managedFields": [{ "manager": "kubectl" }] });
        let given = json!({ "metadata": meta, "status": { "images": [{ "names": ["i"] }],
                            "conditions": [{ "type": "Ready", "status": "True" }] } });
        let kept = node(&given.to_string()).unwrap();
        let left = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "n" },
                           "status": { "conditions": given["status"]["conditions"] } });
        assert_eq!(serde_json::to_value(kept).unwrap(), left);
        let given = json!({ "metadata": meta, "spec": { "selector": {}, "template": {} } });
        let kept: Deployment = bare(&given.to_string()).unwrap();
        let name = Some("n".to_owned());
        assert_eq!(kept.metadata, ObjectMeta { name, ..ObjectMeta::default() });
    }
}
