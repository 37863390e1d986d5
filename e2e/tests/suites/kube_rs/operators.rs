//! What widely used operators and their tests do beyond kube's own examples.

use e2e::suites::Column;
use k8s_openapi::api::{
    coordination::v1::Lease,
    core::v1::{ConfigMap, Namespace, ResourceQuota, Secret},
    networking::v1::NetworkPolicy,
    rbac::v1::{Role, RoleBinding},
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
    core::{ApiResource, DynamicObject, GroupVersionKind, TypeMeta},
    runtime::{conditions, wait::await_condition},
};
use serde_json::{Value, json};

use super::{
    Outcome, ensure, object,
    objects::{config_map, create},
    refused,
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("lease: claimed by apply, lost at an old version", lease(client)).await;
    column.step("a set of objects by apply, orphans by their label", set(client)).await;
    column.step("a namespace for each test, deleted with its contents", space(client)).await;
    column.step("a write into a missing namespace", missing_space(client)).await;
    column.step("documents of YAML, as dynamic objects", documents(client)).await;
    column.step("conditions by apply, one manager each", managers(client)).await;
    column.step("a secret copied into another namespace", copied(client)).await;
    column.step("roles with their bindings; a binding keeps its role", roles(client)).await;
    column.step("an annotation as a lock, by a test of JSON patch", locked(client)).await;
    column.step("delete in the foreground", foreground(client)).await;
}

/// As kubert claims a Lease: by apply, at the version that it has read.
async fn lease(client: &Client) -> Outcome {
    let leases: Api<Lease> = Api::default_namespaced(client.clone());
    let first =
        leases.create(&create(), &object(json!({ "metadata": { "name": "claim" } }))).await?;
    let claim = async |holder: &str, version: Option<String>| {
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": { "name": "claim", "resourceVersion": version },
            "spec": {
                "holderIdentity": holder,
                "leaseDurationSeconds": 15,
                "acquireTime": "2026-01-02T03:04:05.000000Z",
                "renewTime": "2026-01-02T03:04:05.000000Z",
            },
        });
        let params = PatchParams::apply("suite.example/claims").force();
        leases.patch("claim", &params, &Patch::Apply(lease)).await
    };
    let held = claim("a", first.resource_version()).await?;
    let holder = held.spec.and_then(|spec| spec.holder_identity);
    ensure!(holder.as_deref() == Some("a"), "{holder:?}");
    refused(claim("b", first.resource_version()).await, 409)?;
    Ok(())
}

/// As Stackable's operators: what is applied has a label, and what has it and was not applied is deleted.
async fn set(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    for (wanted, expected) in
        [(["set-a", "set-b"], ["set-a", "set-b"]), (["set-b", "set-c"], ["set-b", "set-c"])]
    {
        for name in wanted {
            let map = json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": { "name": name, "labels": { "app.kubernetes.io/managed-by": "suite" } },
            });
            let params = PatchParams::apply("suite.example/set").force();
            maps.patch(name, &params, &Patch::Apply(map)).await?;
        }
        let ours = ListParams::default().labels("app.kubernetes.io/managed-by=suite");
        for map in maps.list(&ours).await? {
            if !wanted.contains(&&*map.name_any()) {
                maps.delete(&map.name_any(), &DeleteParams::default()).await?;
            }
        }
        let left: Vec<_> = maps.list(&ours).await?.iter().map(ResourceExt::name_any).collect();
        ensure!(left == expected, "{left:?}");
    }
    Ok(())
}

async fn space(client: &Client) -> Outcome {
    let spaces: Api<Namespace> = Api::all(client.clone());
    let metadata = json!({ "generateName": "suite-", "labels": { "suite": "kube-rs" } });
    let space = spaces.create(&create(), &object(json!({ "metadata": metadata }))).await?;
    let phase = space.status.as_ref().and_then(|status| status.phase.as_deref());
    ensure!(phase == Some("Active"), "{phase:?}");
    let label = space.labels().get("kubernetes.io/metadata.name");
    ensure!(label == Some(&space.name_any()), "{label:?}");
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), &space.name_any());
    maps.create(&create(), &config_map("inside")).await?;
    spaces.delete(&space.name_any(), &DeleteParams::default()).await?;
    let uid = space.uid().ok_or("it has no uid")?;
    let name = space.name_any();
    await_condition(spaces, &name, conditions::is_deleted(&uid)).await?;
    ensure!(maps.get_opt("inside").await?.is_none(), "its contents stay");
    Ok(())
}

async fn missing_space(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), "suite-missing");
    let status = refused(maps.create(&create(), &config_map("nowhere")).await, 404)?;
    ensure!(status.message == "namespaces \"suite-missing\" not found", "{}", status.message);
    let list = maps.list(&ListParams::default()).await?;
    ensure!(list.items.is_empty(), "{list:?}");
    Ok(())
}

