use k8s_openapi_0_29::api::{
    core::v1::ServiceAccount,
    rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject},
};

use crate::{
    constants::{VERBS, VERBS_WATCHING},
    rendering::Rendering,
    workload::Workload,
};

/// Of these renderings only the Deployment is kept.
const ONLY_DEPLOYMENT: [&str; 2] = ["pauses", "host-network"];
const ELECTION: &str = "kunobi-operator-leader-election";

pub(crate) fn lease_rule(lease: &str, verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec!["coordination.k8s.io".into()]),
        resources: Some(vec!["leases".into()]),
        resource_names: Some(vec![lease.into()]),
        verbs: verbs.iter().map(ToString::to_string).collect(),
        ..PolicyRule::default()
    }
}

fn events_rule() -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![String::new()]),
        resources: Some(vec!["events".into()]),
        verbs: vec!["create".into()],
        ..PolicyRule::default()
    }
}

pub(crate) fn election_rules(rendering: &str) -> Vec<PolicyRule> {
    Rendering::named(rendering).called::<Role>(ELECTION).rules.unwrap()
}

#[test]
fn the_election_needs_one_rule_limited_by_name() {
    for name in ["defaults", "base"] {
        assert_eq!(election_rules(name), [lease_rule("kunobi-operator", &VERBS)], "{name}");
    }
}

#[test]
fn watching_and_events_add_just_what_they_need() {
    assert_eq!(election_rules("watch"), [lease_rule("kunobi-operator", &VERBS_WATCHING)]);
    assert_eq!(election_rules("production"), [lease_rule("kunobi-operator", &VERBS_WATCHING)]);
    assert_eq!(election_rules("events"), [lease_rule("kunobi-operator", &VERBS), events_rule()]);
    let everything = [lease_rule("the-lease", &VERBS_WATCHING), events_rule()];
    assert_eq!(election_rules("everything"), everything);
}

#[test]
fn the_program_contends_for_the_lease_that_its_role_names() {
    for rendering in Rendering::with_deployment() {
        let lease = Workload::of(&rendering).lease();
        let Some(role) = rendering.all::<Role>().into_iter().find(named_election) else {
            assert!(ONLY_DEPLOYMENT.contains(&rendering.name.as_str()), "{}", rendering.name);
            continue;
        };
        let named = role.rules.unwrap()[0].resource_names.clone();
        assert_eq!(named, Some(vec![lease]), "{}", rendering.name);
    }
}

#[test]
fn every_binding_gives_its_role_to_the_service_account_of_the_pods() {
    let mut bindings = 0;
    let with_deployment = Rendering::with_deployment();
    for rendering in with_deployment.iter().filter(|it| !ONLY_DEPLOYMENT.contains(&&*it.name)) {
        let workload = Workload::of(rendering);
        let namespace = workload.deployment.metadata.namespace.unwrap();
        let account: ServiceAccount = rendering.only();
        assert_eq!(account.metadata.name, workload.pod.service_account_name);
        assert_eq!(account.metadata.namespace.as_ref(), Some(&namespace));
        let subject = Subject {
            kind: "ServiceAccount".into(),
            name: account.metadata.name.unwrap(),
            namespace: Some(namespace.clone()),
            ..Subject::default()
        };
        for binding in rendering.all::<RoleBinding>() {
            assert_eq!(binding.metadata.namespace.as_ref(), Some(&namespace));
            assert_eq!(binding.subjects.as_deref(), Some([subject.clone()].as_slice()));
            let role: Role = rendering.called(&binding.role_ref.name);
            assert_eq!(binding.role_ref, reference("Role", &binding.role_ref.name));
            assert_eq!(role.metadata.namespace.as_ref(), Some(&namespace));
            bindings += 1;
        }
        for binding in rendering.all::<ClusterRoleBinding>() {
            assert_eq!(binding.subjects.as_deref(), Some([subject.clone()].as_slice()));
            let _: ClusterRole = rendering.called(&binding.role_ref.name);
            assert_eq!(binding.role_ref, reference("ClusterRole", &binding.role_ref.name));
            bindings += 1;
        }
        let roles = rendering.all::<Role>().len() + rendering.all::<ClusterRole>().len();
        let bound =
            rendering.all::<RoleBinding>().len() + rendering.all::<ClusterRoleBinding>().len();
        assert_eq!(roles, bound, "{}", rendering.name);
    }
    let of_kustomize = 1 + 2 + 1 + 1;
    let of_helm = 1 + 3 + 1 + 3 + 1;
    assert_eq!(bindings, of_helm + of_kustomize, "defaults, everything, documented, faster, seen");
}

#[test]
fn the_operators_own_rules_are_apart_from_the_elections() {
    for name in ["everything", "production"] {
        let own: Role = Rendering::named(name).called("kunobi-operator");
        let rules = own.rules.unwrap();
        assert_eq!(rules.len(), 1, "{name}");
        assert_eq!(rules[0].resources, Some(vec!["configmaps".into()]), "{name}");
    }
    let cluster: ClusterRole = Rendering::named("everything").only();
    assert_eq!(cluster.metadata.name.as_deref(), Some("kunobi-operator-kunobi-operator"));
    assert_eq!(Rendering::named("defaults").all::<Role>().len(), 1);
    assert_eq!(Rendering::named("defaults").all::<ClusterRole>().len(), 0);
}

fn named_election(role: &Role) -> bool {
    role.metadata.name.as_ref().is_some_and(|name| name.ends_with("-leader-election"))
}

fn reference(kind: &str, name: &str) -> RoleRef {
    RoleRef {
        api_group: Some("rbac.authorization.k8s.io".into()),
        kind: kind.into(),
        name: name.into(),
    }
}
