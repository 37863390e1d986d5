//! The subresources `scale` and `eviction` of built-in types, by a real `kube::Client`.

#![expect(clippy::unwrap_used, reason = "what fails, fails the test")]

use std::fmt::Debug;

use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet, StatefulSet},
    core::v1::{Pod, ReplicationController},
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Client, Error, Resource,
    api::{EvictParams, Patch, PatchParams, PostParams},
    core::{NamespaceResourceScope, Request, Status},
};
use kunobi_ha_test::TestServer;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_deployment_is_scaled_and_its_selector_is_told_as_text() {
    let client = Client::new(TestServer::new().service("me"), "default");
    let deployments: Api<Deployment> = Api::default_namespaced(client);
    let labels = json!({ "a": "b", "x": "1", "y": "2" });
    let deployment = json!({
        "metadata": { "name": "d" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "a": "b" }, "matchExpressions": [
                { "key": "x", "operator": "In", "values": ["2", "1"] },
                { "key": "y", "operator": "Exists" },
            ] },
            "template": { "metadata": { "labels": labels },
                          "spec": { "containers": [{ "name": "c", "image": "i" }] } },
        },
    });
    let deployment: Deployment = serde_json::from_value(deployment).unwrap();
    deployments.create(&PostParams::default(), &deployment).await.unwrap();
    let scale = deployments.get_scale("d").await.unwrap();
    assert_eq!(scale.spec.as_ref().unwrap().replicas, Some(2));
    assert_eq!(scale.status.unwrap().selector.as_deref(), Some("a=b,x in (1,2),y"));

    let more = Patch::Merge(json!({ "spec": { "replicas": 5 } }));
    deployments.patch_scale("d", &PatchParams::default(), &more).await.unwrap();
    let scaled = deployments.get("d").await.unwrap();
    assert_eq!(scaled.spec.replicas, Some(5));
    assert_eq!(scaled.metadata.generation, Some(2));
    let managers = scaled.metadata.managed_fields.unwrap();
    let entry = managers.iter().find(|entry| entry.subresource.as_deref() == Some("scale"));
    let fields = &entry.expect("an entry for the scale").fields_v1.as_ref().unwrap().0;
    assert_eq!(*fields, json!({ "f:spec": { "f:replicas": {} } }));

    let old = json!({ "metadata": { "resourceVersion": "1" }, "spec": { "replicas": 1 } });
    let refused = deployments.patch_scale("d", &PatchParams::default(), &Patch::Merge(old)).await;
    assert!(matches!(refused, Err(Error::Api(status)) if status.code == 409));
    assert!(
        matches!(deployments.get_scale("e").await, Err(Error::Api(status)) if status.code == 404)
    );
}

