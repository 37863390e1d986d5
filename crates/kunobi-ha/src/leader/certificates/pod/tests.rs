//! Rule C3, as a table.

use kunobi_ha_core::Timestamp;
use serde_json::json;

use super::*;
use crate::leader::driver::LeaseName;

const LINE: &str = "kunobi-ha/1 ns/l pod-1 1970-01-01T00:00:00.000005Z";

/// What a Pod must look like for the death to be believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Is {
    Dead,
    Doubtful,
    Unknown,
}

fn certificate() -> Certificate {
    let lease = LeaseName { namespace: "ns".into(), name: "l".into(), labels: [].into() };
    Certificate::of(&lease, "pod-1", Timestamp::from_unix_micros(5)).unwrap()
}

/// A Pod whose container has just been killed.
fn pod() -> Value {
    json!({
        "kind": "Pod",
        "metadata": { "name": "pod-1", "namespace": "pods" },
        "spec": { "containers": [{ "name": "manager" }, { "name": "proxy" }] },
        "status": { "containerStatuses": [
            { "name": "proxy", "state": { "running": {} } },
            { "name": "manager", "state": { "terminated": ended() } },
        ] },
    })
}

fn ended() -> Value {
    json!({
        "exitCode": 137,
        "reason": "OOMKilled",
        "finishedAt": "2026-01-01T00:00:00Z",
        "message": format!("\n{LINE}\n"),
    })
}

fn judge(pod: &Value) -> Is {
    match Ends::read(pod, "pods", "pod-1", "manager").of(&certificate()) {
        Verdict::Dead(_) => Is::Dead,
        Verdict::Doubtful(..) => Is::Doubtful,
        Verdict::Unknown => Is::Unknown,
    }
}

fn with(field: &str, value: Value) -> Value {
    let mut pod = pod();
    let (parent, name) = field.rsplit_once('/').unwrap();
    match pod.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        object => object[name] = value,
    }
    pod
}

fn with_end(field: &str, value: Value) -> Value {
    with(&format!("/status/containerStatuses/1/state/terminated/{field}"), value)
}

fn with_status(status: Value) -> Value {
    with("/status/containerStatuses/1", status)
}

// rule C3: the container that the builder names has ended with exactly this certificate
#[test]
fn a_container_that_ended_with_the_certificate_is_dead() {
    assert_eq!(judge(&pod()), Is::Dead);
    let ends = Ends::read(&pod(), "pods", "pod-1", "manager");
    let Verdict::Dead(evidence) = ends.of(&certificate()) else { panic!("{ends:?}") };
    let said = "container manager of pod pod-1 has ended with exit code 137 (OOMKilled) at \
                2026-01-01T00:00:00Z";
    assert_eq!(evidence.to_string(), said);
}

// rule C3
#[test]
fn it_counts_in_the_last_state_of_a_container_that_runs_again_and_in_a_sidecar() {
    let again = json!({ "name": "manager", "state": { "running": {} }, "lastState": { "terminated": ended() } });
    assert_eq!(judge(&with_status(again.clone())), Is::Dead);
    let sidecar = json!({
        "metadata": { "name": "pod-1", "namespace": "pods" },
        "spec": { "initContainers": [{ "name": "manager", "restartPolicy": "Always" }] },
        "status": { "initContainerStatuses": [again] },
    });
    assert_eq!(judge(&sidecar), Is::Dead);
    assert_eq!(judge(&with_end("exitCode", json!(0))), Is::Dead);
    assert_eq!(judge(&with_end("reason", Value::Null)), Is::Dead);
}

// rule C3: only a whole line counts
#[test]
fn the_certificate_is_a_whole_line_of_the_message() {
    let other = LINE.replace("05Z", "06Z");
    for (message, is) in [
        (LINE.to_owned(), Is::Dead),
        (format!("\n{other}\n{LINE}"), Is::Dead),
        (format!("{LINE}\nerror: worker panicked"), Is::Dead),
        (format!("runtime says: \n{LINE}\n"), Is::Dead),
        (format!("runtime says: {LINE}\n"), Is::Unknown),
        (format!("{LINE} "), Is::Unknown),
        (format!(" {LINE}"), Is::Unknown),
        (format!("{LINE}\r\n"), Is::Unknown),
        (format!("{LINE}0"), Is::Unknown),
        (LINE[..LINE.len() - 1].to_owned(), Is::Unknown),
        (LINE[1..].to_owned(), Is::Unknown),
        (LINE.replace("kunobi-ha/1", "kunobi-ha/2"), Is::Unknown),
        (format!("error: {LINE}"), Is::Unknown),
        (other, Is::Unknown),
        (LINE.replace("ns/l", "ns/l2"), Is::Unknown),
        (LINE.replace("pod-1", "pod-11"), Is::Unknown),
        (LINE.replace("kunobi", "KUNOBI"), Is::Unknown),
        (String::new(), Is::Unknown),
    ] {
        assert_eq!(judge(&with_end("message", json!(message))), is, "{message:?}");
    }
}

