//! From an unscheduled pod to one that is ready, and what its probes do to it.

use std::time::Duration;

use serde_json::json;

use crate::rig::{Rig, condition, container, poll, probe, process, text};

#[tokio::test]
async fn a_pod_is_bound_and_gets_an_address_that_its_process_listens_on() {
    let rig = Rig::new(101).await;
    rig.create("a", &["--print", "I am $(POD_IP)"], json!({})).await;
    let pod = rig.until_ready("a").await;
    assert_eq!(text(&pod, "/spec/nodeName"), "process-node");
    assert_eq!(text(&pod, "/status/phase"), "Running");
    let address = text(&pod, "/status/podIP");
    assert_eq!(address, "127.1.101.1");
    assert_eq!(text(&pod, "/status/podIPs/0/ip"), address);
    assert_eq!(text(&pod, "/status/hostIP"), "127.0.0.1");
    for kind in ["PodScheduled", "Initialized", "ContainersReady", "Ready"] {
        assert_eq!(condition(&pod, kind), "True", "{kind}");
    }
    assert_eq!(container(&pod, "/restartCount"), 0);
    assert_eq!(container(&pod, "/started"), true);
    rig.until_logged("a", "I am 127.1.101.1").await;

    rig.create("b", &[], json!({})).await;
    let other = rig.until_ready("b").await;
    assert_eq!(text(&other, "/status/podIP"), "127.1.101.2");
    let listens = poll(|| rig.logs("b").iter().find(|line| line.contains("127.1.101.2:")).cloned());
    assert!(listens.await.is_some(), "{:?}", rig.logs("b"));
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn readiness_comes_and_goes_with_the_probe_and_restarts_nothing() {
    let rig = Rig::new(102).await;
    let spec = json!({ "readinessProbe": probe("ready", json!({ "failureThreshold": 2 })) });
    rig.create("a", &["--off", "ready"], spec).await;
    let unready = |pod: &serde_json::Value| condition(pod, "Ready") == "False";
    let pod = rig
        .until("a", "running and not ready", |pod| {
            unready(pod) && container(pod, "/started") == true
        })
        .await;
    rig.until_logged_listening("a").await;
    rig.ask(&pod, "/on/ready").await;
    rig.until_ready("a").await;
    rig.ask(&pod, "/off/ready").await;
    let pod = rig.until("a", "unready again", unready).await;
    assert_eq!(container(&pod, "/restartCount"), 0);
    assert_eq!(container(&pod, "/ready"), false);
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn the_startup_probe_gates_the_others_and_liveness_restarts() {
    let rig = Rig::new(103).await;
    let spec = json!({
        "startupProbe": probe("startup", json!({ "failureThreshold": 60 })),
        "livenessProbe": probe("live", json!({ "terminationGracePeriodSeconds": 10 })),
        "readinessProbe": probe("ready", json!({})),
    });
    rig.create("a", &["--off", "startup"], spec).await;
    let pod = rig.until("a", "running", |pod| container(pod, "/state/running").is_object()).await;
    rig.until_logged_listening("a").await;
    assert_eq!(container(&pod, "/started"), false);
    assert_eq!(condition(&pod, "Ready"), "False");

    // Liveness fails by now, but it is not asked before the container is started.
    rig.ask(&pod, "/off/live").await;
    rig.ask(&pod, "/on/startup").await;
    let first = process(&pod);
    let restarted = rig
        .until("a", "restarted", |pod| {
            container(pod, "/restartCount") == 1 && container(pod, "/state/running").is_object()
        })
        .await;
    assert_ne!(process(&restarted), first);
    assert_eq!(container(&restarted, "/lastState/terminated/exitCode"), 0);
    let containers = rig.history("a");
    let was_started = containers
        .iter()
        .any(|pod| container(pod, "/started") == true && container(pod, "/restartCount") == 0);
    assert!(was_started, "it was restarted before its startup probe had succeeded");
    assert!(rig.logs("a").iter().any(|line| line == "SIGTERM"), "{:?}", rig.logs("a"));
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn a_crash_loop_backs_off_ever_longer() {
    let rig = Rig::with(104, |config| {
        config.restart_backoff = Duration::from_millis(1500);
        config.restart_backoff_max = Duration::from_secs(3);
    })
    .await;
    rig.create("a", &["--crash", "3"], json!({})).await;
    let is_looping = |pod: &serde_json::Value| {
        container(pod, "/state/waiting/reason") == "CrashLoopBackOff"
            && container(pod, "/restartCount").as_u64() >= Some(3)
    };
    let pod = rig.until("a", "in a crash loop", is_looping).await;
    assert_eq!(text(&pod, "/status/phase"), "Running");
    assert_eq!(condition(&pod, "Ready"), "False");
    assert_eq!(container(&pod, "/lastState/terminated/exitCode"), 3);
    let mut pauses: Vec<String> = rig
        .history("a")
        .iter()
        .map(|pod| text(pod, "/status/containerStatuses/0/state/waiting/message").to_owned())
        .filter(|message| message.starts_with("back-off"))
        .collect();
    pauses.dedup();
    let uid = text(&pod, "/metadata/uid");
    let message =
        |pause| format!("back-off {pause} restarting failed container=sample pod=a_default({uid})");
    assert_eq!(pauses, [message("1.5s"), message("3s")]);
    let crashes = rig.logs("a").iter().filter(|line| *line == "crashing with 3").count();
    assert!(crashes >= 4, "{crashes}");

    rig.delete_gracefully("a", 30);
    rig.until_gone("a").await;
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn failed_liveness_backs_off_a_restart_later_than_a_crash() {
    let rig = Rig::with(109, |config| {
        config.restart_backoff = Duration::from_secs(60);
        config.restart_backoff_max = Duration::from_secs(60);
    })
    .await;
    let spec = json!({ "livenessProbe": probe("live", json!({})) });
    rig.create("unhealthy", &["--off", "live", "--message", "unhealthy"], spec).await;
    rig.create("crashing", &["--crash", "1"], json!({})).await;
    for (name, restarts, code) in [("unhealthy", 2, 0), ("crashing", 1, 1)] {
        let waits =
            |pod: &serde_json::Value| container(pod, "/state/waiting/reason") == "CrashLoopBackOff";
        let pod = rig.until(name, "in a crash loop", waits).await;
        assert_eq!(container(&pod, "/restartCount"), restarts, "{name}");
        assert_eq!(container(&pod, "/lastState/terminated/exitCode"), code, "{name}");
    }
    // Nobody looks between the kill and the start.
    let history = rig.history("unhealthy");
    let first = history.iter().find(|pod| container(pod, "/restartCount") == 1).unwrap();
    assert_eq!(container(first, "/lastState/terminated/message"), "unhealthy\n");
    assert!(container(first, "/state/running").is_object(), "{first:#}");
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn an_image_without_a_program_waits_and_says_why() {
    let rig = Rig::new(105).await;
    rig.create("a", &[], json!({ "image": "other:v9" })).await;
    let pod = rig
        .until("a", "refused", |pod| container(pod, "/state/waiting/reason") == "ErrImagePull")
        .await;
    assert_eq!(
        container(&pod, "/state/waiting/message"),
        "no program stands for the image other:v9"
    );
    assert_eq!(text(&pod, "/status/phase"), "Pending");
    rig.delete_gracefully("a", 30);
    rig.until_gone("a").await;
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn a_pod_that_is_not_to_be_restarted_ends_with_its_process() {
    let rig = Rig::new(106).await;
    rig.create("a", &["--crash", "0"], json!({ "restartPolicy": "Never" })).await;
    let pod = rig.until("a", "over", |pod| text(pod, "/status/phase") == "Succeeded").await;
    assert_eq!(container(&pod, "/state/terminated/reason"), "Completed");
    rig.kubelet.stop().await;
}

#[tokio::test]
async fn the_node_and_its_lease_are_made_only_if_asked() {
    let rig = Rig::with(107, |config| config.register_node = true).await;
    let node = poll(|| {
        let node = rig.server.get("/api/v1/nodes/process-node")?;
        (condition(&node, "Ready") == "True").then_some(node)
    });
    assert_eq!(text(&node.await.unwrap(), "/status/addresses/0/address"), "127.0.0.1");
    let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/process-node";
    let lease = poll(|| rig.server.get(lease)).await.unwrap();
    assert_eq!(text(&lease, "/spec/holderIdentity"), "process-node");
    rig.kubelet.stop().await;

    let rig = Rig::new(108).await;
    rig.create("a", &[], json!({})).await;
    rig.until_ready("a").await;
    assert!(rig.server.get("/api/v1/nodes/process-node").is_none());
    rig.kubelet.stop().await;
}
