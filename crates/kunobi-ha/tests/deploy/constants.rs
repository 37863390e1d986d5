//! What the artefacts must agree with.

pub(crate) use kunobi_ha::{
    health_probe::PORT as PROBE_PORT,
    shutdown::{Budgets, GRACE_PERIOD_VARIABLE, UNREADY_DELAY_VARIABLE},
};

pub(crate) const LIVENESS_PATH: &str = "/livez";
pub(crate) const READINESS_PATH: &str = "/readyz";
pub(crate) const STARTUP_PATH: &str = "/startupz";

pub(crate) const LEASE_VARIABLE: &str = "HA_LEASE";
pub(crate) const CERTIFICATES_VARIABLE: &str = "HA_DEATH_CERTIFICATES";
pub(crate) const SUCCESSOR_VARIABLE: &str = "HA_SUCCESSOR";

/// The file that the kubelet reads when the container has ended.
pub(crate) const CERTIFICATES_PATH: &str = "/dev/termination-log";

pub(crate) const VERBS: [&str; 3] = ["get", "create", "update"];
pub(crate) const VERBS_WATCHING: [&str; 4] = ["get", "create", "update", "watch"];
/// On pods, for certificates of death, and for naming a successor.
pub(crate) const VERBS_CERTIFICATES: [&str; 2] = ["get", "watch"];
pub(crate) const VERBS_SUCCESSOR: [&str; 1] = ["list"];
