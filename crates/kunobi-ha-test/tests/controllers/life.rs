//! How controllers begin and end, and that runs are equal.

use std::time::Duration;

use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};
use kube::{
    Api, Client, Config,
    api::PostParams,
    runtime::wait::{await_condition, conditions},
};
use kunobi_ha_test::{Controller, Matcher, TestServer};
use serde_json::{Value, json};
use tokio::{
    runtime::Handle,
    task::yield_now,
    time::{sleep, timeout},
};

use super::world::{
    DAY, WEB, counts, deployment, deployments, is_observed, job, jobs, reason, server, set_image,
};

#[tokio::test(start_paused = true)]
async fn controllers_of_all_types_may_do_what_their_roles_allow() {
    let nodes = ["one", "two"].map(|name| {
        format!("---\napiVersion: v1\nkind: Node\nmetadata: {{ name: {name}, labels: {{ disk: ssd }} }}\n")
    });
    let server = TestServer::builder()
        .with_rbac()
        .with_controllers([
            Controller::deployments(),
            Controller::jobs(),
            Controller::stateful_sets(),
            Controller::daemon_sets(),
        ])
        .with_objects(SETS)
        .with_objects(&nodes.concat())
        .build();
    let spec = json!({ "ttlSecondsAfterFinished": 0 });
    deployments(&server).create(&PostParams::default(), &deployment(1)).await.unwrap();
    jobs(&server).create(&PostParams::default(), &job("a", &spec)).await.unwrap();
    server.until_object(WEB, "is ready", |web| counts(web) == (1, 1, 1, 1)).await;
    server.until_gone("jobs default/a").await;
    let is_ready = |set: &Value| set["status"]["availableReplicas"] == 3;
    server.until_object("statefulsets default/ordered", "is ready", is_ready).await;
    let is_ready = |number: i32| move |set: &Value| set["status"]["numberAvailable"] == number;
    server.until_object("daemonsets default/everywhere", "is ready", is_ready(2)).await;
    server.edit("nodes two", |node| node["metadata"]["labels"] = json!({}));
    server.until_object("daemonsets default/everywhere", "is on one node", is_ready(1)).await;
    server.assert_never_requested(Matcher::any().status(403));
}

#[tokio::test(start_paused = true)]
async fn a_server_takes_its_controllers_with_it() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let server = server([Controller::deployments().after(DAY), Controller::jobs()]);
    deployments(&server).create(&PostParams::default(), &deployment(1)).await.unwrap();
    server.until_object(WEB, "was looked at", is_observed(1)).await;
    assert_eq!(tasks(), before + 2);
    drop(server);
    for _ in 0..10 {
        yield_now().await;
    }
    assert_eq!(tasks(), before);
}

#[tokio::test(start_paused = true)]
async fn what_was_ready_is_ready_on_a_server_that_begins_with_a_snapshot() {
    let controllers = || {
        let (sets, jobs) = (Controller::stateful_sets(), Controller::jobs());
        [Controller::deployments(), Controller::daemon_sets(), sets, jobs]
    };
    let node = "{ apiVersion: v1, kind: Node, metadata: { name: one, labels: { disk: ssd } } }";
    let first = TestServer::builder()
        .with_controllers(controllers())
        .with_objects(SETS)
        .with_objects(node)
        .build();
    deployments(&first).create(&PostParams::default(), &deployment(2)).await.unwrap();
    jobs(&first).create(&PostParams::default(), &job("a", &json!({}))).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    let second = TestServer::builder()
        .with_controllers(controllers())
        .with_snapshot(first.snapshot())
        .build();
    sleep(Duration::from_secs(60)).await;
    assert!(second.history().is_empty(), "{:?}", second.history());
    let api = deployments(&second);
    set_image(&api, "b").await;
    let is_served = |web: &Deployment| counts(web) == (3, 1, 2, 2);
    second.until_object(WEB, "rolls out", is_served).await;
    second.until_object(WEB, "is ready", |web| counts(web) == (2, 2, 2, 2)).await;
}

#[tokio::test(start_paused = true)]
async fn there_are_not_more_pods_than_a_test_can_count() {
    let server = server([Controller::deployments()]);
    let api = deployments(&server);
    api.create(&PostParams::default(), &deployment(i32::MAX)).await.unwrap();
    server
        .until_object(WEB, "has pods", |web| counts(web) == (10_000, 10_000, 10_000, 10_000))
        .await;
}

#[test]
#[should_panic(expected = "build the server within tokio's runtime")]
fn controllers_need_a_runtime() {
    drop(server([Controller::jobs()]));
}

#[tokio::test(start_paused = true)]
async fn equal_runs_are_equal() {
    let run = async || {
        let is_late = |web: &Deployment| web.spec.progress_deadline_seconds == Some(10);
        let server = server([Controller::deployments().never_if(is_late), Controller::jobs()]);
        let left = json!({ "ttlSecondsAfterFinished": 5 });
        for (name, spec) in [("a", json!({})), ("b", json!({})), ("c", json!({})), ("d", left)] {
            jobs(&server).create(&PostParams::default(), &job(name, &spec)).await.unwrap();
        }
        let mut late = deployment(2);
        late.metadata.name = Some("late".into());
        late.spec.progress_deadline_seconds = Some(10);
        deployments(&server).create(&PostParams::default(), &late).await.unwrap();
        let api = deployments(&server);
        api.create(&PostParams::default(), &deployment(3)).await.unwrap();
        set_image(&api, "b").await;
        sleep(Duration::from_secs(60)).await;
        server.assert_requested(Matcher::delete("jobs").name("d"));
        let is_over = |late: &Deployment| reason(late, "Progressing") == "ProgressDeadlineExceeded";
        assert!(server.get_as("deployments default/late").is_some_and(|late| is_over(&late)));
        let writes = server.history().into_iter();
        writes.map(|write| (write.at_us, write.client, write.path)).collect::<Vec<_>>()
    };
    let first = run().await;
    assert!(first.len() > 15, "{first:?}");
    assert_eq!(first, run().await);
}

#[tokio::test]
async fn on_a_port_and_a_real_clock_it_is_the_same() {
    let server = server([
        Controller::deployments().after(Duration::from_millis(10)),
        Controller::jobs().after(Duration::ZERO),
    ]);
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.address()).parse().unwrap();
    let client = Client::try_from(Config::new(url)).unwrap();
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "default");
    let jobs: Api<Job> = Api::namespaced(client, "default");
    deployments.create(&PostParams::default(), &deployment(2)).await.unwrap();
    jobs.create(&PostParams::default(), &job("a", &json!({}))).await.unwrap();
    let half_a_minute = Duration::from_secs(30);
    let ready = await_condition(deployments, "web", conditions::is_deployment_completed());
    let done = await_condition(jobs, "a", conditions::is_job_completed());
    let ready = timeout(half_a_minute, ready).await.unwrap().unwrap().unwrap();
    assert_eq!(counts(&ready), (2, 2, 2, 2));
    assert!(timeout(half_a_minute, done).await.unwrap().unwrap().is_some());
}

const SETS: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ordered }
spec:
  replicas: 3
  serviceName: ordered
  selector: { matchLabels: { app: ordered } }
  template:
    metadata: { labels: { app: ordered } }
    spec: { containers: [{ name: a, image: a }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: everywhere }
spec:
  selector: { matchLabels: { app: everywhere } }
  template:
    metadata: { labels: { app: everywhere } }
    spec: { nodeSelector: { disk: ssd }, containers: [{ name: a, image: a }] }
";
