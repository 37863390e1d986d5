use http::{HeaderMap, Request};
use http_body_util::BodyExt;

use serde_json::json;

use super::*;

fn parts(method: &str, query: &str, name: header::HeaderName, value: &str) -> Parts {
    let request = Request::builder().method(method).uri(format!("/api/v1/pods{query}"));
    request.header(name, value).body(()).unwrap().into_parts().0
}

async fn finished(response: Response<ResponseBody>, parts: &Parts) -> (HeaderMap, String) {
    let (head, body) = finish(response, parts).into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn an_answer_is_written_as_the_client_reads_it() {
    let short = r#"{"a":[1]}"#;
    let long = "{\n  \"a\": [\n    1\n  ]\n}\n";
    let accept = header::ACCEPT;
    for (query, name, value, kind, text) in [
        ("", accept.clone(), "application/json", JSON, short),
        ("", accept.clone(), "text/plain", JSON, short),
        ("", accept.clone(), "application/json;pretty=1", JSON, long),
        ("?pretty=true", accept.clone(), "*/*", JSON, long),
        ("?pretty=0", header::USER_AGENT, "curl/8", JSON, short),
        ("?pretty=", header::USER_AGENT, "curl/8", JSON, long),
        ("", header::USER_AGENT, "Wget", JSON, long),
        ("", accept.clone(), "application/yaml", "application/yaml", long),
        ("", accept, "application/json, application/yaml", JSON, short),
    ] {
        let response = json(StatusCode::OK, &json!({ "a": [1] }));
        let (headers, body) = finished(response, &parts("GET", query, name, value)).await;
        assert_eq!(
            (headers[header::CONTENT_TYPE].as_bytes(), body.as_str()),
            (kind.as_bytes(), text)
        );
        assert_eq!(headers[header::CONTENT_LENGTH], text.len().to_string());
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache, private");
    }
}

#[tokio::test]
async fn a_head_has_no_body_but_its_length() {
    let head = parts("HEAD", "", header::ACCEPT, "*/*");
    let (headers, body) = finished(json(StatusCode::OK, &json!({ "a": [1] })), &head).await;
    assert_eq!((headers[header::CONTENT_LENGTH].as_bytes(), body.as_str()), ("9".as_bytes(), ""));
}

#[tokio::test]
async fn a_path_that_nothing_serves_is_plain_text() {
    let request = parts("GET", "?pretty=1", header::ACCEPT, "*/*");
    let (headers, body) = finished(rejected(&Rejection::page_not_found()), &request).await;
    assert_eq!(body, "404 page not found\n");
    assert_eq!(headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

#[test]
fn warnings_are_quoted_told_once_and_cut() {
    let texts = |texts: &[&str]| {
        let mut response = json(StatusCode::OK, &json!({}));
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        warn(&mut response, &texts);
        let all = response.headers().get_all(header::WARNING).iter();
        all.map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap()).collect::<Vec<_>>()
    };
    let field = r#"unknown field "b\"ä""#;
    let expected = [r#"299 - "unknown field \"b\\\"ä\"""#, r#"299 - "x""#];
    assert_eq!(texts(&[field, "x", field, "", "a\nb"]), expected);
    let long = "ä".repeat(4_000);
    assert_eq!(texts(&[&long]), [format!("299 - \"{long}\"")]);
    let cut = format!("299 - \"{}\"", "ä".repeat(256));
    let others: Vec<String> = (0..30).map(|number| format!("{number:0300}")).collect();
    let mut all = vec![long.as_str()];
    all.extend(others.iter().map(String::as_str));
    let written = texts(&all);
    assert_eq!((&written[0], written.len()), (&cut, 16));
}
