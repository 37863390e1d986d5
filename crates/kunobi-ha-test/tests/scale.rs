//! The subresource `scale` of a built-in type, by a real `kube::Client`.

use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, Client, Error,
    api::{Patch, PatchParams, PostParams},
};
use kunobi_ha_test::TestServer;
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
