//! Discovery and health of the server.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{ResponseBody, answer};

/// As much of discovery as `kubectl get lease` and `kubectl get configmap` ask for.
pub(super) fn answer(path: &str) -> Option<Response<ResponseBody>> {
    let resources = |version: &str, resources: Value| {
        json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version,
                "resources": resources })
    };
    let verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];
    let resource = |name: &str, kind: &str, namespaced: bool| {
        json!({ "name": name, "singularName": "", "namespaced": namespaced, "kind": kind,
                "verbs": verbs })
    };
    let value = match path.trim_end_matches('/') {
        "/healthz" | "/livez" | "/readyz" => {
            return Some(answer::bytes(StatusCode::OK, Bytes::from_static(b"ok")));
        }
        "/version" => json!({ "major": "1", "minor": "33", "gitVersion": "v1.33.0" }),
        "/api" => json!({ "kind": "APIVersions", "versions": ["v1"] }),
        "/apis" => json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [{
            "name": "coordination.k8s.io",
            "versions": [{ "groupVersion": "coordination.k8s.io/v1", "version": "v1" }],
            "preferredVersion": { "groupVersion": "coordination.k8s.io/v1", "version": "v1" },
        }] }),
        "/api/v1" => resources(
            "v1",
            json!([
                resource("configmaps", "ConfigMap", true),
                resource("namespaces", "Namespace", false)
            ]),
        ),
        "/apis/coordination.k8s.io/v1" => {
            resources("coordination.k8s.io/v1", json!([resource("leases", "Lease", true)]))
        }
        _ => return None,
    };
    Some(answer::json(StatusCode::OK, &value))
}
