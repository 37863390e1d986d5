//! The warning of a version that is deprecated.

use serde_json::Value;

use super::raw;
use crate::types::Priority;

/// What a client reads with each answer about a deprecated version: what the definition says, or which version to use instead.
pub(super) fn warning(spec: &Value, version: &Value, kind: &str) -> Option<String> {
    if !raw::flag(version, "deprecated") {
        return None;
    }
    let stated = raw::text(version, "deprecationWarning");
    if !stated.is_empty() {
        return Some(stated.to_owned());
    }
    let (group, name) = (raw::text(spec, "group"), raw::text(version, "name"));
    let is_advised = |other: &&Value| {
        raw::flag(other, "served")
            && !raw::flag(other, "deprecated")
            && Priority::of(raw::text(other, "name")) > Priority::of(name)
    };
    let others = raw::list(spec, "versions").iter().filter(is_advised);
    let best = others.map(|other| raw::text(other, "name")).max_by_key(|name| Priority::of(name));
    let advice = best.map(|best| format!("; use {group}/{best} {kind}")).unwrap_or_default();
    Some(format!("{group}/{name} {kind} is deprecated{advice}"))
}
