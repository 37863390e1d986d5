//! How pods end: by a deletion, by force, and with the kubelet.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, api::DeleteParams};
use kunobi_ha_test::{Fault, Request};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::rig::{Rig, condition, container, is_alive, poll, probe, process, text};

#[tokio::test]
async fn sigterm_then_the_rest_of_the_work_then_the_object_is_gone() {
    let rig = Rig::new(121).await;
    let spec = json!({
        "readinessProbe": probe("ready", json!({})),
        "livenessProbe": probe("live", json!({ "failureThreshold": 3 })),
    });
    rig.create("a", &["--linger", "1500"], spec).await;
    let pod = rig.until_ready("a").await;
    let begun = Instant::now();
    rig.delete_gracefully("a", 30);
    rig.until_logged("a", "SIGTERM").await;
    rig.until_gone("a").await;
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(1500) && took < Duration::from_secs(15), "{took:?}");
    assert_eq!(rig.logs("a").last().map(String::as_str), Some("done"));
    assert!(!is_alive(process(&pod)));

    let history = rig.history("a");
    let last = &history[history.len() - 2];
    assert_eq!(history.last(), Some(&Value::Null), "the deletion");
    assert_eq!(text(last, "/status/phase"), "Succeeded");
    assert_eq!(container(last, "/state/terminated/exitCode"), 0);
    assert_eq!(container(last, "/restartCount"), 0, "liveness is not asked of a deleted pod");
}

#[tokio::test]
async fn who_ignores_sigterm_is_killed_after_the_grace_period() {
    let rig = Rig::new(122).await;
    rig.create("a", &["--ignore-sigterm", "--child"], json!({})).await;
    let pod = rig.until_ready("a").await;
    let child = poll(|| child_of(&rig, "a")).await.unwrap();
    assert!(is_alive(child));
    let begun = Instant::now();
    rig.delete_gracefully("a", 3);
    rig.until_logged("a", "SIGTERM").await;
    assert!(is_alive(process(&pod)));
    rig.until_gone("a").await;
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(15), "{took:?}");
    assert!(!is_alive(process(&pod)));
    assert!(poll(|| (!is_alive(child)).then_some(())).await.is_some(), "its child lives on");
    let history = rig.history("a");
    let last = &history[history.len() - 2];
    assert_eq!(container(last, "/state/terminated/exitCode"), 137);
    assert_eq!(text(last, "/status/phase"), "Failed");
}

#[tokio::test]
async fn the_hook_sleeps_before_sigterm_and_the_pod_stays_ready_meanwhile() {
    let rig = Rig::new(123).await;
    let spec = json!({
        "lifecycle": { "preStop": { "sleep": { "seconds": 2 } } },
        "readinessProbe": probe("ready", json!({})),
    });
    rig.create("a", &[], spec).await;
    let pod = rig.until_ready("a").await;
    let begun = Instant::now();
    rig.delete_gracefully("a", 30);
    let answer = rig.ask(&pod, "/off/ready").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "it serves on: {answer}");
    let unready = rig.until("a", "unready", |pod| condition(pod, "Ready") == "False").await;
    assert!(container(&unready, "/state/running").is_object(), "readiness goes on while it sleeps");
    rig.until_logged("a", "SIGTERM").await;
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    rig.until_gone("a").await;
}

#[tokio::test]
async fn a_second_deletion_hurries_the_first() {
    let rig = Rig::new(124).await;
    rig.create("a", &["--ignore-sigterm"], json!({})).await;
    rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    let begun = Instant::now();
    rig.delete_gracefully("a", 600);
    rig.until_logged("a", "SIGTERM").await;
    rig.delete_gracefully("a", 1);
    rig.until_gone("a").await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_pod_whose_object_is_gone_ends_too_and_another_of_its_name_lives() {
    let rig = Rig::new(125).await;
    rig.create("a", &["--linger", "1000"], json!({})).await;
    let first = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    let pods: Api<Pod> = Api::namespaced(rig.client().await, "default");
    pods.delete("a", &DeleteParams::default().grace_period(0)).await.unwrap();
    rig.create("a", &[], json!({})).await;
    let second = rig.until_ready("a").await;
    assert_ne!(text(&first, "/status/podIP"), text(&second, "/status/podIP"));
    assert!(poll(|| (!is_alive(process(&first))).then_some(())).await.is_some());
    rig.until_logged("a", "done").await;
    assert!(is_alive(process(&second)));
    let now = rig.pod("a").unwrap();
    assert_eq!(text(&now, "/metadata/uid"), text(&second, "/metadata/uid"));
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn an_api_server_that_fails_for_a_while_is_asked_again() {
    let rig = Rig::new(129).await;
    rig.create("a", &["--linger", "500"], json!({})).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    let refused = Fault::Status { code: 503, retry_after: None };
    rig.server.script("kubelet", [refused, Fault::Refuse, Fault::LoseReply]);
    rig.delete_gracefully("a", 30);
    rig.until_gone("a").await;
    assert!(!is_alive(process(&pod)));
    assert!(rig.server.faults("kubelet").script.is_empty(), "all three of them happened");
    let failed = |request: &&Request| request.status.is_none_or(|code| code == 503);
    let requests = rig.server.requests();
    let writes = requests.iter().filter(|request| request.method != "GET");
    assert!(writes.filter(failed).count() >= 2, "{requests:#?}");
}

#[tokio::test]
async fn everything_dies_with_the_kubelet() {
    for stop in [true, false] {
        let rig = Rig::new(126).await;
        rig.create("a", &["--ignore-sigterm", "--child"], json!({})).await;
        let pod = rig.until_ready("a").await;
        let child = poll(|| child_of(&rig, "a")).await.unwrap();
        let all = [process(&pod), child];
        assert!(all.into_iter().all(is_alive));
        if stop {
            rig.kubelet.stop().await;
            assert!(!is_alive(process(&pod)), "it is gone when `stop` returns");
        } else {
            drop(rig);
        }
        let dead = poll(|| (!all.into_iter().any(is_alive)).then_some(())).await;
        assert!(dead.is_some(), "stopped: {stop}");
    }
}

#[tokio::test]
async fn the_program_runs_pods_until_it_is_interrupted() {
    let rig = Rig::with(127, |config| config.namespace = Some("elsewhere".into())).await;
    let kubeconfig = std::env::temp_dir().join(format!("kubelet-{}.json", std::process::id()));
    std::fs::write(&kubeconfig, rig.kubeconfig()).unwrap();
    let image = format!("sample:v1={}", env!("CARGO_BIN_EXE_sample-pod"));
    let mut program = Command::new(env!("CARGO_BIN_EXE_process-kubelet"))
        .args(["--namespace", "default", "--first-address", "127.1.128.1", "--node", "other"])
        .args(["--image", &image, "--env", "GREETING=hello", "--restart-backoff", "0.5"])
        .env("KUBECONFIG", &kubeconfig)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap()).lines();
    rig.create("a", &["--print", "$(GREETING)"], json!({})).await;
    let pod = rig.until_ready("a").await;
    assert_eq!(text(&pod, "/spec/nodeName"), "other");
    let line = output.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some("default/a | hello"));

    let id = i32::try_from(program.id().unwrap()).unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert!(program.wait().await.unwrap().success());
    assert!(!is_alive(process(&pod)));
    std::fs::remove_file(kubeconfig).unwrap();
}

fn child_of(rig: &Rig, name: &str) -> Option<u32> {
    rig.logs(name).iter().find_map(|line| line.strip_prefix("child ")?.parse().ok())
}
