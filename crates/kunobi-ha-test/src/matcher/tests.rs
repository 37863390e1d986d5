use super::*;

#[test]
fn what_is_stated_must_hold_and_the_rest_may_be_anything() {
    let patch =
        "PATCH /apis/apps/v1/namespaces/x/deployments/web/status?fieldManager=me&force=true";
    for (matcher, request, holds) in [
        (Matcher::any(), "GET /version", true),
        (Matcher::all("*"), "GET /version", false),
        (Matcher::all("*/*"), patch, true),
        (Matcher::all("*"), patch, false),
        (Matcher::patch("deployments/status"), patch, true),
        (Matcher::patch("deployments.apps/*"), patch, true),
        (Matcher::patch("*.apps/status"), patch, true),
        (Matcher::patch("deployments.batch/status"), patch, false),
        (Matcher::patch("deployments"), patch, false),
        (Matcher::update("deployments/status"), patch, false),
        (Matcher::writes("deployments/status").namespace("x").name("web"), patch, true),
        (Matcher::writes("deployments/status").namespace("y"), patch, false),
        (Matcher::writes("deployments/status").name("x"), patch, false),
        (Matcher::any().client("me"), patch, true),
        (Matcher::any().client("you"), patch, false),
        (Matcher::any().query("force", "true").query("fieldManager", "me"), patch, true),
        (Matcher::any().query("force", "false"), patch, false),
        (Matcher::any().status(200), patch, true),
        (Matcher::any().status(201), patch, false),
        (Matcher::list("pods").namespace(""), "GET /api/v1/pods", true),
        (Matcher::list("pods").namespace("x"), "GET /api/v1/pods", false),
        (Matcher::list("pods"), "GET /api/v1/pods?watch=1", false),
        (Matcher::watch("pods"), "GET /api/v1/pods?watch=1", true),
        (Matcher::watch("pods"), "GET /api/v1/watch/namespaces/x/pods/p", true),
        (Matcher::get("pods"), "GET /api/v1/namespaces/x/pods/p?watch=1", true),
        (Matcher::delete("pods"), "DELETE /api/v1/namespaces/x/pods/p", true),
        (Matcher::delete("pods"), "DELETE /api/v1/namespaces/x/pods", false),
        (Matcher::delete_collection("pods"), "DELETE /api/v1/namespaces/x/pods", true),
        (Matcher::get("namespaces").name("x").namespace(""), "GET /api/v1/namespaces/x", true),
    ] {
        assert_eq!(matcher.matches(&request_of(request)), holds, "{matcher}: {request}");
    }
}

#[test]
fn what_a_request_misses_is_told_in_the_order_of_its_weight() {
    let request = request_of("GET /api/v1/namespaces/x/pods/p");
    let matcher = Matcher::delete("secrets").name("s").status(404);
    let misses = matcher.misses(&Subject::of_request(&request));
    assert_eq!(misses, [Miss::Resource, Miss::Verb, Miss::Name, Miss::Status]);
}

#[test]
fn a_matcher_is_shown_as_it_is_built() {
    for (matcher, text) in [
        (Matcher::any(), "any request"),
        (Matcher::all("pods"), "any request of pods"),
        (Matcher::reads("pods"), "any read of pods"),
        (Matcher::any().name("a").status(200), "any request a answered with 200"),
        (Matcher::get("pods").namespace("x"), "get pods x/*"),
        (Matcher::get("pods").query("a", "1").query("b", "2"), "get pods with a=1&b=2"),
    ] {
        assert_eq!(matcher.to_string(), text);
    }
}

/// A request of `me` that was answered with 200.
fn request_of(text: &str) -> Request {
    let (method, url) = text.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let name = crate::request::path::Target::parse(path).map(|target| target.name);
    Request {
        sequence: 0,
        at_us: 0,
        answered_us: Some(0),
        client: "me".into(),
        connection: 0,
        method: method.into(),
        path: path.into(),
        name: name.unwrap_or_default(),
        query: query.into(),
        status: Some(200),
        fault: None,
        events: None,
        ended_us: None,
    }
}
