use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use serde_json::Value;

use super::{
    ask::{Parameter, ROWS, Row},
    *,
};
use crate::fault::Faults;

const METHODS: [&str; 9] =
    ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"];

#[tokio::test]
async fn each_row_answers_what_it_takes() {
    let server = TestServer::new();
    for row in &ROWS {
        let body = if row.takes_body { "{}" } else { "" };
        let (code, _, text) = ask(&server, row.method, &path(row), body).await;
        assert_eq!(code, 200, "{} {}: {text}", row.method, row.path);
        for parameter in row.parameters {
            let query = format!("?{}={}", parameter.name(), good(*parameter));
            let (code, _, text) = ask(&server, row.method, &(path(row) + &query), body).await;
            assert_eq!(code, 200, "{} {}{query}: {text}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn each_row_refuses_parameters_that_it_does_not_have() {
    let server = TestServer::new();
    for row in &ROWS {
        for (query, named) in [
            ("nonsense", "nonsense"),
            ("nonsense=1", "nonsense"),
            ("=", "\\\"\\\""),
            ("%73ence=1", "sence"),
            ("Since=1", "Since"),
            ("pretty=1", "pretty"),
            ("watch=1", "watch"),
            ("a%zz=1", "hexadecimal"),
            ("a=%", "hexadecimal"),
            ("client=a", "client"),
        ] {
            let text = refused(&server, row, &format!("?{query}")).await;
            assert!(text.contains(named), "{query}: {text}");
            for parameter in row.parameters {
                let is_told = text.contains(parameter.name()) || named == "hexadecimal";
                assert!(is_told, "{query}: {text}");
            }
        }
        for parameter in ALL.iter().filter(|parameter| !row.parameters.contains(parameter)) {
            let text = refused(&server, row, &format!("?{}=1", parameter.name())).await;
            assert!(text.contains(parameter.name()), "{text}");
        }
    }
}

#[tokio::test]
async fn each_row_refuses_values_that_are_none() {
    let server = TestServer::new();
    for row in &ROWS {
        for parameter in row.parameters {
            let (name, good) = (parameter.name(), good(*parameter));
            refused(&server, row, &format!("?{name}={good}&{name}={good}")).await;
            for value in bad(*parameter) {
                let text = refused(&server, row, &format!("?{name}={value}")).await;
                assert!(text.contains(name), "{value}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn each_path_refuses_methods_that_it_does_not_have() {
    let server = TestServer::new();
    for row in &ROWS {
        let mut allowed: Vec<&str> =
            ROWS.iter().filter(|other| other.path == row.path).map(|other| other.method).collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        allowed.sort_unstable();
        for method in METHODS.iter().filter(|method| !allowed.contains(method)) {
            let (code, headers, text) = ask(&server, method, &path(row), "").await;
            assert_eq!(code, 405, "{method} {}", row.path);
            let told = headers[header::ALLOW].to_str().unwrap();
            let mut told: Vec<&str> = told.split(", ").collect();
            told.sort_unstable();
            assert_eq!(told, allowed);
            let is_told = text.contains(method) && text.contains(r#""reason":"MethodNotAllowed""#);
            assert!(is_told || (*method == "HEAD" && text.is_empty()), "{text}");
        }
    }
}

#[tokio::test]
async fn each_row_refuses_a_body_that_it_does_not_take() {
    let server = TestServer::new();
    for row in ROWS.iter().filter(|row| !row.takes_body) {
        let (code, _, text) = ask(&server, row.method, &path(row), "{}").await;
        assert_eq!(code, 400, "{text}");
        assert!(text.contains("takes no body"), "{text}");
    }
    assert_eq!(server.faults("me"), Faults::default());
}

#[tokio::test]
async fn a_path_that_is_none_is_told_with_those_that_are() {
    let server = TestServer::new();
    for wrong in ["/_ha/nonsense", "/_ha//", "/_ha/requests/1", "/_ha/%66aults", "/_ha/watches//"] {
        let (code, _, text) = ask(&server, "GET", wrong, "").await;
        assert_eq!(code, 404, "{wrong}");
        for row in &ROWS {
            assert!(text.contains(row.path), "{text}");
        }
    }
    assert!(is_ours("/_ha") && is_ours("/_ha/") && is_ours("/_ha/faults"));
    assert!(!is_ours("/_have") && !is_ours("/api/_ha"));
}

#[tokio::test]
async fn what_describes_no_faults_is_told_where() {
    let server = TestServer::new();
    for (body, named) in [
        ("", "no JSON object, as"),
        ("[]", "no JSON object, as"),
        ("null", "no JSON object, as"),
        ("{", "line 1 column 1, after `{`"),
        (r#"{"typo": 1}"#, "unknown field `typo`, expected one of `rules`, `script`"),
        (r#"{"typo": 1}"#, r#"column 7, after `{\"typo\"`"#),
        ("{\n  \"cut_answers\": 7 }", r#"line 2 column 18, after `  \"cut_answers\": 7`"#),
        (r#"{"script": ["explode"]}"#, "unknown variant `explode`"),
        (r#"{"cut_answers": true, "cut_answers": true}"#, "duplicate field `cut_answers`"),
        (r#"{"rules": [{"on": {"resource": "pods"}}]}"#, "missing field `fault`"),
        ("{} {}", "trailing characters at line 1 column 4"),
        ("{\"ä\": \"öööööööööööööööööööööööööööööööööööööööö\", \"a\": 1}", "unknown field `ä`"),
        ("{\u{ff}", "line 1"),
        (r#"{"share": {"ratio": 7, "code": 500}}"#, "a share from 0 to 1"),
        (r#"{"share": {"ratio": 0.5, "code": 5000}}"#, "status 5000"),
        (r#"{"script": ["pass", {"status": {"code": 99}}]}"#, "status 99"),
        (r#"{"rules": [{"on": {}, "fault": {"status": {"code": 0}}}]}"#, "status 0"),
    ] {
        let (code, _, text) = ask(&server, "PUT", "/_ha/faults/me", body).await;
        assert_eq!(code, 400);
        assert!(text.contains(named), "{body}: {text}");
    }
    assert_eq!(server.faults("me"), Faults::default());
}

/// The table that users read names what there is.
#[test]
fn the_documentation_names_every_row() {
    let documentation = include_str!("../../lib.rs");
    let lines: Vec<&str> = documentation
        .lines()
        .filter(|line| line.contains("/_ha") && line.contains("| `"))
        .collect();
    for row in &ROWS {
        let names = |end| format!("//! | `{} {}{end}", row.method, row.path);
        let is_it = |line: &&&str| line.starts_with(&names('`')) || line.starts_with(&names('?'));
        let line = lines.iter().find(is_it).expect(row.path);
        for parameter in &ALL {
            let is_named = line.contains(&format!("{}=", parameter.name()));
            assert_eq!(is_named, row.parameters.contains(parameter), "{line}");
        }
    }
}

fn path(row: &Row) -> String {
    row.path.replace("CLIENT", "me")
}

fn good(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Namespace => "default",
        Parameter::Refresh => "2",
        // Without a namespace, and within one, it is a type.
        Parameter::Resource => "configmaps",
        Parameter::Since => "0",
    }
}

fn bad(parameter: Parameter) -> &'static [&'static str] {
    match parameter {
        Parameter::Namespace => &["", "a/b", "a%20b"],
        Parameter::Refresh => &["", "0", "-1", "1.5", "x", "%2B1", "99999999999999999999"],
        Parameter::Resource => &["", "configmap", "pods/status", "pods%20default", "pods.apps"],
        Parameter::Since => &["", "-1", "1.5", "x", "%2B1", "1;x", "99999999999999999999"],
    }
}

async fn refused(server: &TestServer, row: &Row, query: &str) -> String {
    let (code, headers, text) = ask(server, row.method, &(path(row) + query), "").await;
    assert_eq!(code, 400, "{} {}{query}: {text}", row.method, row.path);
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    assert!(text.contains(r#""kind":"Status""#), "{text}");
    text
}

async fn ask(server: &TestServer, method: &str, uri: &str, body: &str) -> (u16, HeaderMap, String) {
    let parts = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0;
    let body = Ok(Bytes::copy_from_slice(body.as_bytes()));
    let (parts, body) = server.administer(&parts, &body).into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    // The parameter `pretty` is refused, in the form that it asks for.
    let text = match serde_json::from_str::<Value>(&text) {
        Ok(json) => json.to_string(),
        Err(_) => text,
    };
    (parts.status.as_u16(), parts.headers, text)
}

const ALL: [Parameter; 4] =
    [Parameter::Namespace, Parameter::Refresh, Parameter::Resource, Parameter::Since];
