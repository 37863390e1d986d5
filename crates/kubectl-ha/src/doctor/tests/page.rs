//! The page of the crate lists what can be found.

use super::super::rules::{RULES, Rule};

#[test]
fn the_page_lists_the_findings() {
    let page = include_str!("../../../README.md");
    let row = |rule: &Rule| {
        format!("| `{}` | {} | {} | {} |\n", rule.id, rule.severity, rule.title, rule.why)
    };
    let rows: String = RULES.iter().map(row).collect();
    let head = "| id | severity | what is found | why it matters |\n|---|---|---|---|\n";
    let table = format!("{head}{rows}");
    assert!(page.contains(&table), "the README has to have this table:\n\n{table}");
}
