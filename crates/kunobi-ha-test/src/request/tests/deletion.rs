use super::*;

fn deleted(sent: &Sent) -> DeleteOptions {
    match sent.parse().unwrap().0 {
        Ask::Delete(options) | Ask::DeleteCollection(options, _) => options,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deletion_has_options_in_its_query() {
    let of = |query: &str| deleted(&Sent::of(Verb::Delete, query));
    let all =
        "gracePeriodSeconds=5&propagationPolicy=Foreground&uid=u&resourceVersion=r&dryRun=All";
    for options in [of(all), deleted(&Sent::of(Verb::DeleteCollection, &all.replace("=r&", "=7&")))]
    {
        assert!(options.is_dry_run && !options.is_accepted_when_pending);
        assert_eq!(options.grace_seconds, Some(5));
        assert_eq!(options.propagation, Some(Propagation::Foreground));
        assert_eq!(options.uid.as_deref(), Some("u"));
        assert!(options.resource_version.is_some());
    }
    assert_eq!(of("gracePeriodSeconds=-5").grace_seconds, Some(1));
    assert_eq!(of("gracePeriodSeconds=9223372036854775807").grace_seconds, Some(u32::MAX));
    assert_eq!(of("uid=&resourceVersion=").uid, None);
    assert_eq!(of("orphanDependents=zzz").propagation, Some(Propagation::Orphan));
    let background = of("orphanDependents=false");
    assert_eq!(background.propagation, Some(Propagation::Background));
    assert!(background.is_accepted_when_pending);
    assert_eq!(of("ignoreStoreReadErrorWithClusterBreakingPotential=false").uid, None);
}

#[test]
fn a_body_takes_the_place_of_the_query() {
    let body = |body: Value| {
        let sent = Sent::of(Verb::Delete, "dryRun=zzz&gracePeriodSeconds=abc&uid=u").body(body);
        deleted(&sent)
    };
    for empty in [json!({}), Value::Null, json!({ "kind": "DeleteOptions", "apiVersion": "v1" })] {
        let options = body(empty);
        assert!(!options.is_dry_run && options.uid.is_none() && options.grace_seconds.is_none());
    }
    let options = body(json!({
        "apiVersion": "apps/v1", "kind": "DeleteOptions", "unknown": 1, "dryRun": ["All"],
        "gracePeriodSeconds": 7, "propagationPolicy": "Background", "orphanDependents": null,
        "preconditions": { "uid": "", "resourceVersion": "r" },
    }));
    assert_eq!((options.is_dry_run, options.grace_seconds), (true, Some(7)));
    assert_eq!(options.propagation, Some(Propagation::Background));
    assert_eq!(options.uid.as_deref(), Some(""), "which no object has");
    assert_eq!(options.resource_version.as_deref(), Some("r"));
}

#[test]
fn a_body_that_is_not_one_is_refused() {
    let header = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    let header = format!(
        "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type {header}"
    );
    let field = |what: &str| format!("json: cannot unmarshal {what}");
    for (body, why) in [
        ("[]", header),
        (
            r#"{"kind":5}"#,
            "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go \
             struct field .kind of type string"
                .into(),
        ),
        (
            r#"{"kind":"Pod","apiVersion":"v1"}"#,
            r#"no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111""#.into(),
        ),
        (
            r#"{"kind":"Foo"}"#,
            r#"no kind "Foo" is registered for version "meta.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111""#.into(),
        ),
        (
            r#"{"kind":"DeleteOptions","apiVersion":"a/b/c"}"#,
            "unexpected GroupVersion string: a/b/c".into(),
        ),
        (
            r#"{"dryRun":"All"}"#,
            field("string into Go struct field DeleteOptions.dryRun of type []string"),
        ),
        (
            r#"{"dryRun":[5]}"#,
            field("number into Go struct field DeleteOptions.dryRun of type string"),
        ),
        (
            r#"{"gracePeriodSeconds":"5"}"#,
            field("string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"),
        ),
        (
            r#"{"gracePeriodSeconds":1.5}"#,
            field("number 1.5 into Go struct field DeleteOptions.gracePeriodSeconds of type int64"),
        ),
        (
            r#"{"preconditions":5}"#,
            field("number into Go struct field DeleteOptions.preconditions of type v1.Preconditions"),
        ),
        (
            r#"{"preconditions":{"uid":5}}"#,
            field("number into Go struct field Preconditions.preconditions.uid of type types.UID"),
        ),
        (
            r#"{"orphanDependents":"x"}"#,
            field("string into Go struct field DeleteOptions.orphanDependents of type bool"),
        ),
        (
            r#"{"propagationPolicy":true}"#,
            field("bool into Go struct field DeleteOptions.propagationPolicy of type v1.DeletionPropagation"),
        ),
    ] {
        let value: Value = serde_json::from_str(body).unwrap();
        assert_eq!(Sent::of(Verb::Delete, "").body(value).refusal(), (400, why), "{body}");
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let policies = r#""Foreground", "Background", "Orphan", "nil""#;
    let ignore = "ignoreStoreReadErrorWithClusterBreakingPotential";
    for (query, why) in [
        (
            "propagationPolicy=".to_owned(),
            format!("propagationPolicy: Unsupported value: \"\": supported values: {policies}"),
        ),
        (
            "propagationPolicy=foo&dryRun=x".into(),
            format!(
                "[propagationPolicy: Unsupported value: \"foo\": supported values: {policies}, \
                 dryRun: Unsupported value: [\"x\"]: supported values: \"All\"]"
            ),
        ),
        (
            "propagationPolicy=Foreground&orphanDependents=true".into(),
            "propagationPolicy: Invalid value: \"Foreground\": orphanDependents and \
             deletionPropagation cannot be both set"
                .into(),
        ),
        (
            format!("{ignore}=true&gracePeriodSeconds=5"),
            format!(
                "{ignore}: Invalid value: true: cannot be set together with .gracePeriodSeconds"
            ),
        ),
    ] {
        let expected = format!("DeleteOptions.meta.k8s.io \"\" is invalid: {why}");
        for verb in [Verb::Delete, Verb::DeleteCollection] {
            assert_eq!(Sent::of(verb, &query).refusal(), (422, expected.clone()), "{query}");
        }
    }
    let sent = Sent::of(Verb::DeleteCollection, &format!("{ignore}=true"));
    let expected = format!(
        "DeleteOptions.meta.k8s.io \"\" is invalid: {ignore}: Invalid value: true: is not allowed \
         with DELETECOLLECTION, try again after removing the option"
    );
    assert_eq!(sent.refusal(), (422, expected));
    let sent = Sent::of(Verb::Delete, &format!("{ignore}=true"));
    assert_eq!(sent.refusal(), (501, format!("kunobi-ha-test does not support {ignore}")));
}
