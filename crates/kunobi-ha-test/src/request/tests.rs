//! Expectations are those of kube-apiserver 1.37.2, asked one by one.

mod deletion;
mod formats;
mod lists;
mod places;
mod table;

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};

use super::*;
use crate::{crd, types::Types};

pub(super) const MAPS: &str = "/api/v1/namespaces/a/configmaps";
pub(super) const MAP: &str = "/api/v1/namespaces/a/configmaps/b";
pub(super) const WIDGETS: &str = "/apis/example.com/v1/namespaces/a/widgets";
pub(super) const WIDGET: &str = "/apis/example.com/v1/namespaces/a/widgets/b";

/// A request to be parsed.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
}

impl Sent {
    pub(super) fn new(method: &'static str, url: impl Into<String>) -> Self {
        let headers = match method {
            "PATCH" => vec![("content-type", "application/merge-patch+json")],
            _ => Vec::new(),
        };
        Self { method, url: url.into(), headers, body: None }
    }

    pub(super) fn of(verb: Verb, query: &str) -> Self {
        let (method, path) = match verb {
            Verb::Get => ("GET", MAP),
            Verb::List => ("GET", MAPS),
            Verb::Watch => ("GET", "/api/v1/watch/namespaces/a/configmaps"),
            Verb::Create => ("POST", MAPS),
            Verb::Update => ("PUT", MAP),
            Verb::Patch => ("PATCH", MAP),
            Verb::Delete => ("DELETE", MAP),
            Verb::DeleteCollection => ("DELETE", MAPS),
        };
        Self::new(method, format!("{path}?{query}"))
    }

