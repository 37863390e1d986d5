//! Lists: pages, selectors, metadata alone.

use e2e::suites::Column;
use k8s_openapi::api::core::v1::{ConfigMap, Node, Pod, Secret};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams},
    core::{ApiResource, DynamicObject, Expression, NotUsed, Object, Selector},
};
use serde::Deserialize;
use serde_json::json;

use super::{Outcome, ensure, object, objects::create, pods::pod, refused};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let secrets: Api<Secret> = Api::default_namespaced(client.clone());
    column.step("list in pages", pages(&secrets)).await;
    column.step("labels: in, notin, exists", labels(&secrets)).await;
    column.step("fields: metadata.name, type", fields(&secrets)).await;
    column.step("fields: an unknown one is refused", unknown_field(&secrets)).await;
    column.step("list from a cache: match_any, at a version", cached(&secrets)).await;
    column.step("list_metadata, get_metadata", metadata(&secrets)).await;
    column.step("list of all namespaces", everywhere(client)).await;
    column.step("list of dynamic objects", dynamic(client)).await;
    column.step("list of objects in a shape of one's own", own_shape(client)).await;
    column.step("fields: pods by phase and by node", pod_fields(client)).await;
    column.step("nodes: cordon, uncordon, by spec.unschedulable", nodes(client)).await;
}

async fn pages(secrets: &Api<Secret>) -> Outcome {
    for n in 0..5 {
        secrets.create(&create(), &secret(&format!("page-{n}"), "page")).await?;
    }
    let mut params = ListParams::default().labels("app=page").limit(2);
    let mut sizes = Vec::new();
    loop {
        let page = secrets.list(&params).await?;
        sizes.push(page.items.len());
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params = params.continue_token(&token),
            None => break,
        }
    }
    ensure!(sizes == [2, 2, 1], "{sizes:?}");
    Ok(())
}

async fn labels(secrets: &Api<Secret>) -> Outcome {
    for app in ["red", "green", "blue"] {
        secrets.create(&create(), &secret(app, app)).await?;
    }
    let some = || ["red".to_owned(), "green".to_owned()].into();
    let count = async |expression: Expression| -> Outcome<usize> {
        let selector = Selector::from_iter([expression]);
        let params = ListParams::default().labels_from(&selector);
        let names = ["red", "green", "blue"];
        let list = secrets.list(&params).await?;
        Ok(list.iter().filter(|one| names.contains(&&*one.name_any())).count())
    };
    let counts = [
        count(Expression::In("app".into(), some())).await?,
        count(Expression::NotIn("app".into(), some())).await?,
        count(Expression::Exists("app".into())).await?,
        count(Expression::DoesNotExist("app".into())).await?,
        count(Expression::NotEqual("app".into(), "red".into())).await?,
    ];
    ensure!(counts == [2, 1, 3, 0, 2], "{counts:?}");
    Ok(())
}

async fn fields(secrets: &Api<Secret>) -> Outcome {
    secrets.create(&create(), &secret("by-field", "fields")).await?;
    for (selector, expected) in [
        ("metadata.name=by-field", 1),
        ("metadata.name!=by-field", 0),
        ("type=suite.example/colour,metadata.name=by-field", 1),
        ("type=Opaque", 0),
    ] {
        let params = ListParams::default().labels("app=fields").fields(selector);
        let found = secrets.list(&params).await?.items.len();
        ensure!(found == expected, "{selector}: {found}");
    }
    Ok(())
}

async fn unknown_field(secrets: &Api<Secret>) -> Outcome {
    let params = ListParams::default().fields("data.colour=red");
    let status = refused(secrets.list(&params).await, 400)?;
    ensure!(status.message.contains("field label not supported"), "{}", status.message);
    Ok(())
}

async fn cached(secrets: &Api<Secret>) -> Outcome {
    let secret = secrets.create(&create(), &secret("cached", "cached")).await?;
    let of = ListParams::default().labels("app=cached");
    secrets.list(&of.clone().match_any()).await?;
    let version = secret.resource_version().unwrap_or_default();
    let list = secrets.list(&of.at(&version)).await?;
    ensure!(list.items.len() == 1, "not older than {version}, but {:?}", list.metadata);
    Ok(())
}

