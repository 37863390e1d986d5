//! Quotas and limits of a namespace.

use serde_json::Value;

use super::{
    checks::IMMUTABLE,
    field::Field,
    resources::{any_name, container_name, is_overcommitted, is_standard_of_quota, quota_name},
};

pub(super) fn quota(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    spec.get("hard").amounts(quota_name);
    let names: Vec<&str> = spec.get("hard").entries().map(|(name, _)| name).collect();
    let scopes = spec.get("scopes");
    for scope in scopes.texts() {
        if !SCOPES.contains(&scope) {
            scopes.invalid("unsupported scope");
        }
        for _ in names.iter().filter(|name| !is_in_scope(scope, name)) {
            scopes.invalid("unsupported scope applied to resource");
        }
    }
    conflicts(&scopes, &scopes.texts().collect::<Vec<_>>(), scopes.value());
    selector(&spec, &names);
    let Some(old) = old else {
        return;
    };
    let set = |scopes: &Field| {
        scopes.texts().map(ToOwned::to_owned).collect::<std::collections::BTreeSet<String>>()
    };
    if set(&scopes) != set(&old.get("spec").get("scopes")) {
        scopes.invalid(IMMUTABLE);
    }
}

pub(super) fn quota_status(object: &Field, _: &Field) {
    let status = object.get("status");
    status.get("hard").amounts(quota_name);
    status.get("used").amounts(quota_name);
}

fn selector(spec: &Field, names: &[&str]) {
    let expressions = spec.get("scopeSelector").get("matchExpressions");
    for expression in expressions.items() {
        let at = |field: &'static str| expressions.get(field).with(expression.get(field).value());
        let (scope, operator, values) = (at("scopeName"), at("operator"), at("values"));
        if !SCOPES.contains(&scope.text()) {
            scope.wrong_text("unsupported scope");
        }
        for _ in names.iter().filter(|name| !is_in_scope(scope.text(), name)) {
            expressions
                .with(spec.get("scopeSelector").value())
                .invalid("unsupported scope applied to resource");
        }
        let is_plain = scope.text() != "PriorityClass" && scope.text() != "VolumeAttributesClass";
        let is_known = SCOPES.contains(&scope.text());
        if is_known && is_plain && operator.text() != "Exists" {
            operator.wrong_text(
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, \
                 ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                 ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
            );
        }
        match (operator.text(), values.len()) {
            ("In" | "NotIn", 0) => values.required(
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
            ),
            ("Exists" | "DoesNotExist", 1..) => values.invalid(
                "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
            ),
            ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
            _ => operator.wrong_text("not a valid selector operator"),
        }
    }
    let scopes: Vec<&str> = expressions.items().map(|e| e.get("scopeName").text()).collect();
    conflicts(&expressions, &scopes, spec.get("scopes").value());
}

fn conflicts(place: &Field, scopes: &[&str], quoted: &Value) {
    for (a, b) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if scopes.contains(&a) && scopes.contains(&b) {
            place.invalid_as(quoted, "conflicting scopes");
        }
    }
}

/// Whether the resource is one that pods, or claims, in this scope use.
fn is_in_scope(scope: &str, resource: &str) -> bool {
    let is_measured = matches!(
        resource,
        "cpu" | "memory" | "limits.cpu" | "limits.memory" | "requests.cpu" | "requests.memory"
    );
    !is_standard_of_quota(resource)
        || match scope {
            "BestEffort" => resource == "pods",
            "VolumeAttributesClass" => {
                matches!(resource, "persistentvolumeclaims" | "requests.storage")
            }
            scope if SCOPES.contains(&scope) => resource == "pods" || is_measured,
            _ => true,
        }
}

pub(super) fn limit_range(object: &Field, _: Option<&Field>) {
    let mut seen = std::collections::BTreeSet::new();
    for limit in object.get("spec").get("limits").items() {
        let kind = limit.get("type");
        let before = kind.problems();
        kind.qualified_name();
        let is_known = ["Pod", "Container", "PersistentVolumeClaim"].contains(&kind.text());
        if kind.problems() == before && !kind.text().contains('/') && !is_known {
            kind.wrong_text("must be a standard limit type or fully qualified");
        }
        kind.unique(&mut seen);
        names_of_limits(&limit);
        let all = LIMITS.iter().flat_map(|field| limit.get(field).entries().collect::<Vec<_>>());
        let names: std::collections::BTreeSet<&str> = all.map(|(name, _)| name).collect();
        for name in names {
            compare(&limit, name);
        }
    }
}

fn names_of_limits(limit: &Field) {
    let kind = limit.get("type").text();
    for field in LIMITS {
        let amounts = limit.get(field);
        if field.starts_with("default") && kind == "Pod" {
            if amounts.len() > 0 {
                amounts.forbidden("may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        if field == "maxLimitRequestRatio" && kind == "PersistentVolumeClaim" {
            let has = |field: &'static str| limit.get(field).get("storage").is_set();
            if !has("min") && !has("max") {
                let detail =
                    "either minimum or maximum storage value is required, but neither was provided";
                limit.get("limits").required(detail);
            }
        }
        for (name, place) in amounts.entries() {
            if matches!(kind, "Pod" | "Container") {
                container_name(&place, name);
            } else {
                any_name(&place, name);
            }
        }
    }
}

/// The amounts of one resource, of which none exceeds the next.
fn compare(limit: &Field, name: &str) {
    let is_pod = limit.get("type").text() == "Pod";
    let at = |field: &'static str| {
        let amounts = limit.get(field);
        if is_pod && field.starts_with("default") {
            amounts.with(&Value::Null).key(name)
        } else {
            amounts.key(name)
        }
    };
    let [max, min, default, request, ratio] = LIMITS.map(at);
    let check =
        |(a, a_name): (&Field, &str), (b, b_name): (&Field, &str), at: &Field, quoted: &Field| {
            if let (Some(less), Some(more)) = (a.quantity(), b.quantity())
                && less > more
            {
                let (a, b) = (a.text(), b.text());
                let detail = format!("{a_name} value {a} is greater than {b_name} value {b}");
                at.invalid_as(quoted.value(), &detail);
            }
        };
    check((&min, "min"), (&max, "max"), &min, &min);
    check((&min, "min"), (&request, "default request"), &request, &request);
    check((&request, "default request"), (&max, "max"), &request, &request);
    check((&request, "default request"), (&default, "default limit"), &request, &request);
    check((&min, "min"), (&default, "default"), &default, &min);
    check((&default, "default"), (&max, "max"), &default, &max);
    if let Some(nanos) = ratio.quantity() {
        if nanos < 1_000_000_000 {
            ratio.invalid(&format!("ratio {} is less than 1", ratio.text()));
        }
        if let (Some(min), Some(max)) = (min.quantity(), max.quantity())
            && nanos.saturating_mul(min) > max.saturating_mul(1_000_000_000)
        {
            #[expect(clippy::cast_precision_loss, reason = "it is only shown")]
            let most = max as f64 / min as f64;
            let detail = format!("ratio {} is greater than max/min = {most:.6}", ratio.text());
            ratio.invalid(&detail);
        }
    }
    let differ = default.is_set() && request.is_set() && default.quantity() != request.quantity();
    if differ && !is_overcommitted(name) {
        let (a, b) = (default.text(), request.text());
        let detail = format!("default value {a} must equal to defaultRequest value {b} in {name}");
        request.invalid(&detail);
    }
}

const LIMITS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
const SCOPES: [&str; 7] = [
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];