// rule C3: any container could write it, and only one of them is the holder's
#[test]
fn no_other_container_and_no_other_pod_counts() {
    let proxy = json!({ "name": "proxy", "state": { "terminated": ended() } });
    let ephemeral = json!([{ "name": "manager", "state": { "terminated": ended() } }]);
    let mut debugged = with("/status/ephemeralContainerStatuses", ephemeral);
    debugged["status"]["containerStatuses"] = json!([]);
    let running = json!({ "name": "manager", "state": { "running": { "message": LINE } } });
    for pod in [
        with_status(proxy),
        debugged,
        with_status(running),
        with("/metadata/name", json!("pod-2")),
        with("/metadata/namespace", json!("ns")),
    ] {
        assert_eq!(judge(&pod), Is::Unknown, "{pod}");
    }
}

// rule C3: where processes may outlive the container, or the message is not its own
#[test]
fn a_container_whose_end_proves_nothing_is_doubtful() {
    let mount = |path: &str| json!([{ "name": "a" }, { "mountPath": path }]);
    for pod in [
        with("/spec/shareProcessNamespace", json!(true)),
        with("/spec/shareProcessNamespace", json!("yes")),
        with("/spec/hostPID", json!(true)),
        with("/spec/os", json!({ "name": "windows" })),
        with("/spec/containers", json!([{ "name": "proxy" }])),
        with("/spec/containers", Value::Null),
        with("/spec/containers/0/volumeMounts", mount("/dev/termination-log")),
        with("/spec/containers/0/volumeMounts", mount("/dev//./termination-log/")),
        with("/spec/containers/0/volumeMounts", mount("/tmp/../dev/termination-log")),
        with("/spec/containers/0/volumeMounts", mount("dev/termination-log")),
        with(
            "/spec/containers/0",
            json!({
                "name": "manager",
                "terminationMessagePath": "/dev/../m",
                "volumeMounts": mount("/m"),
            }),
        ),
        with(
            "/spec/containers/0",
            json!({ "name": "manager", "terminationMessagePath": "/m", "volumeMounts": mount("/m") }),
        ),
        with("/spec/containers/0/volumeDevices", json!([{ "devicePath": "/dev/termination-log" }])),
        with_end("exitCode", json!(255)),
        with_end("reason", json!("Unknown")),
        with_end("reason", json!("ContainerStatusUnknown")),
    ] {
        assert_eq!(judge(&pod), Is::Doubtful, "{pod}");
    }
}

#[test]
fn what_is_not_about_this_container_changes_nothing() {
    let mount = |path: &str| json!([{ "mountPath": path }]);
    for pod in [
        with("/spec/shareProcessNamespace", json!(false)),
        with("/spec/hostPID", Value::Null),
        with("/spec/hostNetwork", json!(true)),
        with("/spec/os", json!({ "name": "linux" })),
        with("/spec/containers/0/volumeMounts", mount("/dev")),
        with("/spec/containers/0/volumeMounts", mount("/dev/termination-logs")),
        with("/spec/containers/1/volumeMounts", mount("/dev/termination-log")),
        with(
            "/spec/containers/0",
            json!({
                "name": "manager",
                "terminationMessagePath": "/m",
                "volumeMounts": mount("/dev/termination-log"),
            }),
        ),
    ] {
        assert_eq!(judge(&pod), Is::Dead, "{pod}");
    }
}

#[test]
fn a_certain_end_is_found_beside_a_doubtful_one() {
    let mut lost = ended();
    lost["exitCode"] = json!(255);
    for (now, before) in [(ended(), lost.clone()), (lost, ended())] {
        let both = json!({ "name": "manager", "state": { "terminated": now }, "lastState": { "terminated": before } });
        assert_eq!(judge(&with_status(both)), Is::Dead);
    }
}

#[test]
fn a_hostile_pod_certifies_nothing_and_breaks_nothing() {
    for value in [
        json!(null),
        json!(1.5),
        json!(1e300),
        json!("x"),
        json!([[]]),
        json!({ "a": {} }),
        json!(true),
    ] {
        for field in [
            "/metadata",
            "/metadata/name",
            "/status",
            "/status/containerStatuses",
            "/status/containerStatuses/1",
            "/status/containerStatuses/1/name",
            "/status/containerStatuses/1/state",
            "/status/containerStatuses/1/state/terminated",
            "/status/containerStatuses/1/state/terminated/message",
            "/status/containerStatuses/1/state/terminated/exitCode",
        ] {
            assert_eq!(judge(&with(field, value.clone())), Is::Unknown, "{field} {value}");
        }
        for field in ["/spec", "/spec/containers", "/spec/containers/0/name"] {
            assert_eq!(judge(&with(field, value.clone())), Is::Doubtful, "{field} {value}");
        }
        judge(&value);
    }
    let mut odd = with_end("reason", json!("\u{1b}[31m\nred"));
    odd["status"]["containerStatuses"][1]["state"]["terminated"]["finishedAt"] = json!({});
    let ends = Ends::read(&odd, "pods", "pod-1", "manager");
    let Verdict::Dead(evidence) = ends.of(&certificate()) else { panic!("{ends:?}") };
    assert!(!evidence.to_string().contains(['\n', '\u{1b}']), "{evidence}");
}
