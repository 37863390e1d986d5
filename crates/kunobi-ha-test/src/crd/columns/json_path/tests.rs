use serde_json::json;

use super::*;

fn found(path: &str) -> Value {
    let object = json!({
        "metadata": { "name": "a", "labels": { "x.y/z": "dotted", "b": "c" } },
        "spec": { "n": 3, "f": 1.5, "none": null, "list": [1, 2, 3, 4], "text": "ab",
                  "ports": [{ "name": "x", "port": 80, "on": true }, { "name": "y", "port": 81 }] },
    });
    let path = JsonPath::parse(path).unwrap_or_else(|| panic!("{path}"));
    path.first(&object).map_or(json!("NOTHING"), Cow::into_owned)
}

/// As client-go's `jsonpath` has it, of whose results a column shows the first.
#[test]
fn a_path_leads_to_a_value() {
    for (path, expected) in [
        (".metadata.name", json!("a")),
        (".metadata.nothing", json!("NOTHING")),
        (".metadata.name.more", json!("NOTHING")),
        (".spec.none", json!(null)),
        (".spec.none.more", json!("NOTHING")),
        (".metadata.labels.x\\.y/z", json!("dotted")),
        (".metadata.labels['x\\.y/z']", json!("dotted")),
        (".metadata['labels']['b']", json!("c")),
        (".metadata.labels.*", json!("c")),
        (".spec.list[0]", json!(1)),
        (".spec.list[-1]", json!(4)),
        (".spec.list[1:3]", json!(2)),
        (".spec.list[3:4:2]", json!(4)),
        (".spec.list[2:2]", json!("NOTHING")),
        (".spec.list[]", json!(1)),
        (".spec.list[*]", json!(1)),
        (".spec.list[9]", json!("NOTHING")),
        (".spec.list[0:9]", json!("NOTHING")),
        (".spec.list[1:3:0]", json!("NOTHING")),
        (".spec.list[3,0]", json!(4)),
        (".spec.text[0]", json!("NOTHING")),
        (".spec.text.*", json!(97)),
        (".spec.ports[*].name", json!("x")),
        (".spec.ports[?(@.name==\"y\")].port", json!(81)),
        (".spec.ports[?(@.name=='y')].port", json!(81)),
        (".spec.ports[?(@.name!='x')].port", json!(81)),
        (".spec.ports[?(@.port>80)].name", json!("y")),
        (".spec.ports[?(@.port>=80)].name", json!("x")),
        (".spec.ports[?(@.port<81)].name", json!("x")),
        (".spec.ports[?(@.port<=80)].name", json!("x")),
        (".spec.ports[?(@.on)].name", json!("x")),
        (".spec.ports[?(@.on==true)].name", json!("x")),
        (".spec.ports[?(@.on<true)].name", json!("NOTHING")),
        (".spec.ports[?(@.nothing=='x')].name", json!("NOTHING")),
        (".spec.ports[?(@.port=='80')].name", json!("NOTHING")),
        (".spec.ports[?(@.port=>80)].name", json!("NOTHING")),
        (".spec.ports[?(@.port==80.0)].name", json!("NOTHING")),
        (".spec.n[?(@.a=='b')]", json!("NOTHING")),
        (".spec..port", json!(80)),
        ("..name", json!("a")),
        (".spec.n 5", json!(5)),
        (".spec.n 'x'", json!("x")),
        (".spec.n word", json!("NOTHING")),
        (".spec.n}{.spec.f", json!(3)),
    ] {
        assert_eq!(found(path), expected, "{path}");
    }
}

#[test]
fn what_is_no_path_is_told_apart() {
    for path in [
        ".spec[",
        ".spec[a]",
        ".spec[+1]",
        ".spec[1:2:3:4]",
        ".spec[?(@.a==1)",
        ".spec[?(@.a==1]",
        ".spec....a",
        ".spec..*",
        ".spec.n ~",
        ".spec.n 'x",
        ".spec\n.n",
        ".spec}{.n[",
        ".spec['it''s']",
        ".spec.n 1.2.3",
    ] {
        assert!(JsonPath::parse(path).is_none(), "{path:?}");
    }
}
