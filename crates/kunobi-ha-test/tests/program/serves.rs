//! What the arguments bring about.

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{ConfigMap, Namespace},
};
use kube::{
    Api, Client, Error,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams},
    runtime::wait::{await_condition, conditions},
};
use serde_json::{Value, json};

use crate::support::{Folder, definition};

fn code(error: &Error) -> Option<u16> {
    match error {
        Error::Api(status) => Some(status.code),
        _ => None,
    }
}

/// Asks for a path of the server itself.
async fn ask(client: &Client, method: &str, path: &str, body: &str) -> kube::Result<Value> {
    let request = http::Request::builder().method(method).uri(path);
    client.request(request.body(body.as_bytes().to_vec()).expect("it is whole")).await
}

#[tokio::test]
async fn definitions_and_objects_are_there_from_the_start() {
    let folder = Folder::new("objects");
    folder.write("crds/pen.yaml", &definition("string"));
    let pen = "{ apiVersion: desk.example/v1, kind: Pen, metadata: { name: a, namespace: team } }";
    let objects = folder.write("pen.yaml", pen);
    let map = folder
        .write("map.json", r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"}}"#);
    // The order of the arguments is no matter.
    let program = folder.start(&[
        "--objects",
        &objects,
        "--objects",
        &map,
        "--crds",
        &folder.path("crds"),
        "--namespaces=team,other",
    ]);
    let client = program.client(0).await;
    let pens = ApiResource::from_gvk(&GroupVersionKind::gvk("desk.example", "v1", "Pen"));
    let pens: Api<DynamicObject> = Api::all_with(client.clone(), &pens);
    assert_eq!(pens.list(&ListParams::default()).await.unwrap().items.len(), 1);
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    assert!(maps.get("m").await.is_ok());
    let namespaces: Api<Namespace> = Api::all(client);
    assert!(namespaces.get("team").await.is_ok() && namespaces.get("other").await.is_ok());
}

#[tokio::test]
async fn a_job_is_done_if_there_are_controllers() {
    let folder = Folder::new("controllers");
    let job = r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},"spec":{"template":
        {"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"a"}]}}}}"#;
    let job = folder.write("job.json", job);
    let program = folder.start(&["--controllers", "--objects", &job]);
    let jobs: Api<Job> = Api::default_namespaced(program.client(0).await);
    let done = await_condition(jobs, "a", conditions::is_job_completed());
    let done = tokio::time::timeout(std::time::Duration::from_secs(30), done).await;
    assert!(done.unwrap().unwrap().is_some());
}

#[tokio::test]
async fn faults_are_those_that_it_is_told_then_and_later() {
    let folder = Folder::new("faults");
    let file = folder.write("fault.json", r#"{"script":[{"status":{"code":503}}]}"#);
    let from_file = format!("me=@{file}");
    let program = folder.start(&[
        "--fault",
        &from_file,
        "--fault",
        r#"you={"share":{"ratio":1,"code":429}}"#,
    ]);
    let (me, you) = (program.client(0).await, program.client(1).await);
    let list = async |client: &Client| {
        let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
        maps.list(&ListParams::default()).await.map(|_| ()).map_err(|error| code(&error))
    };
    assert_eq!((list(&me).await, list(&me).await), (Err(Some(503)), Ok(())));
    assert_eq!((list(&you).await, list(&you).await), (Err(Some(429)), Err(Some(429))));

    ask(&me, "DELETE", "/_ha/faults/you", "").await.unwrap();
    assert_eq!(list(&you).await, Ok(()));
    ask(&me, "PUT", "/_ha/faults/you", r#"{"script":[{"status":{"code":500}}]}"#).await.unwrap();
    assert_eq!(list(&you).await, Err(Some(500)));
    let typo = ask(&me, "PUT", "/_ha/faults/me", r#"{"typo":1}"#).await.unwrap_err();
    assert!(typo.to_string().contains("unknown field `typo`"), "{typo}");
    let requests = ask(&me, "GET", "/_ha/requests", "").await.unwrap();
    let of_you = |request: &&Value| request["client"] == "you" && request["status"] == 500;
    assert_eq!(requests.as_array().unwrap().iter().filter(of_you).count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn roles_decide_and_kubectl_is_thought_of() {
    let folder = Folder::new("rbac");
    let program = folder.start(&["--rbac"]);
    let maps: Api<ConfigMap> = Api::default_namespaced(program.client(0).await);
    assert_eq!(code(&maps.list(&ListParams::default()).await.unwrap_err()), Some(403));
    let ended = program.end("-INT");
    assert_eq!(ended.code, Some(0));
    assert!(ended.error.contains("--rbac without --tls: kubectl and Go's clients"), "{ended:?}");

    let open = folder.start(&[]);
    let maps: Api<ConfigMap> = Api::default_namespaced(open.client(0).await);
    assert!(maps.list(&ListParams::default()).await.is_ok());
    assert_eq!(open.end("-TERM").error, "");
}

#[tokio::test]
async fn the_log_is_as_long_as_it_is_told() {
    let folder = Folder::new("log");
    let program = folder.start(&["--log", "2"]);
    let client = program.client(0).await;
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    for name in ["a", "b", "c"] {
        let map = serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap();
        maps.create(&PostParams::default(), &map).await.unwrap();
    }
    let history = ask(&client, "GET", "/_ha/history", "").await.unwrap();
    assert_eq!(history.as_array().unwrap().len(), 2);
}
