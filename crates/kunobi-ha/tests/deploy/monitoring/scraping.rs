use k8s_openapi_0_29::api::core::v1::Service;
use serde_json::Value;

use crate::{
    rendering::{Rendering, file},
    workload::Workload,
};

fn monitor(rendering: &str, kind: &str) -> Value {
    let objects = Rendering::named(rendering).objects;
    objects.into_iter().find(|it| it["kind"] == kind).expect(rendering)
}

#[test]
fn nothing_is_monitored_unless_asked_for() {
    for name in ["defaults", "everything", "documented", "base", "production"] {
        for object in Rendering::named(name).objects {
            let kind = object["kind"].as_str().unwrap().to_owned();
            assert!(!["ConfigMap", "Service"].contains(&kind.as_str()), "{name}: {kind}");
            assert_ne!(object["apiVersion"], "monitoring.coreos.com/v1", "{name}");
        }
    }
}

#[test]
fn a_pod_monitor_chooses_the_pods_and_their_port() {
    for name in ["monitoring", "monitored"] {
        let spec = &monitor(name, "PodMonitor")["spec"];
        let workload = Workload::of(&Rendering::named(name));
        let labels = workload.deployment.spec.template.metadata.unwrap().labels.unwrap();
        for (label, value) in spec["selector"]["matchLabels"].as_object().unwrap() {
            assert_eq!(labels.get(label).map(String::as_str), value.as_str(), "{name}");
        }
        let endpoint = &spec["podMetricsEndpoints"][0];
        let port = workload.container.ports.unwrap().remove(0).name;
        assert_eq!(endpoint["port"].as_str(), port.as_deref(), "{name}");
        assert_eq!(endpoint["path"], "/metrics", "{name}");
    }
}

#[test]
fn a_service_monitor_chooses_a_service_that_has_all_pods() {
    let name = "service-monitor";
    let service: Service = Rendering::named(name).only();
    let monitor = monitor(name, "ServiceMonitor");
    let (labels, spec) = (service.metadata.labels.unwrap(), service.spec.unwrap());
    for (label, value) in monitor["spec"]["selector"]["matchLabels"].as_object().unwrap() {
        assert_eq!(labels.get(label).map(String::as_str), value.as_str());
    }
    let workload = Workload::of(&Rendering::named("defaults"));
    let pods = workload.deployment.spec.selector.match_labels;
    assert_eq!(spec.selector, pods);
    assert_eq!(
        (spec.cluster_ip.as_deref(), spec.publish_not_ready_addresses),
        (Some("None"), Some(true))
    );
    let port = spec.ports.unwrap().remove(0);
    assert_eq!(monitor["spec"]["endpoints"][0]["port"].as_str(), port.name.as_deref());
    assert_eq!(monitor["spec"]["endpoints"][0]["interval"], "15s");
    assert_eq!(monitor["metadata"]["labels"]["release"], "prometheus");
}

#[test]
fn the_readme_says_which_values_and_which_component() {
    let readme = file("README.md");
    for words in [
        "monitoring.podMonitor",
        "monitoring.serviceMonitor",
        "monitoring.rules.enabled",
        "monitoring.rules.everyLease",
        "monitoring.dashboard.enabled",
        "components/monitoring",
    ] {
        assert!(readme.contains(words), "{words}");
    }
}
