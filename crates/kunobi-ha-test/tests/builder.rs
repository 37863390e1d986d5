//! What a server begins with.

use k8s_openapi::{
    api::core::v1::ConfigMap,
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams},
    discovery,
};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn types_are_defined_from_values_and_files_and_served_at_once() {
    let folder = std::env::temp_dir().join(format!("builder-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let yaml = serde_json::to_string_pretty(&definition("paper")).unwrap();
    std::fs::write(folder.join("2.yaml"), format!("# a comment\n---\n{yaml}\n---\n")).unwrap();
    std::fs::write(folder.join("1.json"), definition("pen").to_string()).unwrap();
    std::fs::write(folder.join("notes.txt"), "not: [YAML").unwrap();
    let typed: CustomResourceDefinition = serde_json::from_value(definition("ink")).unwrap();
    let server = TestServer::builder().with_crds([typed]).with_crd_files(&folder).build();
    std::fs::remove_dir_all(folder).unwrap();

    let client = Client::new(server.service("me"), "default");
    for kind in ["Ink", "Paper", "Pen"] {
        let kind = GroupVersionKind::gvk("desk.example", "v1", kind);
        let (resource, _) = discovery::pinned_kind(&client, &kind).await.unwrap();
        let objects: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &resource);
        let object =
            DynamicObject::new("a", &resource).data(json!({ "spec": { "colour": "red" } }));
        objects.create(&PostParams::default(), &object).await.unwrap();
        let wrong = DynamicObject::new("b", &resource).data(json!({ "spec": { "colour": 1 } }));
        let refused = objects.create(&PostParams::default(), &wrong).await.unwrap_err();
        assert!(refused.to_string().contains("spec.colour"), "{refused}");
        assert_eq!(objects.list(&ListParams::default()).await.unwrap().items.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn objects_are_created_in_their_order_in_the_namespace_that_they_state() {
    let yaml = format!(
        "{}\n---\napiVersion: desk.example/v1\nkind: Pen\nmetadata: {{ name: a }}\n\
         ---\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: other }}\n\
         ---\napiVersion: v1\nkind: Secret\nmetadata: {{ name: s, namespace: other }}\n",
        definition("pen")
    );
    let server = TestServer::builder().with_objects(&yaml).build();
    assert!(server.get("/apis/desk.example/v1/namespaces/default/pens/a").is_some());
    assert!(server.get("/api/v1/namespaces/other/secrets/s").is_some());
    assert!(server.history().is_empty(), "nobody asked for them");
    let pens = ApiResource::from_gvk(&GroupVersionKind::gvk("desk.example", "v1", "Pen"));
    let client = Client::new(server.service("me"), "other");
    let pens: Api<DynamicObject> = Api::all_with(client, &pens);
    assert_eq!(pens.list(&ListParams::default()).await.unwrap().items.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_into_a_namespace_that_does_not_exist_is_refused_unless_the_server_is_told_otherwise()
 {
    let map = || {
        let metadata = ObjectMeta { name: Some("m".into()), ..ObjectMeta::default() };
        ConfigMap { metadata, ..ConfigMap::default() }
    };
    let create = async |server: TestServer, namespace: &str| {
        let maps: Api<ConfigMap> =
            Api::namespaced(Client::new(server.service("me"), "x"), namespace);
        maps.create(&PostParams::default(), &map()).await
    };
    for namespace in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        create(TestServer::new(), namespace).await.expect(namespace);
    }
    let refused = create(TestServer::new(), "team").await.unwrap_err();
    assert!(matches!(
        refused,
        kube::Error::Api(status) if status.code == 404 && status.message == "namespaces \"team\" not found"
    ));
    let with = TestServer::builder().with_namespaces(["team", "default", "team"]).build();
    create(with, "team").await.expect("it was created");
    let without = TestServer::builder().without_namespace_checks().build();
    create(without, "team").await.expect("it is not asked for");
}

#[test]
#[should_panic(
    expected = "v1 ConfigMap team/a can't be created: namespaces \"team\" not found; create it first, with `with_namespaces`"
)]
fn an_object_in_a_namespace_that_does_not_exist_is_told_with_what_to_do() {
    let yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: team }";
    drop(TestServer::builder().with_objects(yaml).build());
}

#[test]
#[should_panic(
    expected = "v1 ConfigMap default/A can't be created: ConfigMap \"A\" is invalid: metadata.name"
)]
fn an_object_that_is_refused_is_named_with_the_reason() {
    let yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: A, namespace: default }";
    drop(TestServer::builder().with_objects(yaml).build());
}

#[test]
#[should_panic(
    expected = "desk.example/v1 Pen /a can't be created: no such type is known; define it first"
)]
fn a_type_that_is_not_known_is_told_with_what_to_do() {
    let yaml = "apiVersion: desk.example/v1\nkind: Pen\nmetadata: { name: a }";
    drop(TestServer::builder().with_objects(yaml).build());
}

#[test]
#[should_panic(expected = "can't load no/such/folder")]
fn a_folder_that_does_not_exist_is_told() {
    drop(TestServer::builder().with_crd_files("no/such/folder"));
}

#[test]
#[should_panic(expected = "no type has the plural name \"configmaps/x\"")]
fn an_object_is_injected_at_its_path_only() {
    TestServer::new().inject("configmaps/x", json!({}));
}

fn definition(singular: &str) -> Value {
    let mut kind = singular.to_owned();
    kind[..1].make_ascii_uppercase();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{singular}s.desk.example") },
        "spec": {
            "group": "desk.example",
            "scope": "Namespaced",
            "names": { "kind": kind, "plural": format!("{singular}s"), "singular": singular },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": {
                "type": "object",
                "properties": { "spec": { "type": "object", "properties": { "colour": { "type": "string" } } } },
            } } }],
        },
    })
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_the_test_itself_edits_or_deletes_counts_at_once() {
    const PATH: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pens.desk.example";
    let server = TestServer::builder().with_crds([definition("pen")]).build();
    let before = server.snapshot();
    let client = Client::new(server.service("me"), "default");
    let kind = |version: &str| GroupVersionKind::gvk("desk.example", version, "Pen");
    let is_served =
        async |version: &str| discovery::pinned_kind(&client, &kind(version)).await.is_ok();
    assert!(is_served("v1").await && !is_served("v2").await);
    server.edit(PATH, |definition| definition["spec"]["versions"][0]["name"] = "v2".into());
    assert!(is_served("v2").await && !is_served("v1").await);
    assert!(server.delete(PATH));
    assert!(!is_served("v2").await);
    server.restore(before);
    assert!(is_served("v1").await);
}
