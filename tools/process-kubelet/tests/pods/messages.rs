//! What a container leaves in its termination message file, and where it is then read.

use serde_json::{Value, json};

use crate::rig::{Rig, container, kill, process, text};

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
