use std::time::Duration;

use super::*;

fn list(query: &str) -> ListOptions {
    match Sent::of(Verb::List, query).parse().expect(query).0 {
        Ask::List(options) => options,
        other => panic!("{other:?}"),
    }
}

fn watch(query: &str) -> WatchOptions {
    match Sent::new("GET", format!("{MAPS}?watch=1&{query}")).parse().expect(query).0 {
        Ask::Watch(options) => options,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_is_of_a_version_and_has_a_length() {
    for (query, at, limit) in [
        ("", At::Latest, None),
        ("limit=0", At::Latest, None),
        ("limit=-1", At::Latest, None),
        ("limit=5", At::Latest, Some(5)),
        ("limit=9223372036854775807", At::Latest, Some(usize::MAX >> 1)),
        ("resourceVersion=0&limit=5", At::Any, None),
        ("resourceVersion=7", At::NotOlder(7), None),
        ("resourceVersion=7&limit=5", At::Exact(7), Some(5)),
        ("resourceVersion=7&limit=5&resourceVersionMatch=NotOlderThan", At::NotOlder(7), Some(5)),
        ("resourceVersion=7&resourceVersionMatch=Exact", At::Exact(7), None),
        ("resourceVersion=0&resourceVersionMatch=NotOlderThan", At::Any, None),
        ("watch=0&allowWatchBookmarks=x", At::Latest, None),
    ] {
        let got = list(query);
        assert_eq!((got.at, got.limit, got.token), (at, limit, None), "{query}");
    }
    let token = Continue { revision: Some(5), after: ("a".into(), "b".into()), left: None };
    let target = Target::parse(MAPS).unwrap();
    let text = token.text(&target);
    let next = list(&format!("limit=1&continue={text}"));
    assert_eq!((next.at, next.limit, next.token), (At::Latest, Some(1), Some(token.clone())));
    let next = list(&format!("limit=1&resourceVersion=0&continue={text}"));
    assert_eq!((next.at, next.limit, next.token), (At::Any, None, Some(token)));
    let sent = Sent::of(Verb::List, &format!("resourceVersion=5&continue={text}"));
    let why = "specifying resource version is not allowed when using continue";
    assert_eq!(sent.refusal(), (400, why.into()));
}

#[test]
fn a_watch_begins_somewhere() {
    let events = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let none = "sendInitialEvents=false&resourceVersionMatch=NotOlderThan";
    for (query, start, not_older_than) in [
        (String::new(), Start::Existing, None),
        ("resourceVersion=0".into(), Start::Existing, None),
        ("resourceVersion=0&allowWatchBookmarks=1".into(), Start::ExistingThenBookmark, None),
        ("resourceVersion=5&allowWatchBookmarks=1".into(), Start::After(5), None),
        (events.into(), Start::Existing, None),
        (format!("{events}&allowWatchBookmarks=true"), Start::ExistingThenBookmark, None),
        (
            format!("{events}&allowWatchBookmarks=true&resourceVersion=9"),
            Start::ExistingThenBookmark,
            Some(9),
        ),
        (none.into(), Start::Now, None),
        (format!("{none}&resourceVersion=0"), Start::Now, None),
        (format!("{none}&resourceVersion=9"), Start::After(9), None),
    ] {
        let got = watch(&query);
        assert_eq!((got.start, got.not_older_than), (start, not_older_than), "{query}");
    }
    assert!(watch("allowWatchBookmarks=").bookmarks && !watch("allowWatchBookmarks=0").bookmarks);
}

#[test]
fn a_watch_ends() {
    for (query, timeout) in [
        ("", 1_800),
        ("timeoutSeconds=0", 1_800),
        ("timeoutSeconds=5", 5),
        ("timeoutSeconds=-1", 0),
        ("timeoutSeconds=9223372036854775807", 0),
        ("timeoutSeconds=9223372036", 9_223_372_036),
    ] {
        assert_eq!(watch(query).timeout, Duration::from_secs(timeout), "{query}");
    }
}

#[test]
fn an_old_watch_of_one_object_selects_it() {
    let old = "/api/v1/watch/namespaces/a/configmaps/b";
    let name = |query: &str| match Sent::new("GET", format!("{old}?{query}")).parse().unwrap().0 {
        Ask::Watch(options) => options.selector.name().map(ToOwned::to_owned),
        other => panic!("{other:?}"),
    };
    assert_eq!(name("").as_deref(), Some("b"));
    assert_eq!(name("fieldSelector=metadata.name%3Db").as_deref(), Some("b"));
    let other = Sent::new("GET", format!("{old}?fieldSelector=metadata.name%3Dc"));
    let why = "fieldSelector metadata.name doesn't match requested name";
    assert_eq!(other.refusal(), (400, why.into()));
}

#[test]
fn numbers_that_are_none_are_refused() {
    for name in ["limit", "timeoutSeconds"] {
        for verb in [Verb::List, Verb::Watch, Verb::DeleteCollection] {
            for (value, why) in [
                ("abc", "invalid syntax"),
                ("", "invalid syntax"),
                ("99999999999999999999", "value out of range"),
            ] {
                let expected = format!("strconv.ParseInt: parsing \"{value}\": {why}");
                let sent = Sent::of(verb, &format!("{name}={value}"));
                assert_eq!(sent.refusal(), (400, expected));
            }
        }
    }
    let why = "resourceVersion: Invalid value: \"-1\": strconv.ParseUint: parsing \"-1\": invalid \
               syntax";
    let listed = (400, format!("invalid resource version: {why}"));
    assert_eq!(Sent::of(Verb::List, "resourceVersion=-1").refusal(), listed);
    assert_eq!(Sent::of(Verb::DeleteCollection, "resourceVersion=-1").refusal(), listed);
    assert_eq!(Sent::of(Verb::Watch, "resourceVersion=-1").refusal(), (500, why.into()));
}

#[test]
fn parameters_that_contradict_each_other_are_refused() {
    let needs = "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless \
                 resourceVersion is provided";
    let no_token = "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided";
    let requires = "resourceVersionMatch: Forbidden: sendInitialEvents requires setting \
                    resourceVersionMatch to NotOlderThan";
    for (query, why) in [
        ("resourceVersionMatch=Exact", needs.to_owned()),
        ("resourceVersionMatch=Exact&continue=abc", format!("[{needs}, {no_token}]")),
        (
            "resourceVersionMatch=Foo&resourceVersion=5",
            "resourceVersionMatch: Unsupported value: \"Foo\": supported values: \"Exact\", \
             \"NotOlderThan\", \"\""
                .into(),
        ),
        (
            "resourceVersionMatch=Exact&resourceVersion=0",
            "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for \
             resourceVersion \"0\""
                .into(),
        ),
        (
            "sendInitialEvents=",
            "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list".into(),
        ),
        ("watch=1&sendInitialEvents=true", requires.into()),
        (
            "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact",
            format!(
                "[{requires}, resourceVersionMatch: Unsupported value: \"Exact\": supported values: \
                 \"NotOlderThan\"]"
            ),
        ),
        (
            "watch=1&resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless \
             sendInitialEvents is provided"
                .into(),
        ),
        ("watch=1&continue=abc", no_token.into()),
    ] {
        let expected = format!("ListOptions.meta.k8s.io \"\" is invalid: {why}");
        for verb in [Verb::List, Verb::DeleteCollection] {
            assert_eq!(Sent::of(verb, query).refusal(), (422, expected.clone()), "{query}");
        }
    }
}
