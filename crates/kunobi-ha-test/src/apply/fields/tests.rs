use serde_json::json;

use super::*;

#[test]
fn fields_are_read_and_written() {
    for text in [
        json!({}),
        json!({"f:a": {}}),
        json!({"f:a": {".": {}, "f:b": {}}, "f:c": {"k:{\"name\":\"x\"}": {".": {}, "f:name": {}}}}),
        json!({"f:a": {"v:1": {}, "v:\"x\"": {}, "i:0": {"f:b": {}}}}),
    ] {
        assert_eq!(write(&read(&text).unwrap()), text);
    }
}

#[test]
fn a_field_without_others_below_it_is_there_itself() {
    let same = [json!({"f:a": {}}), json!({"f:a": {".": {}}}), json!({"f:a": {"x:1": {}}})];
    for text in same {
        assert_eq!(read(&text), Ok(Set::of(&[&["a"]])), "{text}");
    }
    assert_eq!(read(&json!({".": {}})), Ok(Set::default()));
}

#[test]
fn what_is_no_set_of_fields_is_not_read() {
    for text in [json!([]), json!("x"), json!({"a": {}}), json!({"f:a": []}), json!({"k:x": {}})] {
        assert_eq!(read(&text), Err(Malformed), "{text}");
    }
}

#[test]
fn questions_to_the_text_have_the_answers_of_the_set() {
    let sets: Vec<Set> = (0..64_u32)
        .map(|bits| {
            let paths: [&[&str]; 6] =
                [&["a"], &["a", "b"], &["a", "b", "c"], &["a", "d"], &["e"], &["e", "f"]];
            let chosen = (0..).zip(paths).filter(|(bit, _)| bits & (1 << bit) != 0);
            Set::of(&chosen.map(|(_, path)| path).collect::<Vec<_>>())
        })
        .collect();
    for one in &sets {
        let text = write(one);
        assert_eq!(read(&text).as_ref(), Ok(one));
        for other in &sets {
            assert_eq!(covers(&text, other), one.covers(other), "{text} {other:?}");
            assert_eq!(meets(&text, other), one.meets(other), "{text} {other:?}");
            assert_eq!(one.meets(other), !one.intersection(other).is_empty());
            let mut left = other.clone();
            left.subtract(one);
            assert_eq!(one.covers(other), left.is_empty());
        }
    }
}
