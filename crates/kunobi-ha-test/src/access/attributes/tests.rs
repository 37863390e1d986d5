use super::*;

/// The verb, then group, resource, subresource, namespace and name.
fn read(method: &str, url: &str) -> (String, String) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let Attributes { verb, object } =
        Attributes::of(&method.parse().unwrap(), path, query).expect("they can be read");
    let object = match object {
        Object::Path(path) => path,
        Object::Resource(Place { group, resource, subresource, namespace, name }) => {
            [group, resource, subresource, namespace, name].join("|")
        }
    };
    (verb, object)
}

#[test]
fn a_method_at_a_place_is_a_verb() {
    for (method, url, verb, object) in [
        ("GET", "/api/v1/pods", "list", "|pods|||"),
        ("HEAD", "/api/v1/pods", "list", "|pods|||"),
        ("GET", "/api/v1/pods?watch=true", "watch", "|pods|||"),
        ("GET", "/api/v1/pods?watch=0", "list", "|pods|||"),
        ("GET", "/api/v1/namespaces/n/pods/p?watch=1", "get", "|pods||n|p"),
        ("GET", "/api/v1/namespaces/n/pods/p/log", "get", "|pods|log|n|p"),
        ("POST", "/api/v1/namespaces/n/pods", "create", "|pods||n|"),
        (
            "PUT",
            "/apis/apps/v1/namespaces/n/deployments/d/scale",
            "update",
            "apps|deployments|scale|n|d",
        ),
        ("PATCH", "/apis/g.example/v1/things/t", "patch", "g.example|things|||t"),
        ("DELETE", "/api/v1/namespaces/n/pods", "deletecollection", "|pods||n|"),
        ("DELETE", "/api/v1/namespaces/n/pods/p", "delete", "|pods||n|p"),
        ("OPTIONS", "/api/v1/namespaces/n/pods/p", "", "|pods||n|p"),
        ("GET", "/api/v1/watch/namespaces/n/pods/p", "watch", "|pods||n|p"),
        ("GET", "/api/v1/namespaces", "list", "|namespaces|||"),
        ("GET", "/api/v1/namespaces/n", "get", "|namespaces||n|n"),
        ("PUT", "/api/v1/namespaces/n/finalize", "update", "|namespaces|finalize|n|n"),
        ("GET", "/apis/apps/v1", "get", "/apis/apps/v1"),
        ("POST", "/healthz/", "post", "/healthz/"),
        ("GET", "/", "get", "/"),
    ] {
        assert_eq!(read(method, url), (verb.into(), object.into()), "{method} {url}");
    }
    assert_eq!(Attributes::of(&Method::GET, "/api/v1/watch", ""), None);
}

#[test]
fn a_selector_of_one_name_names_the_object() {
    let one = |selector: &str| read("GET", &format!("/api/v1/pods?fieldSelector={selector}")).1;
    assert_eq!(one("metadata.name%3Dp,spec.nodeName%3Dn"), "|pods|||p");
    assert_eq!(one("metadata.name%3D%3Dp"), "|pods|||p");
    for none in
        ["metadata.name!%3Dp", "spec.nodeName%3Dn", "metadata.name", "metadata.name%3D..", ""]
    {
        assert_eq!(one(none), "|pods|||", "{none}");
    }
    let delete = read("DELETE", "/api/v1/pods?fieldSelector=metadata.name%3Dp");
    assert_eq!(delete.1, "|pods|||", "only what is read is named so");
}
