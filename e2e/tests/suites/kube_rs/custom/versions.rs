//! A type with several versions, and one without namespaces.

use e2e::suites::Column;
use kube::{
    Api, Client, CustomResourceExt, ResourceExt,
    api::{ListParams, Patch, PatchParams},
    core::crd::merge_crds,
};
use serde_json::json;

use super::{
    super::{Outcome, ensure, objects::create},
    define,
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("versions: stored as one, served as both", two(client)).await;
    column.step("versions: another one is stored from now on", upgraded(client)).await;
    column.step("custom: a type of the whole cluster", cluster(client)).await;
}

mod v1 {
    use kube::CustomResource;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, CustomResource, Debug, Deserialize, JsonSchema, Serialize)]
    #[kube(group = "suite.example", version = "v1", kind = "Gizmo", namespaced)]
    pub(super) struct GizmoSpec {
        pub(super) name: String,
        pub(super) old: Option<i32>,
    }

    #[derive(Clone, CustomResource, Debug, Deserialize, JsonSchema, Serialize)]
    #[kube(group = "suite.example", version = "v1", kind = "Realm")]
    pub(super) struct RealmSpec {
        pub(super) name: String,
    }
}

mod v2 {
    use kube::CustomResource;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, CustomResource, Debug, Deserialize, JsonSchema, Serialize)]
    #[kube(group = "suite.example", version = "v2", kind = "Gizmo", namespaced)]
    pub(super) struct GizmoSpec {
        pub(super) name: String,
        pub(super) extra: Option<String>,
    }
}

async fn two(client: &Client) -> Outcome {
    define(client, merge_crds(vec![v1::Gizmo::crd(), v2::Gizmo::crd()], "v1")?).await?;
    let (old, new): (Api<v1::Gizmo>, Api<v2::Gizmo>) =
        (Api::default_namespaced(client.clone()), Api::default_namespaced(client.clone()));
    let gizmo = v1::Gizmo::new("old", v1::GizmoSpec { name: "n".into(), old: Some(1) });
    old.create(&create(), &gizmo).await?;
    let served = new.get("old").await?;
    ensure!(served.spec.name == "n" && served.spec.extra.is_none(), "{served:?}");
    let extra = Some("e".into());
    let gizmo = v2::Gizmo::new("new", v2::GizmoSpec { name: "n".into(), extra });
    let params = PatchParams::apply("suite").force();
    let stored = new.patch("new", &params, &Patch::Apply(gizmo)).await?;
    // What the stored version does not know is dropped only after it is checked in the version of the request.
    let read = new.get("new").await?;
    ensure!(stored.spec.extra == read.spec.extra, "{stored:?}, then {read:?}");
    Ok(())
}

async fn upgraded(client: &Client) -> Outcome {
    define(client, merge_crds(vec![v1::Gizmo::crd(), v2::Gizmo::crd()], "v2")?).await?;
    let new: Api<v2::Gizmo> = Api::default_namespaced(client.clone());
    let patch = Patch::Merge(json!({ "spec": { "extra": "e" } }));
    let gizmo = new.patch("old", &PatchParams::default(), &patch).await?;
    ensure!(gizmo.spec.extra.as_deref() == Some("e"), "{gizmo:?}");
    let old: Api<v1::Gizmo> = Api::default_namespaced(client.clone());
    let names: Vec<_> =
        old.list(&ListParams::default()).await?.iter().map(ResourceExt::name_any).collect();
    ensure!(names == ["new", "old"], "{names:?}");
    Ok(())
}

async fn cluster(client: &Client) -> Outcome {
    define(client, v1::Realm::crd()).await?;
    let realms: Api<v1::Realm> = Api::all(client.clone());
    let realm = v1::Realm::new("north", v1::RealmSpec { name: "n".into() });
    let created = realms.create(&create(), &realm).await?;
    ensure!(created.namespace().is_none(), "{created:?}");
    Ok(())
}
