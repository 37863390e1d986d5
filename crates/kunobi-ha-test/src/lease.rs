//! What kube-apiserver checks in a Lease.

use serde_json::Value;

use crate::status::Cause;

pub(crate) const GROUP: &str = "coordination.k8s.io";
pub(crate) const RESOURCE: &str = "leases";

/// Returns what is wrong with a Lease whose fields have the right types.
pub(crate) fn validate(lease: &Value) -> Vec<Cause> {
    let check = |field: &str, least: i64, detail: &str| {
        let number = lease.get("spec")?.get(field)?.as_i64()?;
        let path = format!("spec.{field}");
        (number < least).then(|| Cause::invalid(path, &number.into(), detail))
    };
    [
        check("leaseDurationSeconds", 1, "must be greater than 0"),
        check("leaseTransitions", 0, "must be greater than or equal to 0"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
