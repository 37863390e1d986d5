//! A demo of a few seconds, with an API server in this process.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Config,
    api::PostParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    shutdown::{Handle, Reason},
};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{greeter::TERM, place::Place};

/// Starts a server, and a task that changes objects in it.
pub(crate) async fn begin(stop: &Handle) -> Result<Place, BoxError> {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await?;
    let kubeconfig = Kubeconfig::from_yaml(&listener.kubeconfig("demo"))?;
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    let client = Client::try_from(config.clone())?;
    stop.spawn("demo", play(server.clone(), client.clone(), stop.clone()));
    stop.on_stop("demo", async move {
        print_writes(&server);
        drop(listener);
    });
    Ok(Place {
        client,
        namespace: "default".into(),
        election: LeaderElection::builder(config, "default", LEASE).identity("demo").build(),
        probes: "127.0.0.1:0".into(),
    })
}

async fn play(server: TestServer, client: Client, stop: Handle) -> Result<(), BoxError> {
    let objects = Api::<ConfigMap>::default_namespaced(client);
    for (object, name) in [("earth", "world"), ("red-planet", "Mars")] {
        let value = json!({
            "metadata": { "name": object, "labels": { "app": "demo" } },
            "data": { "name": name },
        });
        objects.create(&PostParams::default(), &serde_json::from_value(value)?).await?;
    }
    greeted(&server, "earth", "Hello, world!").await?;
    greeted(&server, "red-planet", "Hello, Mars!").await?;
    sleep(Duration::from_secs(1)).await; // For people who watch.
    server.edit(&path("earth"), |object| object["data"]["name"] = "moon".into());
    greeted(&server, "earth", "Hello, moon!").await?;
    sleep(Duration::from_secs(1)).await;
    stop.trigger(Reason::Requested("the demo is over".into()));
    Ok(())
}

/// Waits for a greeting, and checks that it names the term of the Lease.
async fn greeted(server: &TestServer, object: &str, greeting: &str) -> Result<(), BoxError> {
    let found = async {
        loop {
            let found =
                server.get(&path(object)).filter(|found| found["data"]["greeting"] == greeting);
            match found {
                Some(found) => return found,
                None => sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let found = timeout(Duration::from_secs(10), found)
        .await
        .map_err(|_| format!("{object} was not greeted with {greeting:?}"))?;
    let term = &found["metadata"]["annotations"][TERM];
    term.as_str().map(drop).ok_or_else(|| format!("{object} does not name its term").into())
}

/// Prints what was written, in order: the release comes last.
fn print_writes(server: &TestServer) {
    println!("what the server wrote:");
    for write in server.history() {
        let object = write.path.rsplit('/').next().unwrap_or_default();
        let text = |pointer| write.object.pointer(pointer).and_then(Value::as_str);
        let what = match text("/kind") {
            Some("Lease") => match text("/spec/holderIdentity") {
                Some("") | None => "released".to_owned(),
                Some(holder) => format!("held by {holder}"),
            },
            _ => text("/data/greeting").unwrap_or("not greeted yet").to_owned(),
        };
        println!("{:8} ms  {object:16} {what}", write.at_us / 1_000);
    }
}

fn path(object: &str) -> String {
    format!("/api/v1/namespaces/default/configmaps/{object}")
}

const LEASE: &str = "kunobi-ha-example";
