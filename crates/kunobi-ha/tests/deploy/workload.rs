use std::collections::BTreeMap;

use k8s_openapi_0_29::{
    api::{
        apps::v1::Deployment,
        core::v1::{Container, PodSpec, Probe},
    },
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{
    constants::{
        Budgets, GRACE_PERIOD_VARIABLE, LEASE_VARIABLE, LIVENESS_PATH, PROBE_PORT, READINESS_PATH,
        STARTUP_PATH, UNREADY_DELAY_VARIABLE,
    },
    rendering::Rendering,
};

/// A Deployment, and the parts of it that are checked.
pub(crate) struct Workload {
    pub(crate) deployment: Deployment,
    pub(crate) pod: PodSpec,
    pub(crate) container: Container,
}

impl Workload {
    pub(crate) fn of(rendering: &Rendering) -> Self {
        let deployment: Deployment = rendering.only();
        let pod = deployment.spec.clone().template.spec.unwrap();
        assert_eq!(pod.containers.len(), 1, "{}", rendering.name);
        let container = pod.containers[0].clone();
        Self { deployment, pod, container }
    }

    pub(crate) fn lease(&self) -> String {
        self.variable(LEASE_VARIABLE).expect(LEASE_VARIABLE)
    }

    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let mut named = self.container.env.iter().flatten().filter(|it| it.name == name);
        let value = named.next()?.value.clone().expect(name);
        assert_eq!(named.next(), None, "{name} is there twice");
        Some(value)
    }

    fn seconds(&self, name: &str) -> u64 {
        self.variable(name).expect(name).parse().expect(name)
    }

    fn pre_stop(&self) -> u64 {
        let hook = self.container.lifecycle.clone().and_then(|it| it.pre_stop);
        hook.map_or(0, |it| it.sleep.unwrap().seconds.try_into().unwrap())
    }
}

#[test]
fn the_grace_period_is_the_sum_of_the_budgets() {
    let sums = [
        // name, preStop, unready, drain
        ("defaults", 0, 0, 24),
        ("pauses", 5, 7, 40),
        ("everything", 1, 5, 24),
        ("documented", 0, 0, 24),
        ("fast-failover", 0, 0, 24),
        ("one-handover", 0, 0, 24),
        ("both", 0, 0, 24),
        ("host-network", 0, 0, 24),
        ("monitoring", 0, 0, 24),
        ("base", 0, 0, 24),
        ("production", 0, 5, 24),
        ("fast", 0, 0, 24),
        ("monitored", 0, 0, 24),
    ];
    let rendered = Rendering::with_deployment();
    let names: Vec<_> = rendered.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, sums.map(|it| it.0));
    let Budgets { abort, release, stop, .. } = Budgets::default();
    let fixed = (abort + release + stop).as_secs();
    for (rendering, (name, pre_stop, unready, drain)) in rendered.iter().zip(sums) {
        let workload = Workload::of(rendering);
        let given = workload.pod.termination_grace_period_seconds.unwrap();
        assert_eq!(workload.pre_stop(), pre_stop, "{name}");
        assert_eq!(workload.seconds(UNREADY_DELAY_VARIABLE), unready, "{name}");
        assert_eq!(workload.seconds(GRACE_PERIOD_VARIABLE), unready + drain + fixed, "{name}");
        assert_eq!(u64::try_from(given).unwrap(), pre_stop + unready + drain + fixed, "{name}");
    }
}

#[test]
fn a_pod_has_the_grace_period_that_is_the_default() {
    let default = Budgets::default().grace_period.as_secs();
    for name in ["defaults", "base"] {
        let workload = Workload::of(&Rendering::named(name));
        let given = workload.pod.termination_grace_period_seconds;
        assert_eq!(given, Some(default.try_into().unwrap()));
        assert_eq!(workload.seconds(GRACE_PERIOD_VARIABLE), default);
        assert!(workload.container.lifecycle.is_none(), "no preStop unless there is time for it");
    }
}

#[test]
fn the_probes_ask_the_endpoints_on_the_port_that_is_served() {
    let asks = |probe: &Option<Probe>| {
        let probe = probe.as_ref().unwrap();
        let get = probe.http_get.as_ref().unwrap();
        assert_eq!(get.port, IntOrString::String("probes".into()));
        (get.path.clone().unwrap(), probe.period_seconds, probe.failure_threshold)
    };
    for rendering in Rendering::with_deployment() {
        let container = Workload::of(&rendering).container;
        let ports = container.ports.as_deref().unwrap_or_default();
        let port = ports.iter().find(|it| it.name.as_deref() == Some("probes")).unwrap();
        assert_eq!(port.container_port, i32::from(PROBE_PORT), "{}", rendering.name);
        assert_eq!(asks(&container.startup_probe), (STARTUP_PATH.into(), Some(2), Some(60)));
        assert_eq!(asks(&container.liveness_probe), (LIVENESS_PATH.into(), Some(10), Some(3)));
        assert_eq!(asks(&container.readiness_probe), (READINESS_PATH.into(), Some(5), Some(2)));
        assert_eq!(container.liveness_probe.unwrap().timeout_seconds, Some(1));
    }
}

