//! What the artefacts must agree with.

use std::time::Duration;

pub(crate) const ABORT_BUDGET: Duration = Duration::from_secs(2);
pub(crate) const RELEASE_BUDGET: Duration = Duration::from_secs(3);
pub(crate) const STOP_BUDGET: Duration = Duration::from_secs(1);
pub(crate) const DEFAULT_GRACE_PERIOD: Duration = Duration::from_secs(30);

pub(crate) const PROBE_PORT: u16 = 8081;
pub(crate) const LIVENESS_PATH: &str = "/livez";
pub(crate) const READINESS_PATH: &str = "/readyz";
pub(crate) const STARTUP_PATH: &str = "/startupz";

pub(crate) const LEASE_VARIABLE: &str = "HA_LEASE";
pub(crate) const GRACE_PERIOD_VARIABLE: &str = "HA_GRACE_PERIOD_SECONDS";
pub(crate) const UNREADY_DELAY_VARIABLE: &str = "HA_UNREADY_DELAY_SECONDS";

pub(crate) const VERBS: [&str; 3] = ["get", "create", "update"];
pub(crate) const VERBS_WATCHING: [&str; 4] = ["get", "create", "update", "watch"];
