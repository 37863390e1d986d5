//! What the artefacts must agree with.

pub(crate) use kunobi_ha::{
    health_probe::PORT as PROBE_PORT,
    shutdown::{Budgets, GRACE_PERIOD_VARIABLE, UNREADY_DELAY_VARIABLE},
};

pub(crate) const LIVENESS_PATH: &str = "/livez";
pub(crate) const READINESS_PATH: &str = "/readyz";
pub(crate) const STARTUP_PATH: &str = "/startupz";

pub(crate) const LEASE_VARIABLE: &str = "HA_LEASE";

pub(crate) const VERBS: [&str; 3] = ["get", "create", "update"];
pub(crate) const VERBS_WATCHING: [&str; 4] = ["get", "create", "update", "watch"];
