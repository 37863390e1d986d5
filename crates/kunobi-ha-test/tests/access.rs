//! Who may do what, with `with_rbac`.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use kunobi_ha_test::{Faults, Role, TestServer, User};
use serde_json::{Value, json};
use tower_service::Service;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const AS_BOB: [(&str, &str); 1] = [("Impersonate-User", "bob")];

/// A client with headers that it adds to each request.
struct Client<'a>(&'a TestServer, &'static str, &'static [(&'static str, &'static str)]);

impl Client<'_> {
    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in self.2 {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = self.0.service(self.1).call(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn status(&self, method: &str, path: &str) -> u16 {
        self.send(method, path, Value::Null).await.0
    }
}

#[tokio::test]
async fn a_group_is_bound_and_its_members_may() {
    let server = TestServer::builder()
        .with_rbac()
        .with_objects(
            "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: b, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers }]
",
        )
        .build();
    let alice = Client(&server, "alice", &[]);
    let (status, body) = alice.send("GET", &format!("{MAPS}?limit=bad"), Value::Null).await;
    let expected = "configmaps is forbidden: User \"alice\" cannot list resource \"configmaps\" in API \
                    group \"\" in the namespace \"default\"";
    assert_eq!((status, &body["message"]), (403, &json!(expected)));
    server.set_user(User::new("alice").in_groups(["developers"]));
    assert_eq!(alice.status("GET", MAPS).await, 200);
    assert_eq!(alice.status("POST", MAPS).await, 403);
    assert_eq!(
        alice.status("GET", "/api/v1/configmaps").await,
        403,
        "it is bound in one namespace"
    );
    assert_eq!(Client(&server, "admin", &[]).status("GET", "/api/v1/configmaps").await, 200);
}

#[tokio::test]
async fn an_aggregated_role_follows_those_that_it_selects() {
    let server = TestServer::builder().with_rbac().build();
    let admin = Client(&server, "admin", &[]);
    let allowed = json!({ "verbs": ["get"], "apiGroups": ["g.example"], "resources": ["things"] });
    let label = "rbac.authorization.k8s.io/aggregate-to-view";
    let role = json!({ "metadata": { "name": "things", "labels": { label: "true" } },
                       "rules": [allowed] });
    let (status, _) = admin.send("POST", &format!("{RBAC}/clusterroles"), role).await;
    assert_eq!(status, 201);
    for aggregated in ["view", "edit", "admin"] {
        let role = server.get(&format!("{RBAC}/clusterroles/{aggregated}")).unwrap();
        assert!(role["rules"].as_array().unwrap().contains(&allowed), "{aggregated}");
    }
    admin.status("DELETE", &format!("{RBAC}/clusterroles/things")).await;
    let role = server.get(&format!("{RBAC}/clusterroles/admin")).unwrap();
    assert!(!role["rules"].as_array().unwrap().contains(&allowed));
}

#[tokio::test]
async fn a_client_acts_as_another_user_if_it_may() {
    let server = TestServer::builder().with_rbac().build();
    let admin = Client(&server, "admin", &AS_BOB);
    let (status, body) = admin.send("GET", MAPS, Value::Null).await;
    let message = body["message"].as_str().unwrap();
    assert_eq!((status, message.contains("User \"bob\" cannot list")), (403, true), "{message}");
    let alice = Client(&server, "alice", &AS_BOB);
    let (status, body) = alice.send("GET", "/version", Value::Null).await;
    let message = body["message"].as_str().unwrap();
    assert_eq!(
        (status, message.contains("User \"alice\" cannot impersonate")),
        (403, true),
        "{message}"
    );
}

#[tokio::test]
async fn nobody_grants_what_it_does_not_have() {
    let server = TestServer::builder().with_rbac().build();
    let admin = Client(&server, "admin", &[]);
    let binding = |role: &str, user: &str| {
        json!({ "metadata": { "name": format!("{user}-{role}") },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
                "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }] })
    };
    let bindings = format!("{RBAC}/namespaces/default/rolebindings");
    assert_eq!(admin.send("POST", &bindings, binding("admin", "alice")).await.0, 201);
    let alice = Client(&server, "alice", &[]);
    assert_eq!(alice.send("POST", &bindings, binding("edit", "bob")).await.0, 201);
    let (status, body) = alice.send("POST", &bindings, binding("cluster-admin", "bob")).await;
    let expected = "rolebindings.rbac.authorization.k8s.io \"bob-cluster-admin\" is forbidden: user \"alice\" \
                    (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not \
                    currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n\
                    {NonResourceURLs:[\"*\"], Verbs:[\"*\"]}";
    assert_eq!((status, body["message"].as_str().unwrap()), (403, expected));
    let (status, body) = alice.send("POST", &bindings, binding("none", "bob")).await;
    let expected = "rolebindings.rbac.authorization.k8s.io \"none\" not found";
    assert_eq!((status, body["message"].as_str().unwrap()), (404, expected));
}

#[tokio::test]
async fn a_grant_that_is_refused_is_named_unless_its_name_is_generated() {
    let server = TestServer::builder().with_rbac().build();
    let admin = Client(&server, "admin", &[]);
    let role = |metadata: Value| {
        let rule = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"] });
        json!({ "metadata": metadata, "rules": [rule] })
    };
    let roles = format!("{RBAC}/namespaces/default/roles");
    let writer = json!({ "metadata": { "name": "alice" }, "rules": [
        { "verbs": ["create", "update"], "apiGroups": ["rbac.authorization.k8s.io"],
          "resources": ["roles"] }
    ] });
    assert_eq!(admin.send("POST", &roles, writer).await.0, 201);
    let binding = json!({
        "metadata": { "name": "alice" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "alice" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice" }],
    });
    let bindings = format!("{RBAC}/namespaces/default/rolebindings");
    assert_eq!(admin.send("POST", &bindings, binding).await.0, 201);

    let alice = Client(&server, "alice", &[]);
    let both = json!({ "name": "web-12345", "generateName": "web-" });
    for (metadata, expected) in [
        (json!({ "generateName": "web-" }), "roles.rbac.authorization.k8s.io is forbidden: user"),
        (both, "roles.rbac.authorization.k8s.io \"web-12345\" is forbidden: user"),
    ] {
        let (status, body) = alice.send("POST", &roles, role(metadata)).await;
        let message = body["message"].as_str().unwrap();
        assert_eq!((status, message.starts_with(expected)), (403, true), "{message}");
    }
}

#[tokio::test]
async fn a_role_of_a_test_takes_the_place_of_those_that_are_stored() {
    let server = TestServer::builder().with_rbac().build();
    let reader = Role { verbs: vec!["list".into()], resource_names: Vec::new() };
    server.set_faults("admin", Faults { role: Some(reader), ..Faults::default() });
    let admin = Client(&server, "admin", &[]);
    assert_eq!(admin.status("GET", MAPS).await, 200);
    assert_eq!(admin.status("GET", &format!("{MAPS}/m")).await, 403);
    assert_eq!(admin.status("GET", "/metrics").await, 501, "it says nothing of paths");
}

#[tokio::test]
async fn a_review_tells_what_a_client_may_do() {
    let rules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let question = json!({ "spec": { "namespace": "default" } });
    let open = TestServer::new();
    let (status, body) = Client(&open, "me", &[]).send("POST", rules, question.clone()).await;
    let all = json!([{ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }]);
    assert_eq!((status, &body["status"]["resourceRules"]), (201, &all));

    let server = TestServer::builder().with_rbac().build();
    let (status, body) = Client(&server, "me", &[]).send("POST", rules, question.clone()).await;
    let resources = body["status"]["resourceRules"].as_array().unwrap();
    let paths = body["status"]["nonResourceRules"].as_array().unwrap();
    assert_eq!((status, resources.len(), paths.len()), (201, 2, 2), "those of every user: {body}");

    let role = Role { verbs: vec!["get".into()], resource_names: vec!["l".into()] };
    server.set_faults("me", Faults { role: Some(role), ..Faults::default() });
    let (_, body) = Client(&server, "me", &[]).send("POST", rules, question).await;
    assert_eq!(body["status"]["resourceRules"][0]["resourceNames"], json!(["l"]));
    let access = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    for (name, allowed) in [("l", true), ("m", false)] {
        let attributes = json!({ "verb": "get", "resource": "configmaps", "name": name });
        let question = json!({ "spec": { "resourceAttributes": attributes } });
        let (_, body) = Client(&server, "me", &[]).send("POST", access, question).await;
        assert_eq!(body["status"]["allowed"], allowed, "{body}");
    }
}