/// As a program that applies the manifests of others.
async fn documents(client: &Client) -> Outcome {
    let documents = [
        json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "of-yaml" },
                "spec": { "hard": { "pods": "50" } } }),
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": { "name": "of-yaml" }, "spec": { "podSelector": {} } }),
        json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "of-yaml" },
                "spec": { "schedule": "0 0 * * *", "jobTemplate": { "spec": { "template": { "spec": {
                    "restartPolicy": "Never", "containers": [{ "name": "c", "image": "i" }] } } } } } }),
    ];
    for document in documents {
        let types: TypeMeta = object(document.clone());
        let gvk = GroupVersionKind::try_from(&types)?;
        let (resource, _): (ApiResource, _) = kube::discovery::pinned_kind(client, &gvk).await?;
        let api: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &resource);
        let params = PatchParams::apply("suite.example/documents").force();
        api.patch("of-yaml", &params, &Patch::Apply(document)).await?;
    }
    let quotas: Api<ResourceQuota> = Api::default_namespaced(client.clone());
    quotas.get("of-yaml").await?;
    let policies: Api<NetworkPolicy> = Api::default_namespaced(client.clone());
    let spec = policies.get("of-yaml").await?.spec.unwrap_or_default();
    ensure!(spec.policy_types == Some(vec!["Ingress".into()]), "{:?}", spec.policy_types);
    Ok(())
}

/// As the controllers of the Gateway API: each owns its own conditions, by their type.
async fn managers(client: &Client) -> Outcome {
    let name = client.default_namespace();
    let spaces: Api<Namespace> = Api::all(client.clone());
    let apply = async |manager: &str, conditions: Value| {
        let status = json!({ "apiVersion": "v1", "kind": "Namespace",
                             "status": { "conditions": conditions } });
        let params = PatchParams::apply(manager).force();
        spaces.patch_status(name, &params, &Patch::Apply(status)).await
    };
    let condition = |type_: &str| json!([{ "type": type_, "status": "True" }]);
    apply("suite.example/a", condition("A")).await?;
    let both = apply("suite.example/b", condition("B")).await?;
    let types = |space: &Namespace| -> Vec<String> {
        let status = space.status.clone().unwrap_or_default();
        status.conditions.into_iter().flatten().map(|one| one.type_).collect()
    };
    ensure!(types(&both) == ["A", "B"], "{:?}", types(&both));
    let one = apply("suite.example/a", json!([])).await?;
    ensure!(types(&one) == ["B"], "{:?}", types(&one));
    Ok(())
}

async fn copied(client: &Client) -> Outcome {
    let here: Api<Secret> = Api::default_namespaced(client.clone());
    let there: Api<Secret> = Api::namespaced(client.clone(), "default");
    let secret = json!({ "metadata": { "name": "copied" }, "stringData": { "k": "v" } });
    let mut secret = here.create(&create(), &object(secret)).await?;
    secret.metadata.namespace = Some("default".into());
    let status = refused(there.create(&create(), &secret).await, 500)?;
    let why = "resourceVersion should not be set on objects to be created";
    ensure!(status.message.contains(why), "{}", status.message);
    secret.metadata.resource_version = None;
    secret.metadata.uid = None;
    secret.metadata.managed_fields = None;
    let copy = there.create(&create(), &secret).await?;
    ensure!(copy.data == secret.data, "{:?}", copy.data);
    Ok(())
}

async fn roles(client: &Client) -> Outcome {
    let roles: Api<Role> = Api::default_namespaced(client.clone());
    let reads = json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]);
    let role = json!({ "metadata": { "name": "reader" }, "rules": reads });
    roles.create(&create(), &object(role)).await?;
    let bindings: Api<RoleBinding> = Api::default_namespaced(client.clone());
    let binding = |role: &str| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": { "name": "reader" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role },
            "subjects": [{ "kind": "ServiceAccount", "name": "default", "namespace": "default" }],
        })
    };
    let apply = async |role: &str| {
        let params = PatchParams::apply("suite").force();
        bindings.patch("reader", &params, &Patch::Apply(binding(role))).await
    };
    apply("reader").await?;
    let status = refused(apply("writer").await, 422)?;
    ensure!(status.message.contains("field is immutable"), "{}", status.message);
    Ok(())
}

async fn locked(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let mut map = config_map("locked");
    map.annotations_mut().insert("lock".into(), "free".into());
    maps.create(&create(), &map).await?;
    let take = async |who: &str| {
        let patch = json!([
            { "op": "test", "path": "/metadata/annotations/lock", "value": "free" },
            { "op": "replace", "path": "/metadata/annotations/lock", "value": who },
        ]);
        let patch = Patch::Json::<()>(object(patch));
        maps.patch("locked", &PatchParams::default(), &patch).await
    };
    take("a").await?;
    refused(take("b").await, 422)?;
    Ok(())
}

async fn foreground(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let parent = maps.create(&create(), &config_map("in-front")).await?;
    let mut child = config_map("behind");
    let mut owner = parent.controller_owner_ref(&()).ok_or("it has no uid")?;
    owner.block_owner_deletion = Some(true);
    child.metadata.owner_references = Some(vec![owner]);
    child.finalizers_mut().push("suite.example/hold".into());
    maps.create(&create(), &child).await?;
    let deleted = maps.delete("in-front", &DeleteParams::foreground()).await?;
    let parent = deleted.left().ok_or("it is gone at once")?;
    ensure!(parent.finalizers() == ["foregroundDeletion"], "{:?}", parent.finalizers());
    for name in ["behind", "in-front"] {
        let none = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
        match maps.patch(name, &PatchParams::default(), &none).await {
            Ok(_) => {}
            // With its last dependent, the garbage collector lets it go.
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            Err(error) => return Err(error.into()),
        }
    }
    ensure!(maps.get_opt("in-front").await?.is_none(), "it stays");
    Ok(())
}
