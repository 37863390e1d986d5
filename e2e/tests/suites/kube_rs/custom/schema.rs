//! What the schema of a custom type does: defaults, validation, pruning, rules.

use e2e::suites::Column;
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams, ValidationDirective},
    core::{ApiResource, DynamicObject},
};
use serde_json::{Value, json};

use super::{
    super::{Outcome, ensure, objects::create, refused},
    types::Gadget,
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let resource = ApiResource::erase::<Gadget>(&());
    let api: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &resource);
    let gadgets = Dynamic { api, resource };
    column.step("schema: defaults", defaults(&gadgets)).await;
    column.step("schema: an unknown field is pruned", pruned(&gadgets)).await;
    column.step("schema: an unknown field is refused if strict", strict(&gadgets)).await;
    column.step("schema: a missing field, a wrong type", wrong(&gadgets)).await;
    column.step("schema: limits", limits(&gadgets)).await;
    column.step("schema: a list that is a set", set(&gadgets)).await;
    column.step("dynamic: an object without a kind is refused", untyped(&gadgets)).await;
    if cfg!(feature = "cel") {
        column.step("rules: of a field, of an object", rules(&gadgets)).await;
    }
}

/// Gadgets as a program sees them that does not know the type.
struct Dynamic {
    api: Api<DynamicObject>,
    resource: ApiResource,
}

impl Dynamic {
    async fn create(&self, name: &str, spec: Value) -> kube::Result<DynamicObject> {
        self.api.create(&PostParams::default(), &self.object(name, &spec)).await
    }

    fn object(&self, name: &str, spec: &Value) -> DynamicObject {
        DynamicObject::new(name, &self.resource).data(json!({ "spec": spec }))
    }

    async fn refuses(&self, name: &str, spec: Value, why: &str) -> Outcome {
        let status = refused(self.create(name, spec).await, 422)?;
        ensure!(status.message.contains(why), "{}", status.message);
        Ok(())
    }
}

async fn defaults(gadgets: &Dynamic) -> Outcome {
    let created = gadgets.create("defaults", json!({ "colour": "red", "replicas": 1 })).await?;
    ensure!(created.data["spec"]["size"] == "medium", "{}", created.data);
    Ok(())
}

async fn pruned(gadgets: &Dynamic) -> Outcome {
    let spec = json!({ "colour": "red", "replicas": 1, "smell": "sweet" });
    let created = gadgets.create("pruned", spec).await?;
    ensure!(created.data["spec"].get("smell").is_none(), "{}", created.data);
    Ok(())
}

async fn strict(gadgets: &Dynamic) -> Outcome {
    gadgets.create("strict", json!({ "colour": "red", "replicas": 1 })).await?;
    let patch = Patch::Merge(json!({ "spec": { "smell": "sweet" } }));
    let strict = PatchParams {
        field_validation: Some(ValidationDirective::Strict),
        ..PatchParams::default()
    };
    let status = refused(gadgets.api.patch("strict", &strict, &patch).await, 422)?;
    ensure!(status.message.contains("unknown field \"spec.smell\""), "{}", status.message);
    Ok(())
}

async fn wrong(gadgets: &Dynamic) -> Outcome {
    gadgets.refuses("missing", json!({ "colour": "red" }), "spec.replicas: Required value").await?;
    let spec = json!({ "colour": "red", "replicas": "many" });
    let why =
        "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer";
    gadgets.refuses("typed", spec, why).await
}

async fn limits(gadgets: &Dynamic) -> Outcome {
    let why = "spec.colour in body should be at least 3 chars long";
    gadgets.refuses("short", json!({ "colour": "re", "replicas": 1 }), why).await?;
    let why = "spec.replicas in body should be less than or equal to 10";
    gadgets.refuses("many", json!({ "colour": "red", "replicas": 11 }), why).await
}

async fn set(gadgets: &Dynamic) -> Outcome {
    let spec = json!({ "colour": "red", "replicas": 1, "tags": ["a"] });
    gadgets.create("set", spec).await?;
    let apply = Patch::Apply(json!({
        "apiVersion": "suite.example/v1",
        "kind": "Gadget",
        "spec": { "tags": ["b"] },
    }));
    let params = PatchParams::apply("tagger").force();
    let applied = gadgets.api.patch("set", &params, &apply).await?;
    ensure!(applied.data["spec"]["tags"] == json!(["a", "b"]), "{}", applied.data);
    let spec = json!({ "colour": "red", "replicas": 1, "tags": ["a", "a"] });
    gadgets.refuses("twice", spec, "spec.tags[1]: Duplicate value: \"a\"").await
}

async fn untyped(gadgets: &Dynamic) -> Outcome {
    let mut object = gadgets.object("untyped", &json!({ "colour": "red", "replicas": 1 }));
    object.types = None;
    refused(gadgets.api.create(&create(), &object).await, 400)?;
    Ok(())
}

async fn rules(gadgets: &Dynamic) -> Outcome {
    gadgets
        .refuses("grey", json!({ "colour": "grey", "replicas": 1 }), "grey is no colour")
        .await?;
    let spec = json!({ "colour": "red", "replicas": 1 });
    gadgets.refuses("forbidden", spec, "failed rule: self.metadata.name != 'forbidden'").await
}
