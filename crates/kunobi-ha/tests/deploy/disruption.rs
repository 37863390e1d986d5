use k8s_openapi_0_29::{
    api::policy::v1::PodDisruptionBudget, apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{rendering::Rendering, workload::Workload};

#[test]
fn a_drain_takes_one_pod_at_a_time_and_is_never_blocked() {
    for name in ["defaults", "everything", "both", "base", "production", "fast"] {
        let rendering = Rendering::named(name);
        let budget = rendering.only::<PodDisruptionBudget>().spec.unwrap();
        assert_eq!(budget.max_unavailable, Some(IntOrString::Int(1)), "{name}");
        assert_eq!(budget.min_available, None, "{name}");
        assert_eq!(budget.unhealthy_pod_eviction_policy.as_deref(), Some("AlwaysAllow"), "{name}");
        let deployment = Workload::of(&rendering).deployment.spec;
        assert_eq!(budget.selector, Some(deployment.selector), "{name}");
    }
}
