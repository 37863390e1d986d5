//! What a container leaves in its termination message file, and where it is then read.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::rig::{Rig, container, is_alive, kill, poll, process, text};

#[tokio::test]
async fn a_message_is_in_the_state_and_then_in_the_last_state() {
    let rig = Rig::new(141).await;
    let spec = json!({ "shareProcessNamespace": true, "hostNetwork": true });
    rig.create("a", &["--message", "term 7"], spec).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    assert_eq!(container(&pod, "/state/terminated"), &Value::Null);
    kill(process(&pod));
    let again = rig.until("a", "restarted", |pod| container(pod, "/restartCount") == 1).await;
    let last = container(&again, "/lastState/terminated");
    assert_eq!(text(last, "/message"), "term 7\n");
    assert_eq!((&last["exitCode"], text(last, "/reason")), (&json!(137), "Error"));
    let ended = |pod: &&Value| container(pod, "/state/terminated").is_object();
    let history = rig.history("a");
    let ended = history.iter().find(ended).expect("the end of the first is reported");
    assert_eq!(text(container(ended, "/state/terminated"), "/message"), "term 7\n");
    assert_eq!(container(ended, "/restartCount"), 0);
    // The specification belongs to others.
    let spec = &again["spec"];
    assert_eq!(
        (&spec["shareProcessNamespace"], &spec["hostNetwork"]),
        (&json!(true), &json!(true))
    );
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn each_instance_has_a_file_of_its_own() {
    let rig = Rig::new(142).await;
    rig.create("a", &["--print", "$(TERMINATION_LOG)"], json!({})).await;
    let first = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    rig.ask(&first, "/say/only-once").await;
    kill(process(&first));
    let is_second = |pod: &Value| {
        container(pod, "/restartCount") == 1 && container(pod, "/state/running").is_object()
    };
    let second = rig.until("a", "restarted", is_second).await;
    assert_eq!(container(&second, "/lastState/terminated/message"), "only-once");
    kill(process(&second));
    let third = rig.until("a", "restarted", |pod| container(pod, "/restartCount") == 2).await;
    assert_eq!(container(&third, "/lastState/terminated/message"), &Value::Null);
    let logs = rig.logs("a");
    let paths: Vec<&String> = logs.iter().filter(|line| line.starts_with('/')).collect();
    assert_ne!(paths[0], paths[1]);
    assert!(std::path::Path::new(paths[0]).is_file(), "it is kept while there is a pod");
    rig.kubelet.stop().await;
    assert!(!std::path::Path::new(paths[0]).exists(), "it goes with the kubelet");
}

#[tokio::test]
async fn a_long_message_loses_its_beginning_and_then_its_end() {
    let rig = Rig::new(143).await;
    let ephemeral: Vec<Value> =
        (0..5).map(|number| json!({ "name": format!("e{number}"), "image": "x" })).collect();
    let spec = json!({ "ephemeralContainers": ephemeral, "restartPolicy": "Never" });
    rig.create("a", &["--message", "1234567", "--times", "600", "--crash", "1"], spec).await;
    let pod = rig.until("a", "over", |pod| text(pod, "/status/phase") == "Failed").await;
    let message = container(&pod, "/state/terminated/message").as_str().unwrap();
    assert_eq!(message, &"1234567\n".repeat(600)[4800 - 4096..][..12288 / 6]);
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn the_output_stands_in_for_a_message_only_if_asked_and_only_for_a_failure() {
    let rig = Rig::new(144).await;
    let fallback = json!({
        "terminationMessagePolicy": "FallbackToLogsOnError", "restartPolicy": "Never",
    });
    rig.create("failed", &["--crash", "3"], fallback.clone()).await;
    rig.create("done", &["--crash", "0"], fallback.clone()).await;
    rig.create("said", &["--crash", "3", "--message", "why"], fallback).await;
    rig.create("plain", &["--crash", "3"], json!({ "restartPolicy": "Never" })).await;
    let cases = [("failed", "crashing with 3\n"), ("done", ""), ("said", "why\n"), ("plain", "")];
    for (name, expected) in cases {
        let ended = |pod: &Value| container(pod, "/state/terminated").is_object();
        let pod = rig.until(name, "over", ended).await;
        assert_eq!(text(container(&pod, "/state/terminated"), "/message"), expected, "{name}");
    }
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn what_did_not_ask_for_it_is_seen_at_the_next_look() {
    let rig = Rig::with(145, |config| config.relist_period = Duration::from_secs(3)).await;
    rig.create("a", &["--message", "x"], json!({})).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    // Kubelet has just looked.
    let since = Instant::now();
    kill(process(&pod));
    let ended = |pod: &Value| container(pod, "/state/terminated").is_object();
    rig.until("a", "ended", ended).await;
    let took = since.elapsed();
    assert!(took > Duration::from_secs(2) && took < Duration::from_secs(4), "{took:?}");
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn in_a_deleted_pod_no_end_is_told_before_the_last_one() {
    let rig = Rig::new(146).await;
    let slow = json!({
        "name": "slow", "image": "sample:v1", "args": ["--port", "0", "--linger", "2500"],
    });
    rig.create("a", &["--message", "mine"], json!({ "others": [slow] })).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    rig.delete_gracefully("a", 30);
    let dead = poll(|| (!is_alive(process(&pod))).then_some(())).await;
    assert!(dead.is_some() && rig.pod("a").is_some(), "the other one still runs");
    rig.until_gone("a").await;
    let history = rig.history("a");
    let told: Vec<&Value> =
        history.iter().filter(|pod| container(pod, "/state/terminated").is_object()).collect();
    let ends = |pod: &Value| pod.pointer("/status/containerStatuses/1/state/terminated").is_some();
    assert!(!told.is_empty() && told.into_iter().all(ends), "{history:#?}");
    let last = &history[history.len() - 2];
    assert_eq!(container(last, "/state/terminated/message"), "mine\n");
    rig.kubelet.stop().await;
}
