//! The variables of a pod that tell an election what it needs.

use std::ffi::OsString;

use crate::env_var::said;

/// Returns the name of the Lease, as far as these variables tell it.
pub(super) fn lease_name(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    said(lookup(LEASE))
}

/// Returns the namespace of this pod, as far as these variables tell it.
pub(super) fn namespace(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    said(lookup(NAMESPACE))
}

/// Returns the name of this pod, as far as these variables tell it.
pub(super) fn pod_name(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    said(lookup(POD)).or_else(|| said(lookup(HOST)))
}

const HOST: &str = "HOSTNAME";
const LEASE: &str = "HA_LEASE";
const NAMESPACE: &str = "POD_NAMESPACE";
const POD: &str = "POD_NAME";
