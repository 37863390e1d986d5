use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::*;
use crate::probe::Rhythm;

fn plan(pod: &Value) -> Result<Plan, Refusal> {
    let config = Config {
        images: BTreeMap::from([("op:v1".into(), "/bin/op".into())]),
        environment: vec![("SHARED".into(), "yes".into())],
        kubeconfigs: BTreeMap::from([("ns/sa".into(), "/sa.json".into())]),
        ..Config::default()
    };
    let place = Place {
        node: "n".into(),
        node_address: Ipv4Addr::LOCALHOST,
        address: Ipv4Addr::new(127, 1, 0, 7),
    };
    let pod: Pod = serde_json::from_value(pod.clone()).unwrap();
    Plan::new(&config, &pod, &pod.spec.as_ref().unwrap().containers[0], &place)
}

fn pod(container: &Value) -> Value {
    json!({
        "metadata": { "name": "p", "namespace": "ns" },
        "spec": { "serviceAccountName": "sa", "terminationGracePeriodSeconds": 7,
                  "containers": [container] },
    })
}

#[test]
fn the_program_takes_the_place_of_the_first_word_of_the_command() {
    let plan = plan(&pod(&json!({
        "name": "a", "image": "op:v1", "command": ["/operator", "run"], "args": ["--me=$(ME)"],
        "env": [{ "name": "ME", "value": "x" }],
        "lifecycle": { "preStop": { "sleep": { "seconds": 5 } } },
    })))
    .unwrap();
    assert_eq!(plan.program, PathBuf::from("/bin/op"));
    assert_eq!(plan.arguments, ["run", "--me=x"]);
    assert_eq!((plan.hook.as_secs(), plan.grace.as_secs()), (5, 7));
    assert_eq!(plan.environment["SHARED"], "yes");
    assert_eq!(plan.environment["KUBECONFIG"], "/sa.json");
    assert_eq!(plan.environment["HOSTNAME"], "p");
    assert_eq!(plan.policy, RestartPolicy::Always);
}

#[test]
fn probes_have_the_defaults_of_the_api_and_ports_have_names() {
    let plan = plan(&pod(&json!({
        "name": "a", "image": "op:v1", "ports": [{ "name": "probes", "containerPort": 8081 }],
        "livenessProbe": { "httpGet": { "path": "livez", "port": "probes" },
                           "terminationGracePeriodSeconds": 4 },
        "readinessProbe": { "tcpSocket": { "port": 9, "host": "127.0.0.1" }, "periodSeconds": 1,
                            "timeoutSeconds": 2, "failureThreshold": 5, "successThreshold": 6,
                            "initialDelaySeconds": 3 },
    })))
    .unwrap();
    let s = Duration::from_secs;
    let http = Action::Http { path: "/livez".into(), headers: Vec::new() };
    let (host, port, timeout) = ("127.1.0.7".to_owned(), 8081, s(1));
    let liveness = Probe {
        rhythm: Rhythm { delay: s(0), period: s(10), failures: 3, successes: 1 },
        check: Check { host, port, timeout, action: http },
        grace: Some(s(4)),
    };
    let (host, port, timeout) = ("127.0.0.1".to_owned(), 9, s(2));
    let readiness = Probe {
        rhythm: Rhythm { delay: s(3), period: s(1), failures: 5, successes: 6 },
        check: Check { host, port, timeout, action: Action::Tcp },
        grace: None,
    };
    let probes = BTreeMap::from([(Kind::Liveness, liveness), (Kind::Readiness, readiness)]);
    assert_eq!(plan.probes, probes);
}

#[test]
fn what_can_not_be_run_says_why() {
    let refusal = plan(&pod(&json!({ "name": "a", "image": "op:v2" }))).unwrap_err();
    assert_eq!(refusal.reason, "ErrImagePull");
    assert_eq!(refusal.message, "no program stands for the image op:v2");
    for unsupported in [
        json!({ "name": "a", "image": "op:v1", "envFrom": [{ "prefix": "x" }] }),
        json!({ "name": "a", "image": "op:v1", "livenessProbe": { "exec": {} } }),
        json!({ "name": "a", "image": "op:v1", "livenessProbe": { "httpGet": { "port": "none" } } }),
        json!({ "name": "a", "image": "op:v1", "lifecycle": { "preStop": { "exec": {} } } }),
    ] {
        let refusal = plan(&pod(&unsupported)).unwrap_err();
        assert_eq!(refusal.reason, "CreateContainerConfigError", "{unsupported}");
    }
}

#[test]
fn restart_policies() {
    use RestartPolicy::{Always, Never, OnFailure};
    let restarts = |code| [Always, OnFailure, Never].map(|policy| policy.restarts(code));
    assert_eq!(restarts(0), [true, false, false]);
    assert_eq!(restarts(1), [true, true, false]);
}
