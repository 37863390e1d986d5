//! The roles and bindings that every cluster has from its start.

use jiff::Timestamp;
use serde_json::Value;

use super::GROUP;
use crate::{
    apply::Operation,
    request::{FieldValidation, WriteOptions, path::Target},
    store::{Call, Store},
};

impl Store {
    /// Creates them as kube-apiserver does when it starts. What follows from them must be done next.
    pub(crate) fn create_system_roles(&mut self, now: Timestamp) {
        let recorded: Vec<Value> = serde_json::from_str(RECORDED).unwrap_or_default();
        for mut value in recorded {
            // The rules of an aggregated role are made of those of others.
            if value.get("aggregationRule").is_some() {
                value["rules"] = Value::Null;
            }
            let text = |pointer| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let Some(resource) = self.types.find_kind(GROUP, "v1", text("/kind")) else {
                continue;
            };
            let target = Target::collection(&resource, text("/metadata/namespace"));
            let target = target.named(text("/metadata/name"));
            let call = Call::by_server(&resource, &target, now);
            let manager = call.manager(&options(), Operation::Update);
            // Nothing in it can be refused.
            let _ = self.begin(&call, value, Some(&manager));
        }
    }
}

fn options() -> WriteOptions {
    WriteOptions {
        is_dry_run: false,
        manager: "kube-apiserver".into(),
        validation: FieldValidation::Ignore,
    }
}

/// By `scripts/rbac-record.py`.
pub(super) const RECORDED: &str = include_str!("bootstrap.json");
