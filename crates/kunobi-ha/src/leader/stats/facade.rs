//! What is counted, told to the recorder of the crate `metrics` as well.

use metrics::{counter, gauge, histogram};

#[derive(Debug)]
pub(super) struct Facade {
    name: String,
}

impl Facade {
    pub(super) fn new(name: &str) -> Self {
        let facade = Self { name: name.to_owned() };
        facade.leading(false);
        facade
    }

    pub(super) fn leading(&self, leading: bool) {
        let value = if leading { 1.0 } else { 0.0 };
        gauge!("leader_election_master_status", "name" => self.name.clone()).set(value);
    }

    pub(super) fn lost(&self, reason: &'static str) {
        let name = self.name.clone();
        counter!("kunobi_ha_leadership_lost_total", "name" => name, "reason" => reason)
            .increment(1);
    }

    pub(super) fn failed(&self, reason: &'static str) {
        let name = self.name.clone();
        counter!("kunobi_ha_candidacy_failures_total", "name" => name, "reason" => reason)
            .increment(1);
    }

    pub(super) fn renewed(&self, outcome: &'static str) {
        let name = self.name.clone();
        counter!("kunobi_ha_lease_renewals_total", "name" => name, "outcome" => outcome)
            .increment(1);
    }

    pub(super) fn renewal(&self, seconds: f64, unix_time: f64) {
        let name = || self.name.clone();
        histogram!("kunobi_ha_lease_renew_seconds", "name" => name()).record(seconds);
        gauge!("kunobi_ha_lease_last_renew_timestamp_seconds", "name" => name()).set(unix_time);
    }

    pub(super) fn collided(&self) {
        counter!("kunobi_ha_identity_collisions_total", "name" => self.name.clone()).increment(1);
    }

    pub(super) fn took_slow_path(&self) {
        counter!("leader_election_slowpath_total", "name" => self.name.clone()).increment(1);
    }
}
