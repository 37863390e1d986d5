//! Whether somebody who grants rules has all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Rule, is_under};
use crate::go;

/// Each of these rules that the owner's rules don't contain, as kube-apiserver describes it: in the
/// order of the texts.
pub(crate) fn missing(owner: &[Rule], granted: &[Rule]) -> Vec<String> {
    let parts = granted.iter().flat_map(|rule| parts(*rule));
    let missing = parts.filter(|part| !owner.iter().any(|rule| covers(*rule, Rule(part))));
    let described =
        compact(missing).iter().map(|rule| described(Rule(rule))).collect::<BTreeSet<_>>();
    described.into_iter().collect()
}

/// The same as rules of one verb and one resource each.
fn parts(rule: Rule) -> Vec<Value> {
    let mut parts = Vec::new();
    for group in rule.texts("apiGroups") {
        for resource in rule.texts("resources") {
            for verb in rule.texts("verbs") {
                let part =
                    json!({ "apiGroups": [group], "resources": [resource], "verbs": [verb] });
                if rule.is_empty("resourceNames") {
                    parts.push(part);
                    continue;
                }
                for name in rule.texts("resourceNames") {
                    let mut part = part.clone();
                    part["resourceNames"] = json!([name]);
                    parts.push(part);
                }
            }
        }
    }
    for url in rule.texts("nonResourceURLs") {
        for verb in rule.texts("verbs") {
            parts.push(json!({ "nonResourceURLs": [url], "verbs": [verb] }));
        }
    }
    parts
}

fn covers(owner: Rule, part: Rule) -> bool {
    let has_all = |field: &str| part.texts(field).all(|text| owner.has(field, text));
    let has_resource = |resource: &str| {
        let of_any = resource.split_once('/').map(|(_, subresource)| format!("*/{subresource}"));
        owner.has("resources", resource)
            || of_any.is_some_and(|any| owner.texts("resources").any(|is| is == any))
    };
    // A star is no name.
    let has_name = |name: &str| owner.texts("resourceNames").any(|is| is == name);
    let names_all = owner.is_empty("resourceNames")
        || (!part.is_empty("resourceNames") && part.texts("resourceNames").all(has_name));
    let has_url = |path: &str| owner.texts("nonResourceURLs").any(|url| is_under(path, url));
    has_all("verbs")
        && has_all("apiGroups")
        && part.texts("resources").all(has_resource)
        && names_all
        && part.texts("nonResourceURLs").all(has_url)
}

/// Rules that differ only in their verb become one.
fn compact(rules: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut compacted = Vec::new();
    let mut simple: BTreeMap<String, Value> = BTreeMap::new();
    for rule in rules {
        if Rule(&rule).is_of_paths() {
            compacted.push(rule);
            continue;
        }
        let key = format!("{} {} {}", rule["apiGroups"], rule["resources"], rule["resourceNames"]);
        let verbs = rule["verbs"].as_array().cloned().unwrap_or_default();
        match simple.get_mut(&key).and_then(|rule| rule["verbs"].as_array_mut()) {
            Some(known) => known.extend(verbs),
            None => {
                simple.insert(key, rule);
            }
        }
    }
    compacted.extend(simple.into_values());
    compacted
}

fn described(rule: Rule) -> String {
    let fields = [
        ("APIGroups", "apiGroups"),
        ("Resources", "resources"),
        ("NonResourceURLs", "nonResourceURLs"),
        ("ResourceNames", "resourceNames"),
        ("Verbs", "verbs"),
    ];
    let lists = fields.into_iter().filter(|(_, field)| !rule.is_empty(field));
    let lists: Vec<String> =
        lists.map(|(shown, field)| format!("{shown}:{}", list(rule.texts(field)))).collect();
    format!("{{{}}}", lists.join(", "))
}

/// As Go prints a list of texts with `%q`.
pub(crate) fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(go::quoted).collect::<Vec<_>>().join(" "))
}
