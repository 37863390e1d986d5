use kunobi_ha_core::Timestamp;
use serde_json::{Value, json};

use super::*;

const TIME: &str = "2026-11-26T20:15:30.123456Z";

#[test]
fn annotations_are_read_as_they_are_written() {
    let annotations =
        json!({ "kunobi.ninja/successor": format!("pod-2 {TIME}"), "kunobi.ninja/wish": "pod-1" });
    let hints = read(&metadata(&annotations));
    let released = Timestamp::from_unix_micros(1_795_724_130_123_456);
    assert_eq!(hints.successor, Some(Successor { identity: "pod-2".into(), released }));
    assert_eq!(hints.wish.as_deref(), Some("pod-1"));
    // An identity is any text.
    let annotations = json!({ "kunobi.ninja/successor": format!("a b: ü {TIME}") });
    assert_eq!(&*read(&metadata(&annotations)).successor.unwrap().identity, "a b: ü");
}

#[test]
fn what_can_not_be_understood_says_nothing() {
    let long = "x".repeat(LONGEST_IDENTITY + 1);
    let names = [
        json!(null),
        json!(1),
        json!(["a"]),
        json!(""),
        json!(" "),
        json!("a "),
        json!("\na"),
        json!(long),
    ];
    for name in names {
        assert_eq!(read(&metadata(&json!({ WISH: name }))), Hints::default(), "{name}");
        let Some(name) = name.as_str() else { continue };
        let successor = json!({ SUCCESSOR: format!("{name} {TIME}") });
        assert_eq!(read(&metadata(&successor)), Hints::default(), "{name:?}");
    }
    let times = [
        "",
        "now",
        "2026-11-26T20:15:30Z",
        "2026-11-26T20:15:30.123Z",
        "2026-11-26T20:15:30.123456+00:00",
    ];
    for time in times {
        let successor = json!({ SUCCESSOR: format!("pod {time}") });
        assert_eq!(read(&metadata(&successor)), Hints::default(), "{time}");
    }
    for annotations in [json!(null), json!([]), json!("a"), json!({}), json!({ SUCCESSOR: TIME })] {
        assert_eq!(read(&metadata(&annotations)), Hints::default(), "{annotations}");
    }
    assert_eq!(read(&Fields::default()), Hints::default());
    let half =
        r#"{"annotations":{"kunobi.ninja/wish":"\ud800","kunobi.ninja/successor":"\ud800"}}"#;
    assert_eq!(read(&Fields::read(half.as_bytes()).unwrap().unwrap()), Hints::default());
}

#[test]
fn only_what_was_said_for_another_term_is_replaced() {
    let other = r#""a":"\u0041","z":[ 1.0 ]"#;
    let named = format!(r#""kunobi.ninja/successor":"pod {TIME}""#);
    let wish = r#""kunobi.ninja/wish":"pod""#;
    let new = ("other", TIME.to_owned());
    let written = format!(
        r#"{{"annotations":{{"a":"\u0041","kunobi.ninja/successor":"other {TIME}","z":[ 1.0 ]}}}}"#
    );
    for said in [String::new(), format!("{named},"), format!("{wish},"), format!("{named},{wish},")]
    {
        let json = format!(r#"{{"annotations":{{{said}{other}}}}}"#);
        let mut metadata = Fields::read(json.as_bytes()).unwrap().unwrap();
        replace(&mut metadata, None);
        assert_eq!(metadata.to_string(), format!(r#"{{"annotations":{{{other}}}}}"#));
        replace(&mut metadata, Some((new.0, new.1.clone())));
        assert_eq!(metadata.to_string(), written);
    }
    for untouched in ["{}", r#"{"annotations": null}"#, r#"{"annotations":{ "a" : "b" }}"#] {
        let mut metadata = Fields::read(untouched.as_bytes()).unwrap().unwrap();
        let before = metadata.to_string();
        replace(&mut metadata, None);
        assert_eq!(metadata.to_string(), before);
    }
}

fn metadata(annotations: &Value) -> Fields {
    let metadata = json!({ "annotations": annotations });
    Fields::read(metadata.to_string().as_bytes()).unwrap().unwrap()
}
