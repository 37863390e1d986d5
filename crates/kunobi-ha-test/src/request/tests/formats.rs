use http::{HeaderMap, HeaderValue, header};

use super::*;

fn got(sent: Sent, accept: &'static str) -> Result<As, (u64, String)> {
    let sent = sent.header("accept", accept);
    sent.parse().map(|(_, form)| form).map_err(|_| sent.refusal())
}

#[test]
fn a_client_gets_what_it_accepts() {
    let metadata = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    let list = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    for path in [MAP, WIDGET] {
        for (accept, expected) in [
            ("*/*", Some(As::Whole)),
            ("application/json", Some(As::Whole)),
            ("application/json; charset=utf-8", Some(As::Whole)),
            ("application/yaml", Some(As::Whole)),
            ("application/json;q=0", Some(As::Whole)),
            ("application/json;stream=watch", Some(As::Whole)),
            ("application/json;sv=v1", Some(As::Whole)),
            ("text/plain, */*;q=0.1", Some(As::Whole)),
            ("application/vnd.kubernetes.protobuf, application/json", Some(As::Whole)),
            (metadata, Some(As::Metadata(Meta::V1))),
            (table, Some(As::Table(Meta::V1, Ok(Include::Metadata)))),
            (
                "application/yaml;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
                Some(As::Table(Meta::V1Beta1, Ok(Include::Metadata))),
            ),
            ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", Some(As::Whole)),
            (
                "application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io",
                Some(As::Metadata(Meta::V1Beta1)),
            ),
            (
                "application/json;q=0.5,application/yaml;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
                Some(As::Metadata(Meta::V1)),
            ),
            ("text/plain", None),
            ("text/*", None),
            ("*/json", None),
            ("application/vnd.kubernetes.protobuf", None),
            ("application/cbor", None),
            ("application/json;stream=foo", None),
            ("application/json;sv=v2", None),
            ("application/json;as=PartialObjectMetadata", None),
            ("application/json;as=PartialObjectMetadata;v=v2;g=meta.k8s.io", None),
            ("application/json;as=Foo;v=v1;g=meta.k8s.io", None),
            ("application/json;v=v1;g=meta.k8s.io", None),
            ("application/cbor;as=Table;v=v1;g=meta.k8s.io", None),
        ] {
            let got = got(Sent::new("GET", path), accept);
            assert_eq!(got.as_ref().ok(), expected.as_ref(), "{path} {accept}: {got:?}");
            assert!(got.is_ok() || got.is_err_and(|(code, _)| code == 406));
        }
    }
    assert_eq!(got(Sent::new("GET", MAPS), list), Ok(As::Metadata(Meta::V1)));
    assert_eq!(got(Sent::new("DELETE", MAPS), list), Ok(As::Metadata(Meta::V1)));
    assert_eq!(got(Sent::new("DELETE", MAP), metadata), Ok(As::Metadata(Meta::V1)));
    assert_eq!(got(Sent::of(Verb::Watch, ""), metadata), Ok(As::Metadata(Meta::V1)));
}

/// The word is told when the request is done: a GET of what does not exist is a 404.
#[test]
fn a_table_includes_what_it_is_asked_to() {
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    for (word, expected) in [
        ("", Ok(Include::Metadata)),
        ("Metadata", Ok(Include::Metadata)),
        ("Object", Ok(Include::Object)),
        ("None", Ok(Include::None)),
        ("none", Err("none".to_owned())),
    ] {
        for verb in Verb::ALL {
            let sent = Sent::of(verb, &format!("includeObject={word}&includeObject=Object"));
            assert_eq!(got(sent, table), Ok(As::Table(Meta::V1, expected.clone())), "{verb:?}");
        }
    }
    assert_eq!(got(Sent::new("GET", format!("{MAP}?includeObject=x")), "*/*"), Ok(As::Whole));
}

#[test]
fn what_is_named_goes_before_what_is_not() {
    let watched = |accept| got(Sent::new("GET", format!("{WIDGETS}?watch=1")), accept);
    for (accept, is_yaml) in [
        ("*/*, application/yaml;q=0.1", true),
        ("application/*, application/yaml;q=0.1", true),
        ("application/json, application/yaml;q=0.1", false),
        ("application/yaml;q=0.1, application/json", false),
    ] {
        assert_eq!(watched(accept).is_err(), is_yaml, "no watch is in YAML: {accept}");
    }
}

