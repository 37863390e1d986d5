//! Aggregated `ClusterRoles` get the rules of those that they select.

use serde_json::{Value, json};

use super::Collector;
use crate::{
    request::{
        FieldValidation, PatchKind, PatchOptions, WriteOptions,
        body::Content,
        path::{Key, Target},
    },
    selector,
    store::Store,
};

impl Collector<'_> {
    pub(super) fn aggregate_roles(&mut self) {
        self.store.garbage.aggregates = true;
        // Roles that select each other may never agree.
        for _ in 0..ROUNDS {
            let due = due(self.store);
            if due.is_empty() {
                break;
            }
            for (key, rules) in due {
                self.apply_rules(&key, rules);
            }
        }
        self.store.garbage.aggregates = false;
    }

    fn apply_rules(&mut self, key: &Key, rules: Vec<Value>) {
        let mut applied = json!({ "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole", "metadata": { "name": key.name } });
        if !rules.is_empty() {
            applied["rules"] = rules.into();
        }
        let options = PatchOptions {
            write: WriteOptions {
                is_dry_run: false,
                manager: "clusterrole-aggregation-controller".into(),
                validation: FieldValidation::Ignore,
            },
            kind: PatchKind::Apply,
            is_forced: true,
        };
        self.write("PATCH", key, |collector, call| {
            let content = Content { value: applied, duplicates: Vec::new() };
            collector.store.patch(call, content, &options).ok()
        });
    }
}

/// The roles whose rules are not what they should be, and what those are.
fn due(store: &Store) -> Vec<(Key, Vec<Value>)> {
    let Some(resource) = store.types.find("rbac.authorization.k8s.io", "v1", "clusterroles") else {
        return Vec::new();
    };
    let target = Target::collection(&resource, "");
    let roles: Vec<(&Key, &Value)> =
        store.covered(&target).map(|(key, role)| (key, &role.value)).collect();
    let due = roles.iter().filter_map(|(key, role)| {
        let selectors = role.pointer("/aggregationRule/clusterRoleSelectors")?.as_array()?;
        let mut wanted: Vec<Value> = Vec::new();
        let selected = selectors.iter().flat_map(|selector| {
            let selects = |role| selector::selects_object(selector, role);
            roles.iter().filter(move |(other, role)| other != key && selects(role))
        });
        for rule in selected.flat_map(|(_, role)| rules(role)) {
            if !wanted.contains(rule) {
                wanted.push(rule.clone());
            }
        }
        (wanted != rules(role)).then(|| ((*key).clone(), wanted))
    });
    due.collect()
}

fn rules(role: &Value) -> &[Value] {
    role.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

const ROUNDS: usize = 16;
