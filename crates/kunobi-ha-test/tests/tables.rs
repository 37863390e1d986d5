//! Tables as a client of a test sees them: their ages follow the paused clock.

use std::time::Duration;

use http::{Request, header};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::PostParams};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
const PODS: &str = "/api/v1/namespaces/default/pods";

async fn table(client: &Client, query: &str) -> Value {
    let request = Request::get(format!("{PODS}?{query}")).header(header::ACCEPT, TABLE);
    client.request(request.body(Vec::new()).expect("a request")).await.expect("a table")
}

fn cells(row: &Value) -> Vec<&str> {
    let cells = row["cells"].as_array().expect("cells").iter();
    cells.map(|cell| cell.as_str().expect("a text")).collect()
}

async fn create(client: &Client) {
    let pod = json!({ "metadata": { "name": "a" },
                      "spec": { "containers": [{ "name": "c", "image": "i" }] } });
    let pod = serde_json::from_value(pod).expect("a pod");
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    pods.create(&PostParams::default(), &pod).await.expect("it is created");
}

#[tokio::test(start_paused = true)]
async fn ages_follow_the_paused_clock() {
    let server = TestServer::new();
    let client = Client::new(server.service("me"), "default");
    create(&client).await;
    for (seconds, expected) in [(0, "0s"), (90, "90s"), (60, "2m30s"), (3600 * 24 * 3, "3d")] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        let table = table(&client, "").await;
        assert_eq!(table["columnDefinitions"][4]["name"], "Age");
        let expected = ["a", "0/1", "Pending", "0", expected, NONE, NONE, NONE, NONE];
        assert_eq!(cells(&table["rows"][0]), expected);
        assert_eq!(table["rows"][0]["object"]["metadata"]["name"], "a");
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_told_with_its_age() {
    let server = TestServer::new();
    let client = Client::new(server.service("me"), "default");
    create(&client).await;
    let path = format!("{PODS}/a");
    server.edit(&path, |pod| {
        let end = pod["metadata"]["creationTimestamp"].clone();
        let container = json!({ "name": "c", "ready": true, "restartCount": 3,
                                "state": { "running": {} },
                                "lastState": { "terminated": { "finishedAt": end } } });
        pod["status"] = json!({ "phase": "Running", "containerStatuses": [container] });
    });
    tokio::time::advance(Duration::from_secs(180)).await;
    let table = table(&client, "includeObject=None").await;
    assert_eq!(cells(&table["rows"][0])[..5], ["a", "1/1", "Running", "3 (3m ago)", "3m"]);
    assert_eq!(table["rows"][0]["object"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_row_of_a_watch_is_as_old_as_when_it_is_sent() {
    let server = TestServer::new();
    let client = Client::new(server.service("me"), "default");
    create(&client).await;
    let query = format!("{PODS}?watch=true&timeoutSeconds=100");
    let request = Request::get(query).header(header::ACCEPT, TABLE).body(Vec::new());
    let watch = client.request_text(request.expect("a request"));
    let change = async {
        tokio::time::sleep(Duration::from_secs(50)).await;
        server.edit(&format!("{PODS}/a"), |pod| pod["status"]["phase"] = "Failed".into());
    };
    let (events, ()) = tokio::join!(watch, change);
    let events = events.expect("events");
    let events: Vec<Value> =
        events.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let [first, second] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(first["object"]["columnDefinitions"].as_array().map(Vec::len), Some(9));
    assert_eq!(second["object"]["columnDefinitions"], Value::Null);
    let rows = [&first["object"]["rows"][0], &second["object"]["rows"][0]];
    assert_eq!(cells(rows[0])[2..5], ["Pending", "0", "0s"]);
    assert_eq!(cells(rows[1])[2..5], ["Failed", "0", "50s"]);
    assert_eq!(rows[1]["conditions"][0]["reason"], "Failed");
}

const NONE: &str = "<none>";
