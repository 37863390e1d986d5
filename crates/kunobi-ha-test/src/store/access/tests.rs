use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::{request::path::Target, store::Settings};

fn store() -> Store {
    let settings = Settings { authorization: Authorization::Rbac, ..Settings::default() };
    let mut store = Store::new(settings);
    store.create_system_namespaces(Timestamp::UNIX_EPOCH);
    store.create_system_roles(Timestamp::UNIX_EPOCH);
    store
}

fn asked(user: User, method: &str, path: &str) -> (Asker, Attributes) {
    let method = method.parse().unwrap();
    let asked = Attributes::of(&method, path, "").expect("it can be read");
    (Asker { user, role: None }, asked)
}

#[test]
fn aggregated_roles_have_the_rules_that_kube_controller_manager_gives_them() {
    let mut store = store();
    store.settle(Timestamp::UNIX_EPOCH);
    let recorded: Vec<Value> = serde_json::from_str(bootstrap::RECORDED).unwrap();
    let mut aggregated = 0;
    for role in &recorded {
        let text = |pointer| role.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (kind, name) = (text("/kind"), text("/metadata/name"));
        let resource = store.types.find_kind(GROUP, "v1", kind).unwrap();
        let target = Target::collection(&resource, text("/metadata/namespace")).named(name);
        let stored = store.get(&target).expect("it was created");
        for field in ["rules", "roleRef", "subjects", "aggregationRule"] {
            assert_eq!(stored.value.get(field), role.get(field), "{kind} {name} {field}");
        }
        aggregated += usize::from(role.get("aggregationRule").is_some());
    }
    assert_eq!((recorded.len() > 100, aggregated), (true, 3));
}

#[test]
fn a_reason_names_the_binding() {
    let store = store();
    let decide = |user: User, method: &str, path: &str| {
        let (who, asked) = asked(user, method, path);
        store.decide(&who, &asked)
    };
    let version = decide(User::new("alice"), "GET", "/version");
    let reason = "RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole \
                  \"system:discovery\" to Group \"system:authenticated\"";
    assert_eq!((version.is_allowed, version.reason.as_str()), (true, reason));
    assert_eq!(decide(User::new("alice"), "GET", "/metrics"), Verdict::refused());
    assert_eq!(decide(User::of_client("admin"), "GET", "/metrics"), Verdict::allowed());
    let anonymous = decide(User::of_client("anonymous"), "GET", "/version");
    assert!(anonymous.is_allowed && anonymous.reason.contains("system:public-info-viewer"));
    assert!(!decide(User::of_client("anonymous"), "GET", "/api").is_allowed);
}

#[test]
fn a_missing_role_is_named_and_others_count_still() {
    let mut store = store();
    for (name, role) in [("a", "none"), ("b", "none"), ("c", "neither"), ("d", "view")] {
        let kind = if role == "neither" { "Role" } else { "ClusterRole" };
        let binding = json!({ "roleRef": { "kind": kind, "name": role },
                              "subjects": [{ "kind": "ServiceAccount", "name": "s" }] });
        store.inject(key("rolebindings", "default", name), binding);
    }
    let user = || User::new("system:serviceaccount:default:s");
    let (who, pods) = asked(user(), "POST", "/api/v1/namespaces/default/pods");
    let reason = "rbac: RBAC: [clusterrole.rbac.authorization.k8s.io \"none\" not found, \
                  role.rbac.authorization.k8s.io \"neither\" not found]";
    assert_eq!(store.decide(&who, &pods).reason, reason);
    store.settle(Timestamp::UNIX_EPOCH);
    let (who, pods) = asked(user(), "GET", "/api/v1/namespaces/default/pods");
    let reason = "RBAC: allowed by RoleBinding \"d/default\" of ClusterRole \"view\" to \
                  ServiceAccount \"s/default\"";
    assert_eq!(store.decide(&who, &pods).reason, reason);
    let (who, pods) = asked(user(), "GET", "/api/v1/namespaces/other/pods");
    assert!(!store.decide(&who, &pods).is_allowed, "it is bound in one namespace");
}
