use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::{alerts, check_query};
use crate::rendering::file;

const RENDERINGS: [&str; 5] =
    ["monitoring", "monitored", "one-lease", "single-replica", "thresholds"];

/// What each page says, in this order.
const SECTIONS: [&str; 5] =
    ["## What it means", "## Look", "## Likely causes", "## What to do", "## When to ignore it"];

fn pages() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/runbooks");
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    names.map(|it| it.into_string().unwrap()).filter(|it| it != "README.md").collect()
}

fn text<'a>(alert: &'a Value, pointer: &str) -> &'a str {
    alert.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {alert}"))
}

#[test]
fn each_alert_reads_what_is_exported_and_says_how_bad_it_is() {
    for rendering in RENDERINGS {
        for alert in alerts(rendering) {
            check_query(text(&alert, "/expr"));
            assert!(["critical", "warning"].contains(&text(&alert, "/labels/severity")));
            let summary = text(&alert, "/annotations/summary");
            assert!(summary.contains("{{ $labels.namespace }}/{{ $labels.name }}"), "{summary}");
            assert!(text(&alert, "/annotations/description").ends_with('.'));
        }
    }
}

#[test]
fn each_alert_has_a_page_and_each_page_an_alert() {
    for rendering in ["monitoring", "one-lease"] {
        let mut linked = BTreeSet::new();
        for alert in alerts(rendering) {
            let url = text(&alert, "/annotations/runbook_url");
            let page = url.rsplit('/').next().unwrap();
            let content = file(&format!("../docs/runbooks/{page}"));
            let name = text(&alert, "/alert");
            assert!(content.starts_with(&format!("# {name}\n")), "{page} is not about {name}");
            let severity = text(&alert, "/labels/severity");
            assert!(content.contains(&format!("**{severity}**")), "{page}: {severity}");
            linked.insert(page.to_owned());
        }
        assert_eq!(linked, pages(), "{rendering}");
    }
}

#[test]
fn each_page_has_the_same_sections_and_is_short() {
    for page in pages() {
        let content = file(&format!("../docs/runbooks/{page}"));
        let sections: Vec<_> = content.lines().filter(|it| it.starts_with("## ")).collect();
        assert_eq!(sections, SECTIONS, "{page}");
        assert!(content.lines().count() <= 80, "{page} is too long for 3 a.m.");
    }
}

#[test]
fn thresholds_are_values() {
    let alerts = alerts("thresholds");
    let of = |name: &str| alerts.iter().find(|it| it["alert"] == name).expect(name).clone();
    assert_eq!(of("KunobiHaNoLeader")["for"], "5m");
    let slow = of("KunobiHaRenewalsSlow");
    assert!(text(&slow, "/expr").contains("> 50 / 100"));
    let url = text(&slow, "/annotations/runbook_url");
    assert_eq!(url, "https://example.com/runbooks/renewals-slow.md");
    // A rollout of 8 replicas may hand over 8 times.
    assert!(text(&of("KunobiHaFlapping"), "/expr").contains("> 9)"));
    let standby = of("KunobiHaStandbyUnhealthy");
    assert!(text(&standby, "/expr").contains(r#"name="the-lease"}) < 8)"#), "{standby}");
}

#[test]
fn a_single_replica_has_no_standby_to_miss() {
    for alert in alerts("single-replica") {
        let query = text(&alert, "/expr");
        assert!(!query.contains(") < "), "{query}");
    }
}

#[test]
fn the_readme_names_every_alert() {
    let (readme, index) = (file("README.md"), file("../docs/runbooks/README.md"));
    for alert in alerts("monitoring") {
        let name = format!("`{}`", text(&alert, "/alert"));
        assert!(readme.contains(&name), "{name}");
        assert!(index.contains(&name[1..name.len() - 1]), "{name}");
    }
}