async fn scales<K>(client: &Client, labels_are_bare: bool)
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + DeserializeOwned
        + Serialize,
{
    let api: Api<K> = Api::default_namespaced(client.clone());
    let labels = json!({ "a": "b" });
    let selector = if labels_are_bare { labels.clone() } else { json!({ "matchLabels": labels }) };
    let object = json!({
        "metadata": { "name": "x" },
        "spec": { "replicas": 1, "serviceName": "s", "selector": selector, "template": {
            "metadata": { "labels": labels },
            "spec": { "containers": [{ "name": "c", "image": "i" }] },
        } },
    });
    let object: K = serde_json::from_value(object).unwrap();
    let created = api.create(&PostParams::default(), &object).await.unwrap();

    let applied = |replicas: i32| {
        Patch::Apply(json!({ "apiVersion": "autoscaling/v1", "kind": "Scale",
                             "metadata": { "name": "x" }, "spec": { "replicas": replicas } }))
    };
    let params = PatchParams::apply("hpa");
    let refused = failure(api.patch_scale("x", &params, &applied(4)).await);
    assert_eq!((refused.code, refused.reason.as_str()), (409, "Conflict"));
    let forced = params.clone().force();
    api.patch_scale("x", &forced, &applied(4)).await.unwrap();
    let mut scale = api.get_scale("x").await.unwrap();
    assert_eq!(scale.spec.as_ref().unwrap().replicas, Some(4));
    assert_eq!(scale.status.as_ref().unwrap().selector.as_deref(), Some("a=b"));
    assert_eq!(scale.metadata.uid, created.meta().uid);

    let scaled = api.get("x").await.unwrap();
    assert_eq!(scaled.meta().generation, Some(2));
    let managers = scaled.meta().managed_fields.as_ref().unwrap();
    let owner = managers.iter().find(|entry| entry.manager.as_deref() == Some("hpa")).unwrap();
    assert_eq!(owner.operation.as_deref(), Some("Apply"));
    assert_eq!(owner.subresource.as_deref(), Some("scale"));
    assert_eq!(owner.api_version.as_deref(), Some(&*K::api_version(&())));

    scale.spec.as_mut().unwrap().replicas = Some(5);
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let replaced = api.replace_scale("x", &dry, &scale).await.unwrap();
    assert_eq!(replaced.spec.unwrap().replicas, Some(5));
    assert_eq!(api.get_scale("x").await.unwrap().spec.unwrap().replicas, Some(4));
    api.replace_scale("x", &PostParams::default(), &scale).await.unwrap();
    let refused = failure(api.replace_scale("x", &PostParams::default(), &scale).await);
    assert_eq!((refused.code, refused.reason.as_str()), (409, "Conflict"));

    let negative = Patch::Merge(json!({ "spec": { "replicas": -1 } }));
    let refused = failure(api.patch_scale("x", &PatchParams::default(), &negative).await);
    let why = "Scale.autoscaling \"x\" is invalid: spec.replicas: Invalid value: -1: must be \
               greater than or equal to 0";
    assert_eq!((refused.code, refused.message.as_str()), (422, why));
    let other = Patch::Merge(json!({ "metadata": { "uid": "other" } }));
    let refused = failure(api.patch_scale("x", &PatchParams::default(), &other).await);
    assert!(refused.message.contains("/scale"), "{}", refused.message);
    // Zero is no version.
    let any = json!({ "metadata": { "resourceVersion": "0" }, "spec": { "replicas": 6 } });
    api.patch_scale("x", &PatchParams::default(), &Patch::Merge(any)).await.unwrap();
    let strategic = Patch::Strategic(json!({ "spec": { "replicas": 0 } }));
    api.patch_scale("x", &PatchParams::default(), &strategic).await.unwrap();
    assert_eq!(api.get_scale("x").await.unwrap().spec.unwrap().replicas, None);
}

#[tokio::test(start_paused = true)]
async fn every_type_with_replicas_is_scaled_by_all_verbs() {
    let client = Client::new(TestServer::new().service("me"), "default");
    scales::<Deployment>(&client, false).await;
    scales::<ReplicaSet>(&client, false).await;
    scales::<StatefulSet>(&client, false).await;
    scales::<ReplicationController>(&client, true).await;
}

/// A server with running pods, each ready and with the label `app`.
struct Cluster {
    client: Client,
    pods: Api<Pod>,
    budgets: Api<PodDisruptionBudget>,
}

impl Cluster {
    fn new() -> Self {
        let client = Client::new(TestServer::new().service("me"), "default");
        Self {
            pods: Api::default_namespaced(client.clone()),
            budgets: Api::default_namespaced(client.clone()),
            client,
        }
    }

