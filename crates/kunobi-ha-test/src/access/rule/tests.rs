use http::Method;
use serde_json::json;

use super::*;

fn allows(rule: &Value, method: &str, path: &str) -> bool {
    let method = method.parse::<Method>().unwrap();
    Rule(rule).allows(&Attributes::of(&method, path, "").expect("it can be read"))
}

#[test]
fn a_rule_allows_what_all_of_its_lists_name() {
    let rule = json!({ "verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"] });
    assert!(allows(&rule, "GET", "/apis/apps/v1/namespaces/n/deployments/d"));
    for (method, path) in [
        ("PUT", "/apis/apps/v1/namespaces/n/deployments/d"),
        ("GET", "/apis/apps/v1/namespaces/n/deployments"),
        ("GET", "/apis/apps/v1/namespaces/n/deployments/d/scale"),
        ("GET", "/apis/batch/v1/namespaces/n/deployments/d"),
        ("GET", "/apis/apps/v1/namespaces/n/statefulsets/d"),
        ("GET", "/apis/apps/v1"),
    ] {
        assert!(!allows(&rule, method, path), "{method} {path}");
    }
}

#[test]
fn a_star_stands_for_all_but_names() {
    let all = json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] });
    assert!(allows(&all, "PATCH", "/apis/g/v1/things/t/status"));
    assert!(!allows(&all, "GET", "/metrics"), "a path is no resource");
    let scale = json!({ "verbs": ["get"], "apiGroups": ["apps"], "resources": ["*/scale"] });
    assert!(allows(&scale, "GET", "/apis/apps/v1/namespaces/n/deployments/d/scale"));
    assert!(!allows(&scale, "GET", "/apis/apps/v1/namespaces/n/deployments/d"));
    assert!(!allows(&scale, "GET", "/apis/apps/v1/namespaces/n/deployments/d/status"));
    let of_one = json!({ "verbs": ["*"], "apiGroups": [""], "resources": ["pods/*"] });
    assert!(!allows(&of_one, "GET", "/api/v1/namespaces/n/pods/p/log"), "it is no pattern");
    let named = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["*"] });
    assert!(!allows(&named, "GET", "/api/v1/namespaces/n/pods/p"));
}

#[test]
fn a_path_is_named_whole_or_by_its_beginning() {
    let rule = json!({ "verbs": ["get"], "nonResourceURLs": ["/healthz", "/logs/*"] });
    assert!(allows(&rule, "GET", "/healthz") && allows(&rule, "GET", "/logs/a/b"));
    assert!(!allows(&rule, "GET", "/healthz/ping") && !allows(&rule, "GET", "/logs"));
    assert!(!allows(&rule, "POST", "/healthz"));
}

#[test]
fn what_is_missing_is_told_by_resource() {
    let owner = [
        json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods", "*/status"] }),
        json!({ "verbs": ["*"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["s"] }),
        json!({ "verbs": ["get"], "nonResourceURLs": ["/logs/*"] }),
    ];
    let granted = [
        json!({ "verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods", "nodes/status"] }),
        json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["s", "t"] }),
        json!({ "verbs": ["get"], "nonResourceURLs": ["/logs/a", "/metrics"] }),
    ];
    assert_eq!(
        told(&owner, &granted),
        [
            r#"{APIGroups:[""], Resources:["nodes/status"], Verbs:["list" "watch"]}"#,
            r#"{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}"#,
            r#"{APIGroups:[""], Resources:["secrets"], ResourceNames:["t"], Verbs:["get"]}"#,
            r#"{NonResourceURLs:["/metrics"], Verbs:["get"]}"#,
        ]
    );
    assert!(told(&owner, &owner).is_empty());
    let all = [json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] })];
    assert_eq!(told(&all, &granted).len(), 2, "paths are apart");
}

fn told(owner: &[Value], granted: &[Value]) -> Vec<String> {
    let owner: Vec<Rule> = owner.iter().map(Rule).collect();
    missing(&owner, &granted.iter().map(Rule).collect::<Vec<_>>())
}
