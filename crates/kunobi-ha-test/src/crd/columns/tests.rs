use std::fmt::Write as _;

use super::*;

/// The cells of the one column of a version, if it has one.
fn cells(path: &str, object: &Value) -> Vec<Value> {
    let column = json!({ "name": "Cell", "type": "string", "jsonPath": path });
    let version = json!({ "additionalPrinterColumns": [column] });
    Columns::read(&version).cells(object, Timestamp::UNIX_EPOCH).collect()
}

/// Recorded by `scripts/tables-record.py`: each path, and the cell if there is such a column.
#[test]
fn paths_lead_where_those_of_kube_apiserver_lead() {
    let recorded: Value = serde_json::from_str(include_str!("tests/recorded.json")).unwrap();
    let mut differences = String::new();
    for expected in recorded["cells"].as_array().unwrap() {
        let [path, expected @ ..] = expected.as_array().unwrap().as_slice() else { panic!() };
        let path = path.as_str().unwrap();
        let found = cells(path, &recorded["object"]);
        if found != expected {
            writeln!(differences, "{path:?}: {found:?}, expected {expected:?}").unwrap();
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}
