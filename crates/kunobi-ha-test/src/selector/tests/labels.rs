//! Label selectors.

use serde_json::json;

use super::{key, resource};
use crate::selector::Selector;

fn labels(text: &str) -> Result<Selector, String> {
    let selector = Selector::parse(Some(text), None, &resource("", "pods"));
    selector.map_err(|rejection| rejection.body()["message"].as_str().unwrap().to_owned())
}

#[test]
fn labels_are_compared_as_there() {
    let object = json!({ "metadata": { "labels": {
        "a": "b", "empty": "", "n": "10", "example.com/x": "y", "in": "in", "no": "ten"
    } } });
    for (text, expected) in [
        ("", true),
        ("a", true),
        ("!a", false),
        ("!z", true),
        ("a=b", true),
        ("a==b", true),
        (" a = b , n ", true),
        ("a=c", false),
        ("a!=c", true),
        ("z!=c", true),
        ("a!=b", false),
        ("a in (b,c)", true),
        ("a in (c)", false),
        ("z in (c)", false),
        ("a notin (c)", true),
        ("z notin (c)", true),
        ("a notin (b,c)", false),
        ("empty=", true),
        ("empty in ()", true),
        ("empty in (x,)", true),
        ("empty in (,x)", true),
        ("empty in (x,,y)", true),
        ("empty in (x,y)", false),
        ("a=", false),
        ("a!=,n", true),
        ("n>9", true),
        ("n>10", false),
        ("n<11", true),
        ("n<10", false),
        ("no>1", false),
        ("z<1", false),
        ("example.com/x=y", true),
        ("in in (in)", true),
        ("in=in", true),
        ("!in", false),
        ("a,!z,n>1,a in (b)", true),
        ("a,!z,n>1,a in (x)", false),
    ] {
        let selector = labels(text).unwrap();
        assert_eq!(selector.matches(&key("x", "y"), &object), expected, "{text}");
        assert_eq!(selector.is_empty(), text.is_empty());
    }
    let bare = json!({ "metadata": {} });
    assert!(labels("!a,b!=c,d notin (e)").unwrap().matches(&key("x", "y"), &bare));
    assert!(!labels("a").unwrap().matches(&key("x", "y"), &bare));
}

/// Recorded from kube-apiserver 1.37.2, as all messages here.
#[test]
fn what_is_no_label_selector_is_refused_in_the_words_of_kube_apiserver() {
    let operators = "expected: in, notin, =, ==, !=, gt, lt";
    for (text, expected) in [
        ("a b", &*format!("found 'b', {operators}")),
        ("a!b", &format!("found '!', {operators}")),
        ("a in", "found '' expected: '('"),
        ("a in b", "found 'b' expected: '('"),
        ("a in (", "found '', expected: ',', ')' or identifier"),
        ("a in (=)", "found '=', expected: ',', ')' or identifier"),
        ("a in (b", "found '', expected: ',' or ')'"),
        ("a in (b c)", "found 'c', expected: ',' or ')'"),
        ("a in (,", "found '', expected: ',', or identifier"),
        ("a in (b,=", "found '=', expected: ',', or identifier"),
        ("!", "found '', expected: identifier"),
        ("a===b", "found '=', expected: identifier"),
        ("a><b", "found '<', expected: identifier"),
        ("a=!b", "found '!', expected: identifier"),
    ] {
        let expected = format!("unable to parse requirement: {expected}");
        assert_eq!(labels(text).unwrap_err(), expected, "{text}");
    }
    for (text, expected) in [
        ("=x", "found '=', expected: !, identifier, or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("(", "found '(', expected: !, identifier, or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b,", "found '', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("a=b)", "found ')', expected: ',' or 'end of string'"),
    ] {
        assert_eq!(labels(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn what_is_no_label_is_refused_in_the_words_of_kube_apiserver() {
    let long = "x".repeat(64);
    let value_in =
        |at: &str, value: &str| format!("values{at}: Invalid value: \"{value}\": {VALUE}");
    let integer = "for 'Gt', 'Lt' operators, the value must be an integer";
    let key = |key: &str, why: &str| format!("<nil>: Invalid value: \"{key}\": {why}");
    for (text, expected) in [
        ("a>x", format!("values[0]: Invalid value: \"x\": {integer}")),
        ("a<1.5", format!("values[0]: Invalid value: \"1.5\": {integer}")),
        (
            "a>1,a>y-",
            format!("[values[0]: Invalid value: \"y-\": {integer}, {}]", value_in("[0][a]", "y-")),
        ),
        ("a=-x", value_in("[0][a]", "-x")),
        ("a=ä", value_in("[0][a]", "ä")),
        ("a in (b,c-)", value_in("[1][a]", "c-")),
        (
            &format!("a={long}"),
            format!("values[0][a]: Invalid value: \"{long}\": must be no more than 63 bytes"),
        ),
        ("-a", key("-a", &format!("name part {KEY}"))),
        (
            "a/b/c",
            key(
                "a/b/c",
                &format!(
                    "a valid label key {KEY} with an optional DNS subdomain prefix and '/' (e.g. \
                     'example.com/MyName')"
                ),
            ),
        ),
        ("/a", key("/a", "prefix part must be non-empty")),
        ("B/a", key("B/a", &format!("prefix part {PREFIX}"))),
        ("a/", key("a/", &format!("name part must be non-empty; name part {KEY}"))),
        (&long, key(&long, "name part must be no more than 63 bytes")),
    ] {
        let expected = format!("unable to parse requirement: {expected}");
        assert_eq!(labels(text).unwrap_err(), expected, "{text}");
    }
}

const KEY: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
    with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for \
    validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, \
    '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or \
    'my_value',  or '12345', regex used for validation is \
    '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const PREFIX: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
    characters, '-' or '.', and must start and end with an alphanumeric character (e.g. \
    'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