async fn metadata(secrets: &Api<Secret>) -> Outcome {
    secrets.create(&create(), &secret("meta", "meta")).await?;
    let list = secrets.list_metadata(&ListParams::default().labels("app=meta")).await?;
    ensure!(list.types.kind == "PartialObjectMetadataList", "{:?}", list.types);
    ensure!(list.items.len() == 1, "{} items", list.items.len());
    let one = secrets.get_metadata("meta").await?;
    ensure!(one.labels()["app"] == "meta", "{:?}", one.labels());
    let types = one.types.unwrap_or_default();
    ensure!(types.kind == "PartialObjectMetadata", "{types:?}");
    Ok(())
}

async fn everywhere(client: &Client) -> Outcome {
    for (namespace, api) in ["default", client.default_namespace()]
        .map(|namespace| (namespace, Api::<ConfigMap>::namespaced(client.clone(), namespace)))
    {
        let map = json!({ "metadata": { "name": "everywhere", "labels": { "e": namespace } } });
        api.create(&create(), &object(map)).await?;
    }
    let list =
        Api::<ConfigMap>::all(client.clone()).list(&ListParams::default().labels("e")).await?;
    let mut found: Vec<_> = list.iter().filter_map(ResourceExt::namespace).collect();
    found.sort();
    ensure!(found == ["default", client.default_namespace()], "{found:?}");
    Ok(())
}

async fn dynamic(client: &Client) -> Outcome {
    let resource = ApiResource::erase::<Secret>(&());
    let api: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &resource);
    let list = api.list(&ListParams::default().labels("app=meta")).await?;
    ensure!(list.types.kind == "SecretList", "{:?}", list.types);
    let one = list.items.first().ok_or("it is missing")?;
    let secret: Secret = one.clone().try_parse()?;
    ensure!(secret.type_.as_deref() == Some("suite.example/colour"), "{secret:?}");
    Ok(())
}

async fn own_shape(client: &Client) -> Outcome {
    #[derive(Clone, Debug, Deserialize)]
    struct Spec {
        containers: Vec<Container>,
    }
    #[derive(Clone, Debug, Deserialize)]
    struct Container {
        image: String,
    }
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    pods.create(&create(), &pod("own-shape")).await?;
    let resource = ApiResource::erase::<Pod>(&());
    let api: Api<Object<Spec, NotUsed>> = Api::default_namespaced_with(client.clone(), &resource);
    let list = api.list(&ListParams::default().labels("app=own-shape")).await?;
    let images: Vec<_> = list.iter().flat_map(|pod| &pod.spec.containers).collect();
    ensure!(images.len() == 1 && images[0].image == "i", "{images:?}");
    Ok(())
}

async fn pod_fields(client: &Client) -> Outcome {
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    let mut bound = pod("on-a-node");
    bound.spec.get_or_insert_default().node_name = Some("n".into());
    pods.create(&create(), &bound).await?;
    pods.create(&create(), &pod("on-no-node")).await?;
    let running = Patch::Merge(json!({ "status": { "phase": "Running" } }));
    pods.patch_status("on-a-node", &PatchParams::default(), &running).await?;
    for selector in ["spec.nodeName=n", "status.phase=Running", "status.phase!=Pending"] {
        let list = pods.list(&ListParams::default().fields(selector)).await?;
        let names: Vec<_> = list.iter().map(ResourceExt::name_any).collect();
        ensure!(names == ["on-a-node"], "{selector}: {names:?}");
    }
    Ok(())
}

async fn nodes(client: &Client) -> Outcome {
    let nodes: Api<Node> = Api::all(client.clone());
    let node = json!({ "metadata": { "name": "kube-rs", "labels": { "suite": "kube-rs" } } });
    nodes.create(&create(), &object(node)).await?;
    let schedulable = ListParams::default().labels("suite").fields("spec.unschedulable==false");
    let count = async || Ok::<_, kube::Error>(nodes.list(&schedulable).await?.items.len());
    let before = count().await?;
    nodes.cordon("kube-rs").await?;
    let cordoned = count().await?;
    nodes.uncordon("kube-rs").await?;
    let counts = [before, cordoned, count().await?];
    ensure!(counts == [1, 0, 1], "{counts:?}");
    Ok(())
}

fn secret(name: &str, app: &str) -> Secret {
    object(json!({
        "metadata": { "name": name, "labels": { "app": app } },
        "type": "suite.example/colour",
        "stringData": { "colour": app },
    }))
}
