use serde_json::Map;

use super::*;

fn stored(value: Value) -> Arc<Object> {
    Arc::new(Object { revision: 1, ..Object::other(value) })
}

fn budget(name: &str, spec: &Value, status: &Value) -> Arc<Object> {
    let mut spec = spec.clone();
    let selector = json!({ "matchLabels": { "a": "b" } });
    spec.as_object_mut().unwrap().entry("selector").or_insert(selector);
    stored(json!({ "metadata": { "name": name, "generation": 1 }, "spec": spec,
                   "status": status }))
}

fn pod(phase: &str, ready: &str) -> Value {
    json!({ "metadata": { "labels": { "a": "b" } },
            "status": { "phase": phase,
                        "conditions": [{ "type": "Ready", "status": ready }] } })
}

fn status(allowed: i64, healthy: i64, wanted: i64) -> Value {
    json!({ "observedGeneration": 1, "disruptionsAllowed": allowed, "currentHealthy": healthy,
            "desiredHealthy": wanted })
}

fn told(status: &Value, reason: &str, message: &str) -> Value {
    let mut status = status.clone();
    status["conditions"] = json!([{ "type": "DisruptionAllowed", "status": "False",
                                    "reason": reason, "message": message }]);
    status
}

/// What a ready pod is told by a budget with this status: nothing if it may go.
fn refusal(status: &Value) -> Option<(u16, Option<u64>, String)> {
    let refused = ask(&pod("Running", "True"), &[budget("x", &json!({}), status)]).err()?;
    let why = refused.body()["details"]["causes"][0]["message"].as_str().unwrap().to_owned();
    Some((refused.code.as_u16(), refused.retry_after(), why))
}

#[test]
fn a_pod_that_does_not_run_needs_no_budget() {
    for (phase, expected) in [
        ("Pending", true),
        ("Succeeded", true),
        ("Failed", true),
        ("Running", false),
        ("Unknown", false),
    ] {
        assert_eq!(needs_none(&pod(phase, "True")), expected, "{phase}");
    }
    let mut deleted = pod("Running", "True");
    deleted["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert!(needs_none(&deleted));
}

#[test]
fn a_budget_refuses_in_the_words_of_kube_apiserver() {
    assert_eq!(refusal(&status(1, 2, 1)), None);
    let none = status(0, 2, 1);
    for (status, code, retry_after, why) in [
        (status(0, 1, 1), 429, None, "needs 1 healthy pods and has 1 currently"),
        (none.clone(), 429, None, "does not allow evicting pods currently"),
        (
            told(&none, "SyncFailed", "oh"),
            429,
            None,
            "does not allow evicting pods currently because it failed sync: oh",
        ),
        (
            told(&status(0, 0, 1), "SyncFailed", "oh"),
            429,
            None,
            "does not allow evicting pods currently because it failed sync: oh",
        ),
        (
            told(&none, "InsufficientPods", "few"),
            429,
            None,
            "does not allow evicting pods currently (InsufficientPods): few",
        ),
        (told(&none, "SyncFailed", ""), 429, None, "does not allow evicting pods currently"),
        (json!({}), 429, Some(10), "is still being processed by the server."),
        (
            status(-1, 2, 1),
            403,
            None,
            "does not allow evicting pods currently: pdb disruptions allowed is negative",
        ),
    ] {
        let why = format!("The disruption budget x {why}");
        assert_eq!(refusal(&status), Some((code, retry_after, why)), "{status}");
    }
    let mut many = status(1, 2, 1);
    let pods = |count| (0..count).map(|n: usize| (n.to_string(), json!(""))).collect::<Map<_, _>>();
    many["disruptedPods"] = pods(MOST_DISRUPTED).into();
    assert_eq!(refusal(&many), None);
    many["disruptedPods"] = pods(MOST_DISRUPTED + 1).into();
    assert_eq!(refusal(&many).unwrap().0, 403);
}

#[test]
fn what_is_not_ready_is_spared_as_the_policy_of_the_budget_says() {
    for (policy, healthy, wanted, is_free) in [
        (None, 1, 1, true),
        (None, 0, 1, false),
        (None, 0, 0, false),
        (Some("IfHealthyBudget"), 1, 1, true),
        (Some("IfHealthyBudget"), 0, 1, false),
        (Some("AlwaysAllow"), 0, 1, true),
        (Some("AlwaysAllow"), 0, 0, true),
    ] {
        let spec = json!({ "unhealthyPodEvictionPolicy": policy });
        let budget = budget("x", &spec, &status(0, healthy, wanted));
        let asked = ask(&pod("Running", "False"), &[Arc::clone(&budget)]);
        let is_spared = matches!(asked, Ok(Permit::Unhealthy { .. }));
        assert_eq!(is_spared, is_free, "{policy:?} {healthy} {wanted}");
        assert!(ask(&pod("Running", "True"), &[budget]).is_err());
    }
}

#[test]
fn only_one_budget_may_select_a_pod() {
    let pod = pod("Running", "True");
    let one = budget("x", &json!({}), &status(1, 2, 1));
    let other = budget("y", &json!({ "selector": { "matchLabels": { "a": "c" } } }), &json!({}));
    let none = budget("z", &json!({ "selector": null }), &json!({}));
    let permit = ask(&pod, &[Arc::clone(&one), Arc::clone(&other), none]);
    assert!(matches!(permit, Ok(Permit::Disruption { budget }) if budget.value == one.value));
    assert!(matches!(ask(&pod, &[other]), Ok(Permit::Unguarded)));
    let all = budget("all", &json!({ "selector": {} }), &status(1, 2, 1));
    let refused = ask(&pod, &[one, all]).unwrap_err();
    assert_eq!(refused.code.as_u16(), 500);
    let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource \
               does not support.";
    assert_eq!(refused.message(), why);
}

#[test]
fn a_disruption_is_taken_from_the_status() {
    let now = "2026-01-01T00:00:00Z";
    let before = budget("x", &json!({}), &status(2, 3, 1));
    let once = spent(&before.value, "p", now);
    assert_eq!(once["status"]["disruptionsAllowed"], 1);
    assert_eq!(once["status"]["disruptedPods"], json!({ "p": now }));
    assert_eq!(once["status"].get("conditions"), None);
    let twice = spent(&once, "q", now);
    assert_eq!(twice["status"]["disruptionsAllowed"], 0);
    assert_eq!(twice["status"]["disruptedPods"], json!({ "p": now, "q": now }));
    let condition = json!({ "type": "DisruptionAllowed", "status": "False", "message": "",
                            "reason": "InsufficientPods", "observedGeneration": 1,
                            "lastTransitionTime": now });
    assert_eq!(twice["status"]["conditions"], json!([condition]));
}
