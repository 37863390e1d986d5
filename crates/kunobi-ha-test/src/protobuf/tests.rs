use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use super::{wire::varint, *};
use crate::{shape, types::Types};

/// An object of each type, filled at random, as Go encodes it in both formats (`interop/clients/bodies`).
#[test]
fn what_go_encodes_is_the_json_that_go_encodes() {
    let (types, mut read) = (Types::new(), 0);
    for line in include_str!("tests/bodies.txt").lines().filter(|line| !line.starts_with('#')) {
        let (body, text) = line.split_once(' ').unwrap();
        let mut wanted: Value = serde_json::from_str(text).unwrap();
        let text = |name: &str| wanted[name].as_str().unwrap().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let Some(resource) = types.find_kind(group, version, &kind) else { continue };
        let shape = resource.shape().clone();
        let json = to_json(&BASE64.decode(body).unwrap(), &shape, &kind).unwrap();
        let mut got: Value = serde_json::from_slice(&json).unwrap();
        // Both as the store reads them: the zero values of Go are the same as nothing.
        assert_eq!(shape::decode(&shape, &mut wanted).unwrap(), [""; 0], "{kind}");
        assert_eq!(shape::decode(&shape, &mut got).unwrap(), [""; 0], "{kind}");
        assert_eq!(got, wanted, "{api_version} {kind}");
        read += 1;
    }
    assert!(read > 60, "{read}");
}

fn config_map(rest: &[u8]) -> Result<Value, String> {
    let mut body = b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12".to_vec();
    body.push(u8::try_from(rest.len()).unwrap());
    body.extend(rest);
    let shape = Shape::named("api.core.v1.ConfigMap");
    to_json(&body, &shape, "ConfigMap").map(|json| serde_json::from_slice(&json).unwrap())
}

#[test]
fn what_is_no_message_is_refused() {
    let kind = json!({ "apiVersion": "v1", "kind": "ConfigMap" });
    assert_eq!(config_map(b"").unwrap(), kind);
    let shape = Shape::named("api.core.v1.ConfigMap");
    assert!(to_json(b"{}", &shape, "ConfigMap").unwrap_err().contains("[107 56 115 0]"));
    for broken in [&b"\x0a"[..], b"\x0a\x05a", b"\x0b", b"\x0f", b"\xff\xff\xff", b"\x0d\0\0\0"] {
        assert!(config_map(broken).unwrap_err().contains("unexpected EOF"), "{broken:?}");
    }
    // A number where the metadata should be; a name that is no text.
    assert!(config_map(b"\x08\x01").unwrap_err().contains("metadata: proto: wrong wireType"));
    assert!(config_map(b"\x0a\x03\x0a\x01\xff").unwrap_err().contains("name: proto: a string"));
    assert_eq!(config_map(b"\xa8\x0f\x01").unwrap(), kind, "a field of another release");
    assert_eq!(varint(&mut &[0xff; 20][..]), None);
}

#[test]
fn another_kind_is_not_read_but_named() {
    let shape = Shape::named("api.core.v1.Secret");
    let body = b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x02\xff\xff";
    let read: Value = serde_json::from_slice(&to_json(body, &shape, "Secret").unwrap()).unwrap();
    assert_eq!(read, json!({ "apiVersion": "v1", "kind": "ConfigMap" }));
}

#[test]
fn a_body_without_a_bottom_does_not_exhaust_the_stack() {
    // A schema within `not` of a schema, ten thousand times.
    let mut schema = Vec::new();
    for _ in 0..10_000 {
        let mut length = Vec::new();
        let mut rest = schema.len();
        while rest >= 0x80 {
            length.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        length.push(u8::try_from(rest).unwrap());
        schema.splice(0..0, [0xe2, 0x01].into_iter().chain(length));
    }
    let shape = Shape::named("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
    assert!(message::read(&shape, &schema).unwrap_err().ends_with("exceeded max depth"));
}
