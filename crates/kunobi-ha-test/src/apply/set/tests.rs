use serde_json::{Value, json};

use super::*;
use crate::apply::{element::shown, fields, tests::recorded::thing};

fn set(text: &Value) -> Set {
    fields::read(text).unwrap()
}

#[test]
fn a_field_and_what_is_below_it_are_apart() {
    for (one, other, expected) in [
        (json!({"f:a": {}}), json!({"f:a": {"f:b": {}}}), json!({"f:a": {}})),
        (json!({"f:a": {"f:b": {}}}), json!({"f:a": {}}), json!({"f:a": {"f:b": {}}})),
        (json!({"f:a": {".": {}, "f:b": {}}}), json!({"f:a": {}}), json!({"f:a": {"f:b": {}}})),
        (json!({"f:a": {".": {}, "f:b": {}}}), json!({"f:a": {"f:b": {}}}), json!({"f:a": {}})),
        (json!({"f:a": {"f:b": {}, "f:c": {}}}), json!({"f:a": {"f:b": {}, "f:c": {}}}), json!({})),
    ] {
        let mut left = set(&one);
        left.subtract(&set(&other));
        assert_eq!(fields::write(&left), expected, "{one} - {other}");
    }
}

#[test]
fn a_cut_takes_what_is_below() {
    for (one, cut, expected) in [
        (json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}), "a", json!({"f:c": {}})),
        (json!({"f:a": {"f:b": {"f:c": {}}, "f:d": {}}}), "a.b", json!({"f:a": {"f:d": {}}})),
        (json!({"f:a": {".": {}, "f:b": {}}}), "a.b", json!({"f:a": {}})),
        (json!({"f:a": {"f:b": {}}}), "a.b.c", json!({"f:a": {"f:b": {}}})),
        (json!({"f:a": {"f:b": {}}}), "x", json!({"f:a": {"f:b": {}}})),
    ] {
        let mut left = set(&one);
        left.cut(&Set::resets(&[cut]));
        assert_eq!(fields::write(&left), expected, "{one} without {cut}");
    }
}

#[test]
fn sets_are_united_and_intersected() {
    let (one, other) = (
        json!({"f:a": {"f:b": {}, "v:1": {}}, "f:c": {}}),
        json!({"f:a": {".": {}, "v:1": {}, "v:2": {}}, "f:c": {"f:d": {}}}),
    );
    let mut all = set(&one);
    all.unite(set(&other));
    assert_eq!(
        fields::write(&all),
        json!({"f:a": {".": {}, "f:b": {}, "v:1": {}, "v:2": {}}, "f:c": {".": {}, "f:d": {}}})
    );
    let both = set(&one).intersection(&set(&other));
    assert_eq!(fields::write(&both), json!({"f:a": {"v:1": {}}}));
}

#[test]
fn paths_are_listed_level_by_level() {
    let set = set(&json!({
        "f:b": {},
        "f:a": {".": {}, "f:d": {}, "f:c": {"k:{\"x\":1}": {".": {}, "f:y": {}}, "v:1": {}}},
    }));
    let paths: Vec<String> = set.paths().iter().map(|path| shown(path)).collect();
    assert_eq!(paths, [".a", ".b", ".a.d", ".a.c[x=1]", ".a.c[=1]", ".a.c[x=1].y"]);
    assert!(set.paths().iter().all(|path| set.has(path)));
    assert!(!set.has(&[]));
    assert!(!set.has(&[Element::Field("a".into()), Element::Field("c".into())]));
}

#[test]
fn fields_of_structs_are_there_if_something_below_them_is() {
    let stated = json!({"f:spec": {
        "f:struct": {"f:deep": {"f:c": {}}},
        "f:structs": {"f:x": {"f:a": {}}},
        "f:items": {"k:{\"name\":\"a\"}": {"f:tags": {"v:\"t\"": {}}}},
        "f:any": {"f:y": {"f:z": {}}},
    }});
    let expected = json!({"f:spec": {
        ".": {},
        "f:struct": {".": {}, "f:deep": {".": {}, "f:c": {}}},
        "f:structs": {".": {}, "f:x": {"f:a": {}}},
        "f:items": {".": {}, "k:{\"name\":\"a\"}": {"f:tags": {".": {}, "v:\"t\"": {}}}},
        "f:any": {".": {}, "f:y": {"f:z": {}}},
    }});
    let named = set(&stated).with_named_fields(thing().form());
    assert_eq!(fields::write(&named), expected);
}

#[test]
fn what_has_become_atomic_is_owned_as_a_whole() {
    let mut set = set(&json!({"f:spec": {
        "f:whole": {"f:a": {}, "f:b": {}},
        "f:list": {"v:\"x\"": {}},
        "f:struct": {"f:a": {}},
        "f:set": {"v:\"x\"": {}},
        "f:any": {"f:x": {"f:y": {}}},
        "f:unknown": {"f:x": {}},
    }}));
    set.reconcile(thing().form());
    let expected = json!({"f:spec": {
        "f:whole": {},
        "f:list": {},
        "f:struct": {"f:a": {}},
        "f:set": {"v:\"x\"": {}},
        "f:any": {"f:x": {"f:y": {}}},
        "f:unknown": {"f:x": {}},
    }});
    assert_eq!(fields::write(&set), expected);
}
