//! What a Deployment asks for.

use serde_json::Value;

use crate::controllers::{
    number, revision,
    share::{Rounds, share},
};

/// The parts of a Deployment that decide.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) generation: i64,
    pub(super) replicas: i64,
    pub(super) min_ready: i64,
    /// In seconds; none: nobody asks whether it gets on.
    pub(super) deadline: Option<i64>,
    pub(super) is_paused: bool,
    pub(super) is_deleted: bool,
    pub(super) strategy: Strategy,
    /// Stands for the template.
    pub(super) revision: String,
}

/// How old pods are replaced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Strategy {
    Recreate,
    RollingUpdate { surge: i64, unavailable: i64 },
}

impl<'a> Wanted<'a> {
    pub(super) fn read(object: &'a Value) -> Self {
        let spec = &object["spec"];
        let replicas = number(&spec["replicas"]).unwrap_or(1);
        let deadline = number(&spec["progressDeadlineSeconds"]);
        Self {
            name: object["metadata"]["name"].as_str().unwrap_or_default(),
            generation: object["metadata"]["generation"].as_i64().unwrap_or_default(),
            replicas,
            min_ready: number(&spec["minReadySeconds"]).unwrap_or_default(),
            deadline: deadline.filter(|deadline| *deadline != i64::from(i32::MAX)),
            is_paused: spec["paused"].as_bool().unwrap_or_default(),
            is_deleted: !object["metadata"]["deletionTimestamp"].is_null(),
            strategy: Strategy::read(&spec["strategy"], replicas),
            revision: revision(&spec["template"]),
        }
    }

    /// How many pods may be missing.
    pub(super) fn max_unavailable(&self) -> i64 {
        match self.strategy {
            Strategy::RollingUpdate { unavailable, .. } => unavailable.min(self.replicas),
            Strategy::Recreate => 0,
        }
    }

    /// The name that the replica set of the template would have.
    pub(super) fn replica_set(&self) -> String {
        format!("{}-{}", self.name, self.revision)
    }
}

impl Strategy {
    fn read(strategy: &Value, replicas: i64) -> Self {
        if strategy["type"] == "Recreate" {
            return Self::Recreate;
        }
        let rolling = &strategy["rollingUpdate"];
        let surge = share(&rolling["maxSurge"], replicas, Rounds::Up);
        let unavailable = share(&rolling["maxUnavailable"], replicas, Rounds::Down);
        // Else nothing could ever change.
        let is_stuck = surge == 0 && unavailable == 0;
        Self::RollingUpdate { surge, unavailable: if is_stuck { 1 } else { unavailable } }
    }
}
