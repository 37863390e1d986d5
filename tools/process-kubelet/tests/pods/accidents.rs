//! Ends that annotations ask for.

use serde_json::{Value, json};

use crate::rig::{Rig, container, is_alive, poll, process, text};

fn restarted(count: u64) -> impl Fn(&Value) -> bool {
    move |pod| {
        container(pod, "/restartCount") == count && container(pod, "/state/running").is_object()
    }
}

#[tokio::test]
async fn a_kill_for_want_of_memory_is_told_and_each_value_counts_once() {
    let rig = Rig::new(151).await;
    let spec = json!({ "annotations": { "end.process-kubelet/sample": "oom" } });
    rig.create("a", &["--message", "big"], spec).await;
    let pod = rig.until("a", "restarted", restarted(1)).await;
    let last = container(&pod, "/lastState/terminated");
    assert_eq!((&last["exitCode"], text(last, "/reason")), (&json!(137), "OOMKilled"));
    assert_eq!(text(last, "/message"), "big\n");

    rig.annotate("a", "end.process-kubelet/sample", "kill");
    let pod = rig.until("a", "restarted again", restarted(2)).await;
    let last = container(&pod, "/lastState/terminated");
    assert_eq!((&last["exitCode"], text(last, "/reason")), (&json!(137), "Error"));
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn a_container_that_the_runtime_lost_is_unknown_and_lives_on() {
    let rig = Rig::new(152).await;
    let annotations = json!({ "message.process-kubelet/sample": "no task" });
    let spec = json!({ "annotations": annotations, "restartPolicy": "Never" });
    rig.create("a", &["--message", "term 7"], spec).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    rig.annotate("a", "end.process-kubelet/sample", "unknown");
    let over = rig.until("a", "over", |pod| text(pod, "/status/phase") == "Failed").await;
    let state = container(&over, "/state/terminated");
    assert_eq!((&state["exitCode"], text(state, "/reason")), (&json!(255), "Unknown"));
    assert_eq!(text(state, "/message"), "no task: term 7\n");
    assert!(is_alive(process(&pod)));
    assert!(rig.ask(&pod, "/is/alive").await.starts_with("HTTP/1.1 200"));

    rig.delete_gracefully("a", 30);
    rig.until_gone("a").await;
    let dead = poll(|| (!is_alive(process(&pod))).then_some(())).await;
    assert!(dead.is_some(), "it goes with its pod");
}

#[tokio::test]
async fn a_kill_that_the_runtime_makes_up_looks_like_a_real_one() {
    let rig = Rig::new(153).await;
    rig.create("a", &["--message", "term 7"], json!({ "restartPolicy": "Never" })).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    rig.annotate("a", "end.process-kubelet/sample", "shim-lost");
    let over = rig.until("a", "over", |pod| text(pod, "/status/phase") == "Failed").await;
    let state = container(&over, "/state/terminated");
    assert_eq!((&state["exitCode"], text(state, "/reason")), (&json!(137), "Error"));
    assert_eq!(text(state, "/message"), "term 7\n");
    assert!(is_alive(process(&pod)));
    rig.kubelet.stop().await;
    assert!(!is_alive(process(&pod)));
}

#[tokio::test]
async fn who_lives_on_can_still_write_what_is_told_of_its_end() {
    let rig = Rig::new(156).await;
    rig.create("a", &["--message", "term 7"], json!({})).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    rig.annotate("a", "end.process-kubelet/sample", "shim-lost");
    let ended = |pod: &Value| container(pod, "/state/terminated").is_object();
    let first = rig.until("a", "ended", ended).await;
    assert_eq!(container(&first, "/state/terminated/message"), "term 7\n");
    rig.ask(&pod, "/say/term-8").await;
    let again = |pod: &Value| container(pod, "/restartCount") == 1;
    let pod = rig.until("a", "restarted", again).await;
    assert_eq!(container(&pod, "/lastState/terminated/message"), "term 7\nterm-8");
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn of_a_container_that_is_gone_nothing_is_known() {
    let rig = Rig::new(154).await;
    rig.create("a", &["--message", "term 7"], json!({})).await;
    let pod = rig.until_ready("a").await;
    rig.until_logged_listening("a").await;
    rig.annotate("a", "end.process-kubelet/sample", "gone");
    rig.until("a", "restarted", |pod| container(pod, "/restartCount") == 1).await;
    let history = rig.history("a");
    let first = history.iter().find(|pod| container(pod, "/restartCount") == 1).unwrap();
    assert_eq!(container(first, "/state/waiting/reason"), "ContainerCreating");
    let last = json!({
        "exitCode": 137,
        "startedAt": null,
        "finishedAt": null,
        "reason": "ContainerStatusUnknown",
        "message": "The container could not be located when the pod was deleted.  \
                    The container used to be Running",
    });
    assert_eq!(container(first, "/lastState/terminated"), &last);
    assert!(is_alive(process(&pod)));
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn containers_may_share_a_file() {
    let rig = Rig::new(155).await;
    for name in ["a", "b"] {
        let annotations = json!({ "file.process-kubelet/sample": "both" });
        rig.create(name, &["--message", name], json!({ "annotations": annotations })).await;
        rig.until_ready(name).await;
        rig.until_logged_listening(name).await;
    }
    rig.annotate("a", "end.process-kubelet/sample", "kill");
    let pod = rig.until("a", "restarted", restarted(1)).await;
    // The last word is that of the instance which runs.
    assert_eq!(container(&pod, "/lastState/terminated/message"), "a\nb\na\n");
    rig.kubelet.stop().await;
}