#[test]
fn the_pod_tells_the_program_who_and_where_it_is() {
    let fields = BTreeMap::from([
        ("POD_NAME", "metadata.name"),
        ("POD_NAMESPACE", "metadata.namespace"),
        ("POD_IP", "status.podIP"),
    ]);
    for rendering in Rendering::with_deployment() {
        let container = Workload::of(&rendering).container;
        let env = container.env.unwrap();
        let told = env.iter().filter_map(|it| {
            let field = it.value_from.as_ref()?.field_ref.as_ref()?;
            Some((it.name.as_str(), field.field_path.as_str()))
        });
        assert_eq!(told.collect::<BTreeMap<_, _>>(), fields, "{}", rendering.name);
    }
}

#[test]
fn a_rollout_waits_for_a_new_pod_before_an_old_one_goes() {
    for rendering in Rendering::with_deployment() {
        let spec = Workload::of(&rendering).deployment.spec;
        assert!(spec.replicas >= Some(2), "{}", rendering.name);
        let strategy = spec.strategy.unwrap();
        assert_eq!(strategy.type_.as_deref(), Some("RollingUpdate"));
        let rolling = strategy.rolling_update.unwrap();
        assert_eq!(rolling.max_unavailable, Some(IntOrString::Int(0)));
        assert_eq!(rolling.max_surge, Some(IntOrString::Int(1)));
    }
}

#[test]
fn pods_spread_over_nodes_but_never_wait_for_one() {
    for rendering in Rendering::with_deployment() {
        let Workload { deployment, pod, .. } = Workload::of(&rendering);
        let spec = deployment.spec;
        let labels = spec.template.metadata.unwrap().labels.unwrap();
        let selected = spec.selector.match_labels.as_ref().unwrap();
        assert!(!selected.is_empty(), "{}", rendering.name);
        assert!(selected.iter().all(|(key, value)| labels.get(key) == Some(value)));

        let spread = pod.topology_spread_constraints.unwrap();
        assert_eq!(spread.len(), 1, "{}", rendering.name);
        assert_eq!(spread[0].topology_key, "kubernetes.io/hostname");
        assert_eq!(spread[0].when_unsatisfiable, "ScheduleAnyway");
        assert_eq!(spread[0].label_selector, Some(spec.selector.clone()));
        assert_eq!(spread[0].match_label_keys, Some(vec!["pod-template-hash".into()]));
    }
}

#[test]
fn volumes_and_namespaces_are_the_pods_own_unless_asked_for() {
    for rendering in Rendering::with_deployment() {
        let Workload { pod, container, .. } = Workload::of(&rendering);
        let everything = rendering.name == "everything";
        assert_eq!(pod.share_process_namespace, everything.then_some(true), "{}", rendering.name);
        let volumes = pod.volumes.map(|it| it.into_iter().map(|it| it.name).collect());
        assert_eq!(volumes, everything.then(|| vec!["scratch".to_owned()]), "{}", rendering.name);
        let mounts = container.volume_mounts.map(|it| it.into_iter().map(|it| it.mount_path));
        let mounts: Option<Vec<_>> = mounts.map(Iterator::collect);
        assert_eq!(mounts, everything.then(|| vec!["/tmp".to_owned()]), "{}", rendering.name);
    }
}

#[test]
fn on_the_network_of_its_node_a_pod_still_resolves_services() {
    let pod = Workload::of(&Rendering::named("host-network")).pod;
    assert_eq!(pod.dns_policy.as_deref(), Some("ClusterFirstWithHostNet"));
}

#[test]
fn pods_satisfy_the_restricted_pod_security_standard() {
    for rendering in Rendering::with_deployment() {
        let Workload { pod, container, .. } = Workload::of(&rendering);
        let asked = (rendering.name == "host-network").then_some(true);
        assert_eq!((pod.host_network, pod.host_pid, pod.host_ipc), (asked, None, None));
        let security = pod.security_context.unwrap();
        assert_eq!(security.run_as_non_root, Some(true), "{}", rendering.name);
        assert_ne!(security.run_as_user, Some(0), "{}", rendering.name);
        assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
        let security = container.security_context.unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.read_only_root_filesystem, Some(true));
        assert_eq!((security.privileged, security.run_as_non_root), (None, None));
        let capabilities = security.capabilities.unwrap();
        assert_eq!((capabilities.add, capabilities.drop), (None, Some(vec!["ALL".into()])));
    }
}
