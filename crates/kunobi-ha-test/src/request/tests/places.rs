use super::*;

fn code(method: &'static str, path: &str) -> u16 {
    Sent::new(method, path).parse().map_or_else(|rejection| rejection.code.as_u16(), |_| 200)
}

#[test]
fn a_method_at_a_place_is_a_verb_or_is_refused() {
    let everywhere = "/api/v1/configmaps";
    for (path, get, post, put, patch, delete) in [
        (MAPS, 200, 200, 405, 405, 200),
        (MAP, 200, 405, 200, 200, 200),
        (everywhere, 200, 405, 405, 405, 405),
        (WIDGETS, 200, 200, 400, 400, 200),
        (WIDGET, 200, 200, 200, 200, 200),
        ("/apis/example.com/v1/widgets", 200, 404, 404, 404, 404),
        ("/api/v1/configmaps/b", 404, 404, 404, 404, 404),
        ("/api/v1/namespaces/a/nodes", 404, 404, 404, 404, 404),
        ("/api/v1/nodes/b", 200, 405, 200, 200, 200),
        ("/api/v1/nodes/b/c", 404, 404, 404, 404, 404),
        ("/api/v1/namespaces/a/finalize", 405, 405, 200, 405, 405),
        ("/api/v1/namespaces/a/pods/b/status", 200, 405, 200, 200, 405),
        ("/api/v1/namespaces/a/pods/b/eviction", 405, 200, 405, 405, 405),
        ("/api/v1/namespaces/a/pods/b/status/c", 404, 404, 404, 404, 404),
        ("/api/v1/namespaces/a/pods/b/exec", 501, 501, 405, 405, 405),
        ("/api/v1/namespaces/a/pods/b/log", 501, 405, 405, 405, 405),
        ("/api/v1/namespaces/a/pods/b/log/c", 404, 404, 404, 404, 404),
        ("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 405, 200, 405, 405, 405),
        ("/apis/authentication.k8s.io/v1/tokenreviews/b", 404, 404, 404, 404, 404),
        ("/api/v1/componentstatuses", 501, 405, 405, 405, 405),
        ("/api/v1/nodes/b/proxy/c/d", 501, 501, 501, 501, 501),
        ("/apis/example.com/v1/namespaces/a/widgets/b/status", 200, 405, 200, 200, 405),
        ("/apis/example.com/v1/namespaces/a/widgets/b/status/c", 200, 405, 200, 200, 405),
        ("/apis/example.com/v1/namespaces/a/widgets/b/scale", 404, 404, 404, 404, 404),
        ("/api/v1/namespaces/a/bindings", 405, 501, 405, 405, 405),
        ("/api/v1/namespaces/a/bindings/b", 404, 404, 404, 404, 404),
        ("/api/v1/namespaces", 200, 200, 405, 405, 405),
        ("/api/v1/nodes/a%25b", 400, 405, 400, 400, 400),
        ("/api/v1/watch/configmaps", 200, 405, 405, 405, 405),
        ("/api/v1/watch/nodes/b/status", 404, 404, 404, 404, 404),
        ("/apis/example.com/v1/watch/namespaces/a/widgets/b", 200, 200, 200, 200, 200),
        ("/apis/example.com/v1/watch/namespaces/a/widgets/b/status", 405, 405, 405, 405, 405),
        ("/apis/example.com/v1/watch/namespaces/a/widgets/b/scale", 404, 404, 404, 404, 404),
    ] {
        let got = ["GET", "POST", "PUT", "PATCH", "DELETE"].map(|method| code(method, path));
        assert_eq!(got, [get, post, put, patch, delete], "{path}");
    }
}

#[test]
fn other_methods_are_refused_or_a_head() {
    let everywhere = "/apis/example.com/v1/widgets";
    assert_eq!((code("HEAD", everywhere), code("OPTIONS", everywhere)), (200, 404));
    for (path, expected) in [(MAPS, 405), (MAP, 405), (WIDGETS, 200), (WIDGET, 200)] {
        assert_eq!(code("HEAD", path), expected, "{path}");
        assert_eq!(code("OPTIONS", path), 405, "{path}");
        assert_eq!(code("FOO", path), 405, "{path}");
    }
}

#[test]
fn refusals_are_in_the_words_of_kube_apiserver() {
    let body = |method, path: &str| Sent::new(method, path).parse().unwrap_err().body();
    let expected = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "the server does not allow this method on the requested resource",
        "reason": "MethodNotAllowed", "details": {}, "code": 405,
    });
    assert_eq!(body("PUT", MAPS), expected);
    let expected = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "the server could not find the requested resource",
        "reason": "NotFound", "details": {}, "code": 404,
    });
    assert_eq!(body("GET", "/api/v1/nodes/b/c"), expected);
    let status = "/apis/example.com/v1/namespaces/a/widgets/b/status";
    let expected = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "delete is not supported on resources of kind \"widgets.example.com\"",
        "reason": "MethodNotAllowed",
        "details": { "group": "example.com", "kind": "widgets" }, "code": 405,
    });
    assert_eq!(body("DELETE", status), expected);
    let message = |method, path: &str| body(method, path)["message"].as_str().unwrap().to_owned();
    let unknown = "/apis/example.com/v1/namespaces/a/widgets/b/scale";
    assert_eq!(message("GET", unknown), "widgets.example.com \"b\" not found");
    assert_eq!(message("PUT", WIDGETS), "name must be provided");
    assert_eq!(
        message("FOO", WIDGETS),
        " is not supported on resources of kind \"widgets.example.com\""
    );
    let plain = Sent::new("POST", "/apis/example.com/v1/widgets").parse().unwrap_err();
    assert_eq!(plain.plain(), Some("404 page not found\n"));
    let exec = "/api/v1/namespaces/a/pods/b/exec";
    assert_eq!(message("POST", exec), "kunobi-ha-test does not support the subresource pods/exec");
}
