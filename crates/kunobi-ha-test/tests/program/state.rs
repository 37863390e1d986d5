//! `--state`: what outlives the program.
#![cfg(unix)]

use std::{fs, os::unix::fs::symlink, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{
        ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams, PostParams,
        WatchEvent, WatchParams,
    },
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{Folder, Program, client, command, definition, refused};

fn maps(client: &Client) -> Api<ConfigMap> {
    Api::default_namespaced(client.clone())
}

async fn create(client: &Client, name: &str) -> ConfigMap {
    let map = serde_json::from_value(json!({ "metadata": { "name": name } })).expect("a map");
    maps(client).create(&PostParams::default(), &map).await.expect("it is created")
}

async fn create_pen(client: &Client, name: &str, colour: Value) -> kube::Result<DynamicObject> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("desk.example", "v1", "Pen"));
    let pens: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &resource);
    let pen = DynamicObject::new(name, &resource).data(json!({ "spec": { "colour": colour } }));
    pens.create(&PostParams::default(), &pen).await
}

#[tokio::test]
async fn everything_is_as_it_was_when_it_was_stopped() {
    let folder = Folder::new("round");
    let state = folder.path("state.json");
    let crds = folder.write("pen.yaml", &definition("string"));
    let arguments = ["--state", &state, "--crds", &crds];
    let program = folder.start(&arguments);
    let client = program.client(0).await;
    let first = create(&client, "a").await.metadata.resource_version.expect("it has one");
    let apply = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "k": "v" } });
    let apply = Patch::Apply(apply);
    let before = maps(&client).patch("a", &PatchParams::apply("me"), &apply).await.unwrap();
    create_pen(&client, "p", "red".into()).await.unwrap();
    // At once: the last write is in it, too.
    let ended = program.end("-TERM");
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""));

    let program = folder.start(&["--state", &state]);
    let client = program.client(0).await;
    let after = maps(&client).get("a").await.unwrap();
    assert_eq!(after, before, "with its uid, its version and its managers");
    create_pen(&client, "q", "blue".into()).await.expect("the type is served");
    assert!(create_pen(&client, "r", 1.into()).await.is_err(), "with its schema");
    let watch = maps(&client).watch(&WatchParams::default(), &first).await.unwrap();
    let event = Box::pin(watch).next().await.expect("an event");
    assert!(matches!(event, Ok(WatchEvent::Error(status)) if status.code == 410));
    assert_eq!(program.end("-INT").code, Some(0));

    // A definition of --crds replaces that of the state.
    folder.write("pen.yaml", &definition("integer"));
    let program = folder.start(&arguments);
    let client = program.client(0).await;
    create_pen(&client, "r", 1.into()).await.expect("an integer");
    assert_eq!(maps(&client).list(&ListParams::default()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn what_was_written_a_second_ago_outlives_a_crash() {
    let folder = Folder::new("crash");
    let state = folder.path("state.json");
    let program = folder.start(&["--state", &state]);
    assert!(folder.read("state.json").contains("kunobi-ha-test/snapshot"), "it can be written");
    create(&program.client(0).await, "kept").await;
    let saved = async {
        while !folder.read("state.json").contains("\"kept\"") {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), saved).await.expect("it is saved");
    assert_eq!(program.end("-KILL").code, None);
    let program = folder.start(&["--state", &state]);
    assert!(maps(&program.client(0).await).get("kept").await.is_ok());
}

#[tokio::test]
async fn a_file_that_is_something_else_stays_as_it_is() {
    let folder = Folder::new("foreign");
    let whole = folder.path("whole");
    assert_eq!(folder.start(&["--state", &whole]).end("-TERM").code, Some(0));
    let whole = folder.read("whole");
    let (half, newer) =
        (&whole[..whole.len() / 2], whole.replace("\"version\": 1", "\"version\": 9"));
    for (text, why) in [
        ("", "it is not JSON, or is cut off"),
        (half, "it is not JSON, or is cut off"),
        ("{\"apiVersion\": \"v1\"}", "it is no snapshot of this server"),
        (newer.as_str(), "version 9 of the format"),
        (&whole.replace("\"name\":\"default\"", "\"name\":\"kube-public\""), "it is there twice"),
    ] {
        let file = folder.write("state", text);
        let output = refused(&["--state", &file]);
        let error = output.stderr;
        assert_eq!(output.code, Some(2), "{error}");
        assert!(error.contains(&file) && error.contains(why), "{why} is not in: {error}");
        assert_eq!(folder.read("state"), text);
    }
    let file = folder.path("no/such/folder/state");
    let output = refused(&["--kubeconfig", &folder.path("config"), "--state", &file]);
    let error = output.stderr;
    assert_eq!(output.code, Some(2));
    assert!(error.contains("can't be written") && output.stdout.is_empty(), "{error}");
    assert!(!fs::exists(folder.path("config")).expect("it can be asked"), "nothing is begun");
}

#[tokio::test]
async fn a_link_stays_a_link() {
    let folder = Folder::new("link");
    let (file, link) = (folder.write("file", ""), folder.path("link"));
    fs::remove_file(&file).unwrap();
    assert_eq!(folder.start(&["--state", &file]).end("-TERM").code, Some(0));
    symlink(&file, &link).unwrap();
    let program = folder.start(&["--state", &link]);
    create(&program.client(0).await, "a").await;
    assert_eq!(program.end("-TERM").code, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(folder.read("file").contains("\"configmaps\""));
}

#[tokio::test]
async fn the_first_start_fills_what_a_link_leads_to() {
    let folder = Folder::new("dangling");
    fs::create_dir(folder.path("at")).unwrap();
    // One link after the other, each relative to its own folder.
    for (link, to) in [("state", "at/state"), ("at/state", "../there"), ("config", "at/config")] {
        symlink(to, folder.path(link)).unwrap();
    }
    let (state, config) = (folder.path("state"), folder.path("config"));
    let ended = Program::start(&["--state", &state, "--kubeconfig", &config], 1).end("-TERM");
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""));
    for link in ["state", "at/state", "config"] {
        assert!(fs::symlink_metadata(folder.path(link)).unwrap().is_symlink(), "{link}");
    }
    assert!(folder.read("there").contains("kunobi-ha-test/snapshot"));
    assert!(folder.read("at/config").contains("clusters"));
}

#[test]
fn a_link_that_leads_nowhere_is_refused() {
    let folder = Folder::new("astray");
    for (link, to) in [("round", "round"), ("lost", "no/such/folder")] {
        symlink(to, folder.path(link)).unwrap();
        let output = refused(&["--state", &folder.path(link)]);
        assert_eq!(output.code, Some(2), "{}", output.stderr);
        assert!(output.stderr.contains("--state "), "{}", output.stderr);
        assert!(fs::symlink_metadata(folder.path(link)).unwrap().is_symlink(), "{link}");
    }
}

/// As in `ha-test-server … 2>&1 | head -2`.
#[tokio::test]
async fn nobody_needs_to_read_what_it_tells() {
    let unheard = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Program::spawn(command(arguments).stderr(writer))
    };
    let folder = Folder::new("unheard");
    // The object, as well as --rbac, has a warning.
    let object = folder.write(
        "map.yaml",
        "{ apiVersion: desk.example/v1, kind: Pen, metadata: { name: a, finalizers: [b] } }",
    );
    let crds = folder.write("pen.yaml", &definition("string"));
    let (state, config) = (folder.path("state"), folder.path("config"));
    let arguments = ["--rbac", "--clients", "admin", "--kubeconfig", &config, "--state", &state];
    let arguments = [&arguments[..], &["--crds", &crds, "--objects", &object]].concat();
    let mut program = unheard(&arguments);
    program.line("listening on ");
    let kubeconfig = program.line("export KUBECONFIG=");
    let client = client(kubeconfig.as_ref(), None).await;
    create(&client, "b").await;
    assert_eq!(program.end("-TERM").code, Some(0));
    assert!(folder.read("state").contains("\"name\":\"b\""));

    let mut wrong = unheard(&["--log", "many"]);
    assert_eq!(wrong.code(), Some(2));
}