    async fn pod(&self, name: &str, phase: &str) {
        let pod = json!({
            "metadata": { "name": name, "labels": { "app": "x" } },
            "spec": { "nodeName": "n", "containers": [{ "name": "c", "image": "i" }] },
        });
        let pod: Pod = serde_json::from_value(pod).unwrap();
        self.pods.create(&PostParams::default(), &pod).await.unwrap();
        let status = json!({ "status": { "phase": phase, "conditions": [
            { "type": "Ready", "status": "True" },
        ] } });
        self.pods.patch_status(name, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
    }

    async fn budget(&self, name: &str, allowed: i32) {
        let budget = json!({
            "metadata": { "name": name },
            "spec": { "maxUnavailable": 1, "selector": { "matchLabels": { "app": "x" } } },
        });
        let budget: PodDisruptionBudget = serde_json::from_value(budget).unwrap();
        self.budgets.create(&PostParams::default(), &budget).await.unwrap();
        let status = json!({ "status": { "observedGeneration": 1, "disruptionsAllowed": allowed,
                                         "currentHealthy": 2, "desiredHealthy": 2,
                                         "expectedPods": 2 } });
        let params = PatchParams::default();
        self.budgets.patch_status(name, &params, &Patch::Merge(status)).await.unwrap();
    }

    async fn evict(&self, name: &str) -> Result<Status, Error> {
        self.pods.evict(name, &EvictParams::default()).await
    }

    async fn is_being_deleted(&self, name: &str) -> bool {
        self.pods.get(name).await.unwrap().metadata.deletion_timestamp.is_some()
    }
}

fn failure<T: Debug>(result: Result<T, Error>) -> Status {
    match result {
        Err(Error::Api(status)) => *status,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_eviction_says_so_in_the_status_and_deletes_the_pod() {
    let cluster = Cluster::new();
    cluster.pod("p", "Running").await;
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let dry = EvictParams { post_options: dry, ..EvictParams::default() };
    cluster.pods.evict("p", &dry).await.unwrap();
    assert!(!cluster.is_being_deleted("p").await);
    let before = cluster.pods.get("p").await.unwrap();
    let answer = cluster.evict("p").await.unwrap();
    assert_eq!(answer.code, 201);
    let pod = cluster.pods.get("p").await.unwrap();
    assert_eq!(pod.metadata.deletion_grace_period_seconds, Some(30));
    let conditions = pod.status.unwrap().conditions.unwrap();
    let condition = conditions.iter().find(|it| it.type_ == "DisruptionTarget").unwrap();
    assert_eq!(condition.status, "True");
    assert_eq!(condition.reason.as_deref(), Some("EvictionByEvictionAPI"));
    assert_eq!(condition.message.as_deref(), Some("Eviction API: evicting"));
    // Nobody comes to own it.
    assert_eq!(pod.metadata.managed_fields, before.metadata.managed_fields);

    let missing = failure(cluster.evict("q").await);
    assert_eq!((missing.code, missing.message.as_str()), (404, "pods \"q\" not found"));
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_spent_until_it_refuses() {
    let cluster = Cluster::new();
    for pod in ["p", "q"] {
        cluster.pod(pod, "Running").await;
    }
    cluster.budget("b", 1).await;
    cluster.evict("p").await.unwrap();
    let budget = cluster.budgets.get("b").await.unwrap();
    let status = budget.status.unwrap();
    assert_eq!(status.disruptions_allowed, Some(0));
    assert!(status.disrupted_pods.unwrap().contains_key("p"));
    assert_eq!(status.conditions.unwrap()[0].reason, "InsufficientPods");
    let managers = budget.metadata.managed_fields.unwrap();
    assert!(managers.iter().any(|entry| entry.manager.as_deref() == Some("kube-apiserver")));

    let refused = failure(cluster.evict("q").await);
    assert_eq!((refused.code, refused.reason.as_str()), (429, "TooManyRequests"));
    let why = "Cannot evict pod as it would violate the pod's disruption budget.";
    assert_eq!(refused.message, why);
    let cause = &refused.details.unwrap().causes[0];
    assert_eq!(cause.reason, "DisruptionBudget");
    assert_eq!(cause.message, "The disruption budget b needs 2 healthy pods and has 2 currently");
    assert!(!cluster.is_being_deleted("q").await);
    // What is deleted already needs no budget.
    cluster.evict("p").await.unwrap();
    cluster.pod("done", "Succeeded").await;
    cluster.evict("done").await.unwrap();

    cluster.budget("c", 1).await;
    assert_eq!(failure(cluster.evict("q").await).code, 500);
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_spent_even_if_the_pod_is_another_one() {
    let cluster = Cluster::new();
    cluster.pod("p", "Running").await;
    cluster.budget("b", 1).await;
    let before = cluster.pods.get("p").await.unwrap();
    // `Api::evict` of kube sends its options under a name that no server knows.
    let eviction = json!({ "kind": "Eviction", "apiVersion": "policy/v1", "metadata": { "name": "p" },
                           "deleteOptions": { "preconditions": { "uid": "other" } } });
    let eviction = serde_json::to_vec(&eviction).unwrap();
    let request = Request::new(Pod::url_path(&(), Some("default")));
    let params = PostParams::default();
    let request = request.create_subresource("eviction", "p", &params, eviction).unwrap();
    let refused = failure(cluster.client.request::<Status>(request).await);
    let after = cluster.pods.get("p").await.unwrap();
    let is = before.metadata.uid.as_ref().unwrap();
    let why = format!(
        "Operation cannot be fulfilled on Pod \"p\": the UID in the precondition (other) does not \
         match the UID in record ({is}). The object might have been deleted and then recreated"
    );
    assert_eq!((refused.code, refused.message), (409, why));
    assert_eq!(after, before);
    let budget = cluster.budgets.get("b").await.unwrap();
    assert_eq!(budget.status.unwrap().disruptions_allowed, Some(0));
}