    pub(super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.retain(|(is, _)| *is != name);
        self.headers.push((name, value));
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn parse(&self) -> Result<(Ask, As), Rejection> {
        let mut request = Request::builder().method(self.method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let target = Target::parse(parts.uri.path()).expect(&self.url);
        parse(&parts, &target, &resource(&target), self.body.as_ref())
    }

    /// The code and the message of a refusal.
    pub(super) fn refusal(&self) -> (u64, String) {
        let body = self.parse().expect_err(&self.url).body();
        let message = body["message"].as_str().unwrap().to_owned();
        (body["code"].as_u64().unwrap(), message)
    }
}

/// The type at a URL: a custom one, if the group is not a built-in one.
fn resource(target: &Target) -> Arc<Resource> {
    let mut types = Types::new();
    types.define("widgets.example.com", crd::served(&definition()));
    let found = types.find(&target.group, &target.version, &target.resource);
    found.unwrap_or_else(|| panic!("{target:?} is no type"))
}

fn definition() -> Value {
    json!({
        "metadata": { "name": "widgets.example.com" },
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "versions": [{ "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
                           "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
        "status": {
            "acceptedNames": { "kind": "Widget", "listKind": "WidgetList", "plural": "widgets" },
            "conditions": [{ "type": "Established", "status": "True" }],
        },
    })
}

#[test]
fn writes_are_tried_validated_and_have_a_manager() {
    let options = |sent: Sent| match sent.parse().unwrap().0 {
        Ask::Create(options) | Ask::Update(options) => options,
        other => panic!("{other:?}"),
    };
    let plain = options(Sent::of(Verb::Create, ""));
    assert_eq!((plain.is_dry_run, plain.manager.as_str()), (false, "unknown"));
    assert_eq!(plain.validation, FieldValidation::Warn);
    let all =
        Sent::of(Verb::Update, "dryRun=All&dryRun=All&fieldManager=me&fieldValidation=Strict");
    let all = options(all.header("user-agent", "you/1.0"));
    assert_eq!((all.is_dry_run, all.manager.as_str()), (true, "me"));
    assert_eq!(all.validation, FieldValidation::Strict);
    let agent = Sent::of(Verb::Create, "fieldManager=").header("user-agent", "y\tou x/1.0");
    assert_eq!(options(agent).manager, "you x");
    let long = "x".repeat(129);
    for (query, message) in [
        ("dryRun=x", r#"dryRun: Unsupported value: ["x"]: supported values: "All""#.into()),
        ("dryRun=", r#"dryRun: Unsupported value: [""]: supported values: "All""#.into()),
        (
            "dryRun=All&dryRun=b",
            r#"dryRun: Unsupported value: ["All","b"]: supported values: "All""#.into(),
        ),
        (
            "fieldManager=%07a",
            r#"fieldManager: Invalid value: "\aa": invalid character U+0007 (at position 0)"#
                .into(),
        ),
        (
            &format!("fieldManager={long}"),
            "fieldManager: Too long: may not be more than 128 bytes".into(),
        ),
        (
            "dryRun=x&fieldValidation=strict",
            concat!(
                r#"[dryRun: Unsupported value: ["x"]: supported values: "All", "#,
                r#"fieldValidation: Unsupported value: "strict": supported values: "", "Ignore", "#,
                r#""Strict", "Warn"]"#
            )
            .to_owned(),
        ),
    ] {
        for (verb, kind) in
            [(Verb::Create, "Create"), (Verb::Update, "Update"), (Verb::Patch, "Patch")]
        {
            let expected = format!("{kind}Options.meta.k8s.io \"\" is invalid: {message}");
            assert_eq!(Sent::of(verb, query).refusal(), (422, expected), "{query}");
        }
    }
}

#[test]
fn a_refusal_of_options_names_them() {
    let body = Sent::of(Verb::Patch, "force=0").parse().unwrap_err().body();
    let details = json!({ "group": "meta.k8s.io", "kind": "PatchOptions", "causes": [{
        "reason": "FieldValueForbidden",
        "message": "Forbidden: may not be specified for non-apply patch",
        "field": "force",
    }] });
    assert_eq!(body["details"], details);
}

#[test]
fn an_apply_needs_a_manager_and_may_be_forced() {
    let apply = |query: &str| {
        Sent::of(Verb::Patch, query).header("content-type", "application/apply-patch+yaml")
    };
    let why = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required \
               for apply patch";
    assert_eq!(apply("").refusal(), (422, why.into()));
    assert_eq!(apply("fieldManager=").refusal(), (422, why.into()));
    for (query, is_forced) in [("", false), ("&force=true", true), ("&force=0", false)] {
        match apply(&format!("fieldManager=me{query}")).parse().unwrap().0 {
            Ask::Patch(options) => {
                assert_eq!((options.is_forced, options.kind), (is_forced, PatchKind::Apply));
                assert_eq!(options.write.manager, "me");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_object_is_read_at_a_version() {
    for (query, expected) in [
        ("", At::Latest),
        ("resourceVersion=", At::Latest),
        ("resourceVersion=0", At::Any),
        ("resourceVersion=5&resourceVersion=x", At::NotOlder(5)),
        ("export=false", At::Latest),
    ] {
        match Sent::of(Verb::Get, query).parse().unwrap().0 {
            Ask::Get(options) => assert_eq!(options.at, expected, "{query}"),
            other => panic!("{other:?}"),
        }
    }
    let expected = "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": \
                    invalid syntax";
    assert_eq!(Sent::of(Verb::Get, "resourceVersion=abc").refusal(), (500, expected.into()));
    let expected = "the export parameter, deprecated since v1.14, is no longer supported";
    assert_eq!(Sent::of(Verb::Get, "export=").refusal(), (400, expected.into()));
}

#[test]
fn a_timeout_must_be_one_although_nothing_here_takes_that_long() {
    let why = "invalid timeout specified in the request URL - time: ";
    for (query, rest) in [
        ("timeout=abc", "invalid duration \"abc\""),
        ("timeout=5", "missing unit in duration \"5\""),
    ] {
        let expected = (400, format!("{why}{rest}"));
        assert_eq!(Sent::of(Verb::Get, query).refusal(), expected);
        assert_eq!(Sent::of(Verb::Create, query).refusal(), expected);
        assert!(Sent::of(Verb::Watch, query).parse().is_ok(), "it has its own");
    }
    assert!(Sent::of(Verb::Get, "timeout=32s").parse().is_ok());
}
