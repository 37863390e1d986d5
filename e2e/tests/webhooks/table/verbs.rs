//! Rows about the verbs, and about subresources.

use http::Method;
use serde_json::{Value, json};

use crate::rows::{
    MAPS, Row,
    Stage::{Mutating, Validating},
    map, row, rules, step,
};

pub(super) fn rows() -> Vec<Row> {
    let there = || step(Method::POST, MAPS, map());
    let path = format!("{MAPS}/a");
    let change = json!({ "data": { "x": "y" } });
    let options = json!({ "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 5,
                          "propagationPolicy": "Background" });
    let apply = format!("{path}?fieldManager=applier&force=true");
    let mut rows = Vec::new();
    for (stage, behaviour) in [(Validating, "allow"), (Mutating, "patch"), (Validating, "deny")] {
        let mut add = |name: &str, ask, is_there: bool| {
            let row = row(&format!("{name}, {behaviour}"), stage, behaviour, Value::Null, ask);
            rows.push(if is_there { row.before(there()) } else { row });
        };
        add("put", step(Method::PUT, &path, map()), true);
        add("patch", step(Method::PATCH, &path, change.clone()), true);
        add("apply", step(Method::PATCH, &apply, map()), true);
        add("apply creates", step(Method::PATCH, &apply, map()), false);
        add("delete", step(Method::DELETE, &path, options.clone()), true);
        add(
            "delete, by query",
            step(Method::DELETE, &format!("{path}?propagationPolicy=Foreground"), Value::Null),
            true,
        );
        add("delete a collection", step(Method::DELETE, MAPS, Value::Null), true);
        add("create again", step(Method::POST, MAPS, map()), true);
        add(
            "dry run",
            step(
                Method::POST,
                &format!("{MAPS}?dryRun=All&fieldManager=m&fieldValidation=Strict"),
                map(),
            ),
            false,
        );
        add("not there", step(Method::PUT, &path, map()), false);
    }
    let mut stale = map();
    stale["metadata"]["resourceVersion"] = "1".into();
    rows.push(
        row(
            "an old version",
            Validating,
            "allow",
            Value::Null,
            step(Method::PUT, &path, stale.clone()),
        )
        .before(there()),
    );
    rows.push(
        row(
            "an old version, mutating",
            Mutating,
            "patch",
            Value::Null,
            step(Method::PUT, &path, stale),
        )
        .before(there()),
    );
    rows.extend(subresources());
    rows
}

fn subresources() -> Vec<Row> {
    let deployments = "/apis/apps/v1/namespaces/NS/deployments";
    let pods = "/api/v1/namespaces/NS/pods";
    let spec = json!({ "containers": [{ "name": "c", "image": "i" }] });
    let pod = json!({ "metadata": { "name": "p" }, "spec": spec });
    let apps = |resources: &[&str]| json!({ "rules": rules(&["*"], "apps", resources) });
    let core = |resources: &[&str]| json!({ "rules": rules(&["*"], "", resources) });
    let deployed = || step(Method::POST, deployments, deployment());
    let there = || step(Method::POST, pods, pod.clone());
    let scale = || {
        step(Method::PATCH, &format!("{deployments}/d/scale"), json!({ "spec": { "replicas": 4 } }))
    };
    let status = || {
        step(
            Method::PATCH,
            &format!("{deployments}/d/status"),
            json!({ "status": { "replicas": 4 } }),
        )
    };
    let evict = || {
        step(Method::POST, &format!("{pods}/p/eviction"), json!({ "metadata": { "name": "p" } }))
    };
    let bind = || {
        step(
            Method::POST,
            &format!("{pods}/p/binding"),
            json!({ "metadata": { "name": "p" }, "target": { "kind": "Node", "name": "n" } }),
        )
    };
    let parts = ["deployments/scale", "deployments/status"];
    vec![
        row("scale", Validating, "allow", apps(&parts), scale()).before(deployed()),
        row("scale, patched", Mutating, "replicas", apps(&parts), scale()).before(deployed()),
        row("scale, denied", Validating, "deny", apps(&parts), scale()).before(deployed()),
        row("scale is not the object", Validating, "deny", apps(&["deployments"]), scale())
            .before(deployed()),
        row("status", Validating, "allow", apps(&parts), status()).before(deployed()),
        row("status, patched", Mutating, "status", apps(&parts), status()).before(deployed()),
        row("eviction", Validating, "allow", core(&["pods/eviction", "pods"]), evict())
            .before(there()),
        row("eviction, denied", Validating, "deny", core(&["pods/eviction"]), evict())
            .before(there()),
        row("eviction is no deletion", Validating, "deny", core(&["pods"]), evict())
            .before(there()),
        row("binding", Validating, "allow", core(&["pods/binding"]), bind()).before(there()),
        row("binding, denied", Mutating, "deny", core(&["*/*"]), bind()).before(there()),
    ]
}

pub(super) fn deployment() -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d" }, "spec": {
        "selector": { "matchLabels": { "a": "b" } },
        "template": { "metadata": { "labels": { "a": "b" } },
                      "spec": { "containers": [{ "name": "c", "image": "i" }] } } } })
}
