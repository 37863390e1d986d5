//! Answers that are not a Lease, or not JSON.

use serde_json::{Value, json};

use super::{Candidate, Fact, LAPSES, Leader, NOT_TRIED, Row, TOO_MUCH, WAITS, bytes};

/// The facts of this table: nothing of this kind can be stored.
const FACT: Fact = Fact::Refused("what_is_sent_must_be_what_the_url_names");

pub(super) fn rows() -> Vec<Row> {
    let unreadable = |name, fact, body| {
        let candidate = Candidate::GivesUp("the answer is no JSON");
        Row { name, fact, body, candidate, leader: LAPSES }
    };
    let no_lease = |name, why, body| {
        let candidate = Candidate::Refuses(why);
        Row { name, fact: FACT, body, candidate, leader: LAPSES }
    };
    let unknown =
        |name, fact, body| Row { name, fact, body, candidate: WAITS, leader: Leader::Keeps };
    vec![
        unreadable("an empty body", FACT, |_| Vec::new()),
        unreadable("a body of blanks", NOT_TRIED, |_| b" \r\n\t".to_vec()),
        unreadable("a truncated Lease", FACT, |lease| {
            let mut body = bytes(&lease);
            body.truncate(body.len() - 2);
            body
        }),
        unreadable("HTML", NOT_TRIED, |_| b"<html>\x1b[31m502\n\nBad Gateway</html>".to_vec()),
        unreadable("bytes that are not UTF-8", NOT_TRIED, |lease| {
            let mut body = bytes(&lease);
            let at = body.windows(5).position(|bytes| bytes == b"other" || bytes == b"\"me\",");
            body[at.unwrap() + 1] = 0xff;
            body
        }),
        unreadable("a byte order mark before the Lease", NOT_TRIED, |lease| {
            [b"\xef\xbb\xbf", &*bytes(&lease)].concat()
        }),
        unreadable("two Leases in one body", NOT_TRIED, |lease| bytes(&lease).repeat(2)),
        unreadable("a holder with half a surrogate pair", NOT_TRIED, |lease| {
            super::raw(lease, "spec", "holderIdentity", r#""\ud800""#)
        }),
        Row {
            name: "a body of more than 1 MiB",
            fact: NOT_TRIED,
            body: |lease| super::set(lease, "spec", "holderIdentity", "x".repeat(1 << 20).into()),
            candidate: Candidate::GivesUp("length limit exceeded"),
            leader: LAPSES,
        },
        no_lease("null", "it is no JSON object", |_| b"null".to_vec()),
        no_lease("a list", "it is no JSON object", |_| b"[]".to_vec()),
        no_lease("a text", "it is no JSON object", |_| b"\"Lease\"".to_vec()),
        no_lease("an empty object", r#"it is a "" of """#, |_| b"{}".to_vec()),
        no_lease("another kind", r#"it is a "Pod" of"#, |lease| top(lease, "kind", json!("Pod"))),
        no_lease("another apiVersion", r#"of "v1""#, |lease| top(lease, "apiVersion", json!("v1"))),
        no_lease("a kind that is not a string", r#"it is a "" of"#, |lease| {
            top(lease, "kind", json!(1))
        }),
        no_lease("a Status of success", r#"it is a "Status" of "v1""#, |_| {
            bytes(&json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" }))
        }),
        unknown("unknown fields that are nested 100 deep", TOO_MUCH, |lease| nested(lease, 100)),
        unknown("unknown fields that are nested 10 000 deep", NOT_TRIED, |lease| {
            nested(lease, 10_000)
        }),
        unknown("an unknown number that is too large for any type", NOT_TRIED, |lease| {
            super::raw(lease, "spec", "unheard", "1e999")
        }),
        unknown("an unknown text with half a surrogate pair", NOT_TRIED, |lease| {
            super::raw(lease, "spec", "unheard", r#""\ud800""#)
        }),
    ]
}

fn top(mut lease: Value, key: &str, value: Value) -> Vec<u8> {
    lease[key] = value;
    bytes(&lease)
}

fn nested(lease: Value, depth: usize) -> Vec<u8> {
    super::raw(lease, "spec", "unheard", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)))
}