#[test]
fn what_it_does_not_get_is_named() {
    let metadata = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    let list = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    let known = "application/json, application/yaml";
    for (sent, accept, expected) in [
        (
            Sent::new("GET", MAP),
            "text/plain",
            format!("406: Not Acceptable\n\nAvailable representations: {known}"),
        ),
        (
            Sent::new("GET", MAPS),
            "application/*",
            format!(
                "406: Not Acceptable\n\nAvailable representations: {known}, \
                 application/json;stream=watch"
            ),
        ),
        (
            Sent::new("GET", WIDGET),
            "text/plain",
            format!("only the following media types are accepted: {known}"),
        ),
        (
            Sent::of(Verb::Watch, ""),
            "application/yaml",
            "only the following media types are accepted: application/json;stream=watch".into(),
        ),
        (
            Sent::new("GET", MAPS),
            metadata,
            "you requested PartialObjectMetadata, but the requested object is a list \
             (*core.ConfigMapList)"
                .into(),
        ),
        (
            Sent::new("GET", MAP),
            list,
            "you requested PartialObjectMetadataList, but the requested object is not a list \
             (*core.ConfigMap)"
                .into(),
        ),
        (
            Sent::new("GET", WIDGETS),
            metadata,
            "you requested PartialObjectMetadata, but the requested object is a list \
             (*unstructured.UnstructuredList)"
                .into(),
        ),
    ] {
        assert_eq!(got(sent, accept), Err((406, expected)), "{accept}");
    }
    assert_eq!(got(Sent::new("GET", WIDGET), "application/*"), Ok(As::Whole));
    assert_eq!(got(Sent::new("GET", WIDGET), "*"), Ok(As::Whole));
}

#[test]
fn a_body_has_a_format_that_is_known() {
    for (kind, is_known) in [
        ("", true),
        ("application/json", true),
        ("APPLICATION/JSON ; charset=utf-8", true),
        ("application/json;", true),
        ("application/yaml", true),
        ("application/json; charset", false),
        ("application/json, text/plain", false),
        ("text/plain", false),
        ("application/x-www-form-urlencoded", false),
        ("application/cbor", false),
        ("application/vnd.kubernetes.protobuf", true),
        ("application/merge-patch+json", false),
    ] {
        for verb in [Verb::Create, Verb::Update] {
            let sent = Sent::of(verb, "").header("content-type", kind);
            assert_eq!(sent.parse().is_ok(), is_known, "{kind}");
            if !is_known {
                let why = "the body of the request was in an unknown format - accepted media \
                           types include: application/json, application/yaml";
                assert_eq!(sent.refusal(), (415, why.into()));
            }
        }
    }
}

#[test]
fn a_patch_has_a_type() {
    let custom = "the body of the request was in an unknown format - accepted media types include: \
                  application/json-patch+json, application/merge-patch+json, \
                  application/apply-patch+yaml";
    for (kind, expected) in [
        ("application/json-patch+json", Some(PatchKind::Json)),
        ("application/merge-patch+json; charset=utf-8", Some(PatchKind::Merge)),
        ("application/strategic-merge-patch+json", Some(PatchKind::Strategic)),
        ("application/apply-patch+yaml", Some(PatchKind::Apply)),
        ("application/apply-patch+cbor", None),
        ("Application/merge-patch+json", None),
        ("application/json", None),
        ("", None),
    ] {
        let patch = |path: &str| {
            Sent::new("PATCH", format!("{path}?fieldManager=me")).header("content-type", kind)
        };
        let got = |sent: &Sent| match sent.parse() {
            Ok((Ask::Patch(options), _)) => Ok(options.kind),
            Ok(other) => panic!("{other:?}"),
            Err(_) => Err(sent.refusal()),
        };
        let of_map = expected.ok_or((415, "415: Unsupported Media Type".to_owned()));
        assert_eq!(got(&patch(MAP)), of_map, "{kind}");
        let of_widget = expected.filter(|kind| *kind != PatchKind::Strategic);
        assert_eq!(got(&patch(WIDGET)), of_widget.ok_or((415, custom.to_owned())), "{kind}");
    }
}

#[test]
fn the_name_of_a_creation_is_read_in_every_format_that_is_taken() {
    let protobuf = b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x05\x0a\x03\x0a\x01a";
    let json = br#"{ "metadata": { "name": "a" } }"#;
    for (kind, body, name) in [
        ("", &json[..], "a"),
        ("application/json", json, "a"),
        ("application/yaml", b"metadata: { name: a }", "a"),
        ("Application/YAML; charset=utf-8", b"metadata: { name: a }", "a"),
        ("application/vnd.kubernetes.protobuf", protobuf, "a"),
        ("application/vnd.kubernetes.protobuf", json, ""),
        ("application/json", b"{}", ""),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        assert_eq!(media::sent_name(&headers, body), name, "{kind}");
    }
}
