//! The table.

pub(crate) mod types;
mod verbs;

use http::Method;
use serde_json::{Value, json};

use self::verbs::deployment;
use crate::rows::{
    MAPS, Row,
    Stage::{Mutating, Validating},
    create, row, rules, step,
};

pub(crate) fn rows() -> Vec<Row> {
    [verdicts(), answers(), mutations(), verbs::rows(), matching(), several(), types::rows()]
        .concat()
}

fn each(behaviours: &[&str], stage: crate::rows::Stage) -> Vec<Row> {
    let row = |behaviour: &&str| {
        row(&format!("{stage:?}: {behaviour}"), stage, behaviour, Value::Null, create())
    };
    behaviours.iter().map(row).collect()
}

/// What a webhook says of a request.
fn verdicts() -> Vec<Row> {
    let behaviours = [
        "allow",
        "deny",
        "deny-plainly",
        "deny-by-reason",
        "deny-by-code",
        "deny-with-success",
        "deny-with-details",
        "warn",
        "warn-and-deny",
    ];
    [each(&behaviours, Validating), each(&behaviours, Mutating)].concat()
}

/// Answers that are none.
fn answers() -> Vec<Row> {
    const PARSER: &str = "the text is that of Go's parser";
    let mut rows = each(
        &[
            "other-uid",
            "no-uid",
            "no-kind",
            "other-version",
            "no-response",
            "wrong-bool",
            "other-kind",
            "empty",
            "500",
            "503",
            "404",
            "403",
            "400-status",
            "refused",
            "untrusted",
            "patch-without-type",
            "type-without-patch",
            "patch",
        ],
        Validating,
    );
    rows.extend(each(
        &[
            "patch-without-type",
            "type-without-patch",
            "no-list",
            "other-patch-type",
            "deny-and-patch",
        ],
        Mutating,
    ));
    for behaviour in ["500", "refused", "no-response", "no-uid"] {
        for stage in [Validating, Mutating] {
            let more = json!({ "failurePolicy": "Ignore" });
            rows.push(row(
                &format!("{stage:?} ignored: {behaviour}"),
                stage,
                behaviour,
                more,
                create(),
            ));
        }
    }
    let more = json!({ "timeoutSeconds": 1 });
    rows.push(row("a hang", Validating, "hang", more.clone(), create()));
    rows.push(row("a hang, mutating", Mutating, "hang", more, create()));
    let old = json!({ "admissionReviewVersions": ["v1beta1", "v1"] });
    rows.push(row("v1beta1", Validating, "no-uid", old.clone(), create()));
    rows.push(row("v1beta1, allowed", Mutating, "patch", old, create()));
    for row in &mut rows {
        if row.name.ends_with("no-list") {
            *row = row.clone().other_text(PARSER);
        }
    }
    rows
}

/// What becomes of an object.
fn mutations() -> Vec<Row> {
    let mut rows = each(
        &[
            "patch",
            "label",
            "rename",
            "move",
            "bad-label",
            "wrong-type",
            "unknown-field",
            "missing-path",
            "remove-missing",
            "replace-missing",
            "failed-test",
            "unknown-operation",
            "no-operations",
        ],
        Mutating,
    );
    let generated = json!({ "metadata": { "generateName": "g-" }, "data": { "a": "b" } });
    rows.push(row(
        "a generated name, given",
        Mutating,
        "name-it",
        Value::Null,
        step(Method::POST, MAPS, generated),
    ));
    let more = json!({ "rules": rules(&["*"], "apps", &["deployments"]) });
    let deployments = "/apis/apps/v1/namespaces/NS/deployments";
    rows.push(row(
        "a default after a patch",
        Mutating,
        "replicas",
        more.clone(),
        step(Method::POST, deployments, deployment()),
    ));
    rows.push(row(
        "a status in a creation",
        Mutating,
        "status",
        more,
        step(Method::POST, deployments, deployment()),
    ));
    rows
}

/// Which requests are shown.
fn matching() -> Vec<Row> {
    let event = json!({ "metadata": { "name": "e" }, "message": "m",
                        "involvedObject": { "namespace": "NS" } });
    let events = |policy: &str| json!({ "matchPolicy": policy, "rules": rules(&["CREATE"], "events.k8s.io", &["events"]) });
    let condition = |expression: &str| json!({ "matchConditions": [{ "name": "c", "expression": expression }] });
    let ignored = |expression: &str| {
        let mut more = condition(expression);
        more["failurePolicy"] = "Ignore".into();
        more
    };
    let events_path = "/api/v1/namespaces/NS/events";
    let mut rows = vec![
        row(
            "an object selector",
            Validating,
            "deny",
            json!({ "objectSelector": { "matchLabels": { "a": "b" } } }),
            create(),
        ),
        row(
            "another operation",
            Validating,
            "deny",
            json!({ "rules": rules(&["UPDATE"], "", &["*"]) }),
            create(),
        ),
        row(
            "everything",
            Validating,
            "deny",
            json!({ "rules": rules(&["*"], "*", &["*/*"]) }),
            create(),
        ),
        row(
            "no equivalent",
            Validating,
            "deny",
            events("Exact"),
            step(Method::POST, events_path, event.clone()),
        ),
        row(
            "an equivalent",
            Validating,
            "deny",
            events("Equivalent"),
            step(Method::POST, events_path, event),
        ),
    ];
    for expression in [
        "object.data.a == 'b'",
        "object.data.a == 'c'",
        "oldObject == null",
        "request.operation == 'CREATE' && request.resource.resource == 'configmaps'",
        "object.data.x == 'y'",
        "has(object.data.x)",
        "request.name == 'a'",
    ] {
        rows.push(row(
            &format!("if {expression}"),
            Validating,
            "deny",
            condition(expression),
            create(),
        ));
        rows.push(row(
            &format!("if {expression}, ignored"),
            Mutating,
            "deny",
            ignored(expression),
            create(),
        ));
    }
    rows
}

/// Several webhooks.
fn several() -> Vec<Row> {
    let again = || json!({ "reinvocationPolicy": "IfNeeded" });
    vec![
        row("one after the other", Mutating, "patch", Value::Null, create())
            .with(Mutating, "patch-again", Value::Null)
            .with(Validating, "allow", Value::Null),
        row("called again", Mutating, "allow", again(), create())
            .with(Mutating, "patch", Value::Null)
            .with(Mutating, "patch-again", again()),
        row("nothing changed, not again", Mutating, "allow", again(), create()).with(
            Mutating,
            "no-operations",
            Value::Null,
        ),
        row("the first denial ends it", Mutating, "deny", Value::Null, create())
            .with(Mutating, "patch", Value::Null)
            .with(Validating, "allow", Value::Null),
        row("all of them validate", Validating, "allow", Value::Null, create())
            .with(Validating, "warn", Value::Null)
            .with(Validating, "deny", Value::Null),
        row(
            "an invalid object is not shown to those who validate",
            Mutating,
            "bad-label",
            Value::Null,
            create(),
        )
        .with(Validating, "allow", Value::Null),
    ]
}
