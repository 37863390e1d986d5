//! Amounts of resources, and their names.

use std::collections::BTreeSet;

use super::{checks::NEGATIVE, field::Field, names::label_key};
use crate::shape::nanos;

impl Field<'_> {
    /// A quantity in billionths, or none.
    pub(super) fn quantity(&self) -> Option<i128> {
        nanos(self.value().as_str()?)
    }

    pub(super) fn not_negative_quantity(&self) {
        if self.quantity().is_some_and(|quantity| quantity < 0) {
            self.invalid(NEGATIVE);
        }
    }

    /// The amount of a resource.
    pub(super) fn amount(&self, resource: &str) {
        self.not_negative_quantity();
        if is_counted(resource) && self.quantity().is_some_and(|nanos| nanos % BILLION != 0) {
            self.invalid("must be an integer");
        }
    }

    /// A map of amounts, with the check of their names.
    pub(super) fn amounts(&self, check: impl Fn(&Field, &str)) {
        for (name, amount) in self.entries() {
            check(&amount, name);
            amount.amount(name);
        }
    }
}

/// What a container, or a pod, asks for. The claims are those of the pod.
pub(super) fn requirements(
    resources: &Field,
    claims: &BTreeSet<&str>,
    check: impl Fn(&Field, &str),
) {
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    for (name, limit) in limits.entries() {
        check(&limit, name);
        limit.amount(name);
        huge_pages(&limit, name);
    }
    for (name, request) in requests.entries() {
        check(&request, name);
        request.amount(name);
        let limit = limits.key(name);
        let most = limit.value().as_str().unwrap_or_default();
        if limit.is_set() {
            if request.quantity() != limit.quantity() && !is_overcommitted(name) {
                let detail = format!("must be equal to {name} limit of {most}");
                requests.invalid_as(request.value(), &detail);
            } else if request.quantity() > limit.quantity() {
                let detail = format!("must be less than or equal to {name} limit of {most}");
                requests.invalid_as(request.value(), &detail);
            }
        } else if !is_overcommitted(name) {
            limits.required("Limit must be set for non overcommitable resources");
        }
        huge_pages(&request, name);
    }
    let named = |is_it: fn(&str) -> bool| {
        let names = limits.entries().chain(requests.entries());
        names.into_iter().any(|(name, _)| is_it(name))
    };
    if named(is_huge_page) && !named(|name| matches!(name, "cpu" | "memory")) {
        resources.forbidden("HugePages require cpu or memory");
    }
    claimed(&resources.get("claims"), claims);
}

fn huge_pages(amount: &Field, name: &str) {
    let Some(size) = name.strip_prefix("hugepages-") else {
        return;
    };
    let size = nanos(size).filter(|size| *size > 0 && size % BILLION == 0);
    let is_multiple = |size: i128| amount.quantity().is_some_and(|amount| amount % size == 0);
    if !size.is_some_and(is_multiple) {
        let amount_text = amount.text();
        amount.invalid(&format!("{amount_text} is not positive integer multiple of {name}"));
    }
}

/// Claims of a container, which name those of the pod.
fn claimed(claims: &Field, known: &BTreeSet<&str>) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for claim in claims.items() {
        let (name, request) = (claim.get("name").text(), claim.get("request"));
        if name.is_empty() {
            claim.required("");
            continue;
        }
        let key = if request.text().is_empty() {
            name.to_owned()
        } else {
            request.dns_label();
            format!("{name}/{}", request.text())
        };
        let begins = format!("{name}/");
        if seen.contains(name)
            || request.text().is_empty() && seen.iter().any(|seen| seen.starts_with(&begins))
        {
            claim.duplicate_as(&name.into());
        } else if !seen.insert(key.clone()) {
            claim.duplicate_as(&key.into());
        }
        if !known.contains(name) {
            let all: Vec<&str> = known.iter().copied().collect();
            let known = if all.is_empty() {
                " which is empty".to_owned()
            } else {
                format!(": {}", all.join(", "))
            };
            let detail = format!("must be one of the names in pod.spec.resourceClaims{known}");
            claim.with(claim.get("name").value()).missing(&detail);
        }
    }
}

/// A name of a resource, in the place of its amount.
pub(super) fn any_name(place: &Field, name: &str) {
    let before = place.problems();
    place.each_of(name, label_key(name));
    if place.problems() == before && !name.contains('/') && !is_standard(name) {
        place.invalid_as(&name.into(), "must be a standard resource type or fully qualified");
    }
}

/// A resource that a container may ask for.
pub(super) fn container_name(place: &Field, name: &str) {
    any_name(place, name);
    if !name.contains('/') {
        if !(matches!(name, "cpu" | "memory" | "ephemeral-storage") || is_huge_page(name)) {
            place.invalid_as(&name.into(), "must be a standard resource for containers");
        }
    } else if !(is_native(name) || is_extended(name)) {
        place.invalid_as(&name.into(), "doesn't follow extended resource name standard");
    }
}

/// A resource that a pod as a whole may ask for.
pub(super) fn pod_name(place: &Field, name: &str) {
    let before = place.problems();
    any_name(place, name);
    if place.problems() == before && !(matches!(name, "cpu" | "memory") || is_huge_page(name)) {
        let value = name.into();
        place.with(&value).unsupported(&["cpu", "hugepages-", "memory"]);
    }
}

/// A resource that a quota may limit.
pub(super) fn quota_name(place: &Field, name: &str) {
    any_name(place, name);
    if !name.contains('/') && !is_standard_of_quota(name) {
        place.invalid_as(&name.into(), "must be a standard resource for quota");
    }
}

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && label_key(&format!("requests.{name}")).is_empty()
}

/// Whether nodes may promise more of it than they have.
pub(super) fn is_overcommitted(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

fn is_counted(name: &str) -> bool {
    COUNTED.contains(&name) || is_extended(name)
}

fn is_standard(name: &str) -> bool {
    name == "storage" || is_standard_of_quota(name)
}

/// Whether quotas count or measure it by this name.
pub(super) fn is_standard_of_quota(name: &str) -> bool {
    MEASURED.contains(&name)
        || COUNTED.contains(&name)
        || is_huge_page(name)
        || name.starts_with("requests.hugepages-")
}

const BILLION: i128 = 1_000_000_000;
const COUNTED: [&str; 9] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];
const MEASURED: [&str; 10] = [
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
];
