//! The variables of a pod that tell an election what it needs.

use std::ffi::OsString;

use super::certificates::DeathCertificates;
use crate::env_var::said;

/// Returns the name of the Lease, as far as these variables tell it.
pub(super) fn lease_name(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    said(lookup(LEASE))
}

/// Returns the namespace of this pod, as far as these variables tell it.
pub(super) fn namespace(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    said(lookup(NAMESPACE))
}

/// Returns the container whose death certificates are on, and the file of its termination message, as
/// far as these variables tell them.
pub(super) fn death_certificates(
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Option<DeathCertificates> {
    let certificates = DeathCertificates::new().container(said(lookup(CERTIFICATES))?);
    Some(match said(lookup(TERMINATION_MESSAGE)) {
        Some(path) => certificates.path(path),
        None => certificates,
    })
}

/// Returns the name of this pod, as far as these variables tell it.
pub(super) fn pod_name(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    said(lookup(POD)).or_else(|| said(lookup(HOST)))
}

/// Tells whether a leader is to name its successor.
pub(super) fn names_successor(lookup: impl Fn(&str) -> Option<OsString>) -> bool {
    said(lookup(SUCCESSOR)).is_some_and(|told| told == "true")
}

const CERTIFICATES: &str = "HA_DEATH_CERTIFICATES";
const HOST: &str = "HOSTNAME";
const LEASE: &str = "HA_LEASE";
const NAMESPACE: &str = "POD_NAMESPACE";
const POD: &str = "POD_NAME";
const SUCCESSOR: &str = "HA_SUCCESSOR";
const TERMINATION_MESSAGE: &str = "HA_TERMINATION_LOG";
