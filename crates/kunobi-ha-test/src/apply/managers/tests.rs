use super::*;

fn entry(name: &str, operation: &str, version: &str, time: &str) -> Value {
    let mut entry = json!({
        "manager": name, "operation": operation, "apiVersion": version, "fieldsType": "FieldsV1",
        "fieldsV1": {format!("f:{name}"): {}},
    });
    if !time.is_empty() {
        entry["time"] = time.into();
    }
    entry
}

fn written(managers: Managers) -> Vec<Value> {
    let mut object = json!({"metadata": {}});
    managers.write(&mut object);
    object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default()
}

#[test]
fn entries_are_listed_by_operation_time_name_version_and_subresource() {
    let mut status = entry("a", "Update", "v1", "2026-01-01T00:00:01Z");
    status["subresource"] = "status".into();
    let ordered = [
        entry("b", "Apply", "v1", ""),
        entry("a", "Apply", "v1", "2026-01-01T00:00:02Z"),
        entry("z", "Update", "v1", ""),
        entry("a", "Update", "v1", "2026-01-01T00:00:01Z"),
        status,
        entry("a", "Update", "v2", "2026-01-01T00:00:01Z"),
        entry("b", "Update", "v1", "2026-01-01T00:00:01Z"),
        entry("a", "Update", "v3", "2026-01-01T00:00:02Z"),
    ];
    let mut list = ordered.to_vec();
    list.reverse();
    assert_eq!(written(Managers::read(&Value::Array(list)).unwrap()), ordered);
}

#[test]
fn entries_that_are_none_are_not_read() {
    let right = entry("a", "Update", "v1", "");
    assert!(Managers::read(&json!([right])).is_some());
    for (field, value) in [
        ("operation", json!("Other")),
        ("operation", json!(null)),
        ("apiVersion", json!("")),
        ("fieldsType", json!("")),
        ("fieldsType", json!("FieldsV2")),
        ("fieldsV1", json!({"x": {}})),
        ("fieldsV1", json!([])),
    ] {
        let mut wrong = right.clone();
        wrong[field] = value;
        assert!(Managers::read(&json!([right, wrong])).is_none(), "{wrong}");
    }
    assert!(Managers::read(&json!([])).is_none());
    assert!(Managers::read(&json!({})).is_none());
}

#[test]
fn an_apply_is_one_entry_in_all_versions_and_an_update_is_not() {
    for (operation, is_one) in [("Apply", true), ("Update", false)] {
        let read = |version| Manager::read(&entry("a", operation, version, "")).unwrap();
        assert_eq!(read("v1").is(&read("v2")), is_one);
    }
}

#[test]
fn the_oldest_of_more_than_ten_updaters_are_joined_by_their_versions() {
    let time = |index: usize| format!("2026-01-01T00:00:{index:02}Z");
    let of = |versions: &[&str]| -> Value {
        let entries = versions.iter().enumerate();
        entries
            .map(|(i, version)| entry(&format!("m{i:02}"), "Update", version, &time(i)))
            .collect()
    };
    let capped = |list: &Value| -> Vec<(String, String, Value)> {
        let mut managers = Managers::read(list).unwrap();
        managers.cap();
        let text =
            |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let listed = written(managers);
        listed
            .iter()
            .map(|e| (text(e, "manager"), text(e, "time"), e["fieldsV1"].clone()))
            .collect()
    };
    assert_eq!(capped(&of(&["v1"; 10])).len(), 10);
    let joined = capped(&of(&["v1"; 12]));
    assert_eq!(joined.len(), 10);
    let fields = json!({"f:m00": {}, "f:m01": {}, "f:m02": {}});
    assert_eq!(joined[0], ("ancient-changes".into(), time(2), fields));
    let mut versions = ["v1"; 12];
    versions[1] = "v2";
    let joined = capped(&of(&versions));
    assert_eq!(joined[0].0, "m01", "the first of its version stays");
    let fields = json!({"f:m00": {}, "f:m02": {}, "f:m03": {}});
    assert_eq!(joined[1], ("ancient-changes".into(), time(3), fields));
    let mut of_two = vec!["v1"; 11];
    of_two.push("v2");
    assert_eq!(capped(&of(&of_two)).len(), 10);
}
