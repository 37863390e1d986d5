use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi_0_29::api::core::v1::ConfigMap;
use serde_json::Value;

use super::{check_query, metrics};
use crate::rendering::{Rendering, file};

fn dashboard() -> Value {
    serde_json::from_str(&file("helm/kunobi-operator/monitoring/dashboard.json")).unwrap()
}

fn panels(dashboard: &Value) -> Vec<&Value> {
    dashboard["panels"].as_array().unwrap().iter().collect()
}

fn queries(panel: &Value) -> Vec<&str> {
    let targets = panel["targets"].as_array().into_iter().flatten();
    targets.map(|it| it["expr"].as_str().unwrap()).collect()
}

fn variables(dashboard: &Value) -> Vec<&Value> {
    dashboard["templating"]["list"].as_array().unwrap().iter().collect()
}

#[test]
fn panels_have_ids_of_their_own_and_do_not_overlap() {
    let dashboard = dashboard();
    let mut ids = BTreeSet::new();
    let mut taken = BTreeMap::new();
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "the id of {title} is there twice");
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|it| panel["gridPos"][it].as_u64().unwrap());
        assert!(w > 0 && h > 0 && x + w <= 24, "{title}");
        for place in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            let other = taken.insert(place, title);
            assert_eq!(other, None, "{title} at {place:?}");
        }
    }
    assert!(ids.len() > 15, "{}", ids.len());
}

#[test]
fn each_panel_has_queries_a_unit_a_description_and_the_chosen_source() {
    let dashboard = dashboard();
    for panel in panels(&dashboard).into_iter().filter(|it| it["type"] != "row") {
        let title = panel["title"].as_str().unwrap();
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
        assert!(panel["description"].as_str().is_some_and(|it| it.len() > 20), "{title}");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
        let references: BTreeSet<_> =
            panel["targets"].as_array().unwrap().iter().map(|it| it["refId"].to_string()).collect();
        assert_eq!(references.len(), queries(panel).len(), "{title}");
        assert!(!queries(panel).is_empty(), "{title}");
        queries(panel).into_iter().for_each(check_query);
    }
}

#[test]
fn a_panel_says_whether_client_go_is_enough() {
    let dashboard = dashboard();
    for panel in panels(&dashboard).into_iter().filter(|it| it["type"] != "row") {
        let description = panel["description"].as_str().unwrap();
        let names: BTreeSet<_> = queries(panel).into_iter().flat_map(metrics).collect();
        let words = if names.iter().all(|it| it.starts_with("leader_election_")) {
            "Works for client-go"
        } else {
            "kunobi-ha only"
        };
        assert!(description.contains(words), "{words}: {}", panel["title"]);
    }
}

#[test]
fn each_variable_is_used_and_each_that_is_used_exists() {
    let dashboard = dashboard();
    let text = dashboard.to_string();
    let names: Vec<_> =
        variables(&dashboard).iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["datasource", "namespace", "lease"]);
    for name in &names {
        assert!(
            text.contains(&format!("${name}")) || text.contains(&format!("${{{name}}}")),
            "{name}"
        );
    }
    // `$1` is of label_replace, `__` begins what Grafana has itself.
    let used = text.split('$').skip(1).map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap()
    });
    for name in used.filter(|it| *it != "1" && !it.starts_with("__")) {
        assert!(names.contains(&name), "${name}");
    }
    for variable in &variables(&dashboard)[1..] {
        check_query(variable["query"]["query"].as_str().unwrap());
        assert_eq!(variable["datasource"]["uid"], "${datasource}");
    }
}

#[test]
fn graphs_are_wide_enough_for_1280_pixels() {
    let dashboard = dashboard();
    for panel in panels(&dashboard).into_iter().filter(|it| it["type"] != "row") {
        let least = match panel["type"].as_str().unwrap() {
            "stat" => 4,
            "state-timeline" => 16,
            _ => 8,
        };
        assert!(panel["gridPos"]["w"].as_u64().unwrap() >= least, "{}", panel["title"]);
    }
}

#[test]
fn the_sidecar_finds_the_dashboard() {
    for rendering in ["monitoring", "monitored"] {
        let map: ConfigMap = Rendering::named(rendering).only();
        let labels = map.metadata.labels.unwrap();
        assert_eq!(labels["grafana_dashboard"], "1", "{rendering}");
        // scripts/deploy.sh has compared the text with the file.
        assert!(map.data.unwrap().contains_key("kunobi-ha.json"), "{rendering}");
    }
}
