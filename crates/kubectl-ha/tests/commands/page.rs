//! The README says what there is.

use std::collections::BTreeSet;

use kubectl_ha::Exit;
use serde_json::Value;

use crate::support::Ground;

const PAGE: &str = include_str!("../../README.md");

#[tokio::test(start_paused = true)]
async fn each_command_has_a_row() {
    let help = Ground::new().run("--help").await;
    assert_eq!(help.exit, Exit::Fine);
    let commands = help.output.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<_> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 3, "{commands:?}");
    for command in commands {
        assert!(PAGE.contains(&format!("| `kubectl ha {command}")), "{command}");
    }
}

#[test]
fn each_field_of_the_schema_has_a_row() {
    let list: Value = snapshot(include_str!("../snapshots/list/json.txt"));
    let details: Value = snapshot(include_str!("../snapshots/get/json.txt"));
    let mut fields = BTreeSet::new();
    for object in [&list["items"][0], &details, &details["pod"]] {
        fields.extend(object.as_object().unwrap().keys().cloned());
    }
    assert!(fields.len() > 20, "{fields:?}");
    for field in fields.iter().filter(|field| *field != "kind") {
        assert!(PAGE.contains(&format!("`{field}`")), "{field}");
    }
}

#[test]
fn the_release_that_is_installed_is_this_one() {
    assert!(PAGE.contains(concat!("version=v", env!("CARGO_PKG_VERSION"), " ")));
}

#[test]
fn each_column_is_explained() {
    let table = include_str!("../snapshots/list/default.txt");
    let columns = table
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        .filter(|name| !["NAME", "HOLDER"].contains(name));
    for column in columns {
        assert!(PAGE.contains(&format!("**{column}**")), "{column}");
    }
}

fn snapshot(text: &str) -> Value {
    serde_json::from_str(text.split("--- exit").next().unwrap()).unwrap()
}
