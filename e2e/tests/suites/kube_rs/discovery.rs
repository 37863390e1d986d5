//! Discovery, the version, raw requests, and `Client`'s own getters.

use e2e::suites::Column;
use http::Request;
use k8s_openapi::api::{
    core::v1::{ComponentStatus, ConfigMap, Namespace as Ns, ObjectReference, Pod, Service},
    rbac::v1::ClusterRole,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::ListParams,
    client::scope::{Cluster, Namespace},
    core::{DynamicObject, GroupVersion, GroupVersionKind},
    discovery::{self, Discovery, Scope, verbs},
};
use serde_json::Value;

use super::{
    Outcome, ensure,
    objects::{config_map, create},
    refused,
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("apiserver_version", version(client)).await;
    column.step("list_api_groups and their resources", groups(client)).await;
    column.step("aggregated discovery", aggregated(client)).await;
    column.step("Discovery: all groups", all(client)).await;
    column.step("Discovery: a filter", filter(client)).await;
    column.step("discovery: one group, a pinned group, a pinned kind", one(client)).await;
    column.step("every type that can be listed is listed", listed(client)).await;
    column.step("raw requests: objects, health, an unknown path", raw(client)).await;
    column.step("Client::get, list, fetch", fetch(client)).await;
    column.step("roles that every cluster has", roles(client)).await;
    column.step("component statuses", components(client)).await;
}

async fn version(client: &Client) -> Outcome {
    let version = client.apiserver_version().await?;
    ensure!(version.major == "1" && version.minor == "37", "{version:?}");
    Ok(())
}

async fn groups(client: &Client) -> Outcome {
    let groups = client.list_api_groups().await?.groups;
    let apps = groups.iter().find(|group| group.name == "apps").ok_or("apps is missing")?;
    ensure!(apps.versions[0].group_version == "apps/v1", "{apps:?}");
    let resources = client.list_api_group_resources("apps/v1").await?.resources;
    ensure!(resources.iter().any(|one| one.name == "deployments/scale"), "{resources:?}");
    let core = client.list_core_api_versions().await?.versions;
    ensure!(core == ["v1"], "{core:?}");
    let resources = client.list_core_api_resources("v1").await?.resources;
    ensure!(resources.iter().any(|one| one.name == "pods"), "{resources:?}");
    Ok(())
}

async fn aggregated(client: &Client) -> Outcome {
    let discovery = Discovery::new(client.clone()).run_aggregated().await?;
    let apps = discovery.get("apps").ok_or("apps is missing")?;
    let (resource, capabilities) = apps.recommended_kind("Deployment").ok_or("no Deployment")?;
    ensure!(resource.plural == "deployments", "{resource:?}");
    ensure!(capabilities.supports_operation(verbs::WATCH), "{capabilities:?}");
    ensure!(discovery.has_group(""), "the core group is missing");
    Ok(())
}

async fn all(client: &Client) -> Outcome {
    let discovery = Discovery::new(client.clone()).run().await?;
    let gvk = GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", "ClusterRole");
    let (resource, capabilities) = discovery.resolve_gvk(&gvk).ok_or("no ClusterRole")?;
    ensure!(resource.plural == "clusterroles", "{resource:?}");
    ensure!(matches!(capabilities.scope, Scope::Cluster), "{capabilities:?}");
    let first = discovery.groups_alphabetical()[0].name();
    ensure!(first.is_empty(), "{first} is first");
    Ok(())
}

async fn filter(client: &Client) -> Outcome {
    let discovery = Discovery::new(client.clone()).filter(&["batch"]).run().await?;
    ensure!(discovery.has_group("batch") && !discovery.has_group("apps"), "not filtered");
    Ok(())
}

async fn one(client: &Client) -> Outcome {
    let group = discovery::group(client, "apiregistration.k8s.io").await?;
    let (resource, _) = group.recommended_kind("APIService").ok_or("no APIService")?;
    let services: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    services.list(&ListParams::default()).await?;
    let pinned = discovery::pinned_group(client, &GroupVersion::gv("batch", "v1")).await?;
    let (job, _) = pinned.recommended_kind("Job").ok_or("no Job")?;
    let gvk = GroupVersionKind::gvk("batch", "v1", "Job");
    let (pinned, _) = discovery::pinned_kind(client, &gvk).await?;
    ensure!(job == pinned, "{job:?}, {pinned:?}");
    Ok(())
}

/// As a program does that copies a cluster, or looks for what is left over.
async fn listed(client: &Client) -> Outcome {
    let discovery = Discovery::new(client.clone()).run().await?;
    let mut failures = Vec::new();
    for group in discovery.groups_alphabetical() {
        for (resource, capabilities) in group.recommended_resources() {
            let is_stored = capabilities.supports_operation(verbs::CREATE);
            if !is_stored || !capabilities.supports_operation(verbs::LIST) {
                continue;
            }
            let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
            if let Err(error) = api.list(&ListParams::default().limit(1)).await {
                failures.push(format!("{}: {error}", resource.plural));
            }
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join(", "));
    Ok(())
}

async fn raw(client: &Client) -> Outcome {
    let get = |path: &str| Request::get(path).body(Vec::new());
    let pods: Value = client.request(get("/api/v1/namespaces/default/pods?limit=1")?).await?;
    ensure!(pods["kind"] == "PodList", "{pods}");
    let health = client.request_text(get("/readyz")?).await?;
    ensure!(health == "ok", "{health}");
    refused(client.request::<Value>(get("/apis/nobody.example/v1/things")?).await, 404)?;
    Ok(())
}

async fn fetch(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let map = maps.create(&create(), &config_map("fetched")).await?;
    let namespace = Namespace::from(client.default_namespace().to_owned());
    let got = client.get::<ConfigMap>("fetched", &namespace).await?;
    ensure!(got == map, "{got:?}");
    let spaces = client.list::<Ns>(&ListParams::default(), &Cluster).await?;
    ensure!(spaces.iter().any(|space| space.name_any() == "default"), "{spaces:?}");
    let fetched: DynamicObject = client.fetch(&map.object_ref(&())).await?;
    ensure!(fetched.uid() == map.uid(), "{fetched:?}");
    let wrong = client.fetch::<Pod>(&map.object_ref(&())).await;
    ensure!(matches!(wrong, Err(kube::Error::SerdeError(_))), "{wrong:?}");
    let service = ObjectReference {
        api_version: Some(Service::api_version(&()).into()),
        kind: Some(Service::kind(&()).into()),
        namespace: Some("default".into()),
        name: Some("kubernetes".into()),
        ..ObjectReference::default()
    };
    let service: Service = client.fetch(&service).await?;
    ensure!(service.spec.is_some(), "{service:?}");
    Ok(())
}

async fn roles(client: &Client) -> Outcome {
    let role = client.get::<ClusterRole>("cluster-admin", &Cluster).await?;
    ensure!(role.rules.is_some(), "{role:?}");
    Ok(())
}

async fn components(client: &Client) -> Outcome {
    let components = client.list::<ComponentStatus>(&ListParams::default(), &Cluster).await?;
    let names: Vec<_> = components.iter().map(ResourceExt::name_any).collect();
    ensure!(names.contains(&"scheduler".into()), "{names:?}");
    Ok(())
}
