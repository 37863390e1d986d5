use std::fmt::Write as _;

use super::*;

/// The cells of the one column of a version, if it has one.
fn cells(path: &str, object: &Value) -> Vec<Value> {
    let column = json!({ "name": "Cell", "type": "string", "jsonPath": path });
    let version = json!({ "additionalPrinterColumns": [column] });
    let columns = Columns::read(&version).unwrap();
    columns.cells(object, Timestamp::UNIX_EPOCH).collect()
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

#[test]
fn only_a_version_that_states_no_columns_has_the_age() {
    let stated = |columns: &[&str]| {
        let column = |path: &&str| json!({ "name": path, "type": "string", "jsonPath": path });
        let columns: Vec<Value> = columns.iter().map(column).collect();
        let version = json!({ "additionalPrinterColumns": columns });
        let names = |columns: Columns| {
            let names = columns.definitions().map(|column| column["name"].as_str());
            names.map(|name| name.unwrap().to_owned()).collect::<Vec<_>>()
        };
        Columns::read(&version).map(names)
    };
    assert_eq!(stated(&[]), None);
    assert_eq!(stated(&[".a", "[", ".b"]), Some(vec![".a".to_owned()]));
    assert_eq!(stated(&["[", ".b"]), Some(vec![]));
    let unstated: Vec<&Value> = Columns::unstated().definitions().collect();
    assert!(matches!(unstated[..], [age] if age["name"] == "Age"), "{unstated:?}");
}
