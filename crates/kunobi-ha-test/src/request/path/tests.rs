use super::*;

#[test]
fn a_path_names_an_object_or_a_collection() {
    for (path, group, namespace, resource, name, subresource, rest) in [
        ("/api/v1/pods", "", "", "pods", "", "", ""),
        ("/api/v1/namespaces", "", "", "namespaces", "", "", ""),
        ("/api/v1/namespaces/a", "", "", "namespaces", "a", "", ""),
        ("/api/v1/namespaces/a/status", "", "", "namespaces", "a", "status", ""),
        ("/api/v1/namespaces/a/finalize", "", "", "namespaces", "a", "finalize", ""),
        ("/api/v1/namespaces/a/pods/", "", "a", "pods", "", "", ""),
        ("/api/v1/namespaces//pods", "", "", "pods", "", "", ""),
        ("/api/v1/namespaces/a/pods/b//", "", "a", "pods", "b", "", ""),
        ("/api/v1/namespaces/a/pods/%62", "", "a", "pods", "b", "", ""),
        ("/api/v1/namespaces/a/pods/b%2Fstatus", "", "a", "pods", "b", "status", ""),
        ("/api/v1/nodes/b/proxy/x/y", "", "", "nodes", "b", "proxy", "x/y"),
        ("/apis/apps/v1/namespaces/a/deployments/b", "apps", "a", "deployments", "b", "", ""),
    ] {
        let expected = Target {
            group: group.into(),
            version: "v1".into(),
            resource: resource.into(),
            namespace: namespace.into(),
            name: name.into(),
            subresource: subresource.into(),
            rest: rest.into(),
            is_watch: false,
        };
        assert_eq!(Target::parse(path), Some(expected), "{path}");
    }
}

#[test]
fn an_old_watch_may_name_an_object() {
    let target = Target::parse("/api/v1/watch/namespaces/a/pods/b").unwrap();
    assert!(target.is_watch);
    assert_eq!((target.namespace.as_str(), target.name.as_str()), ("a", "b"));
    assert!(Target::parse("/apis/apps/v1/watch/deployments").unwrap().is_watch);
    assert_eq!(Target::parse("/api/v1/watch"), None);
}

#[test]
fn other_paths_are_none_of_a_resource() {
    for path in [
        "",
        "/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/apis/apps",
        "/apis/apps/v1",
        "/healthz",
        "//api/v1/pods",
        "/api/v1//pods",
        "/api/v1/namespaces/a//pods",
        "/api/v1/namespaces/a/pods//b",
        "/api/v1/pods/%zz",
        "/apiv1/pods",
    ] {
        assert_eq!(Target::parse(path), None, "{path}");
    }
}

#[test]
fn a_name_must_be_one() {
    let check = |path: &str| {
        let refused = Target::parse(path).unwrap().check_name().err()?;
        refused.body()["message"].as_str().map(ToOwned::to_owned)
    };
    assert_eq!(check("/api/v1/nodes/A_b"), None);
    let expected = "Name parameter invalid: \"a%b\": may not contain '%'";
    assert_eq!(check("/api/v1/nodes/a%25b").as_deref(), Some(expected));
    let expected = "Name parameter invalid: \"..\": may not be '..'";
    assert_eq!(check("/api/v1/nodes/..").as_deref(), Some(expected));
}
