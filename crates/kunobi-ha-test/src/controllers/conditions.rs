//! The conditions of a status.

use jiff::Timestamp;
use serde_json::{Value, json};

/// A list of conditions; what changes goes to its end.
#[derive(Debug)]
pub(super) struct Conditions {
    list: Vec<Value>,
    now: String,
}

/// What a condition says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Says<'a> {
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

impl Conditions {
    pub(super) fn of(object: &Value, now: Timestamp) -> Self {
        let list = object.pointer("/status/conditions").and_then(Value::as_array);
        Self { list: list.cloned().unwrap_or_default(), now: time(now) }
    }

    pub(super) fn text(&self, kind: &str, field: &str) -> Option<&str> {
        self.get(kind)?.get(field)?.as_str()
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.text(kind, "status") == Some("True")
    }

    pub(super) fn remove(&mut self, kind: &str) {
        self.list.retain(|condition| condition["type"] != kind);
    }

    /// Sets a condition of a Deployment, unless it has this status and reason already.
    pub(super) fn set(&mut self, says: Says) {
        let Says { kind, status, reason, .. } = says;
        let is_set = self.text(kind, "status") == Some(status);
        if !is_set || self.text(kind, "reason") != Some(reason) {
            self.renew(says);
        }
    }

    /// Sets a condition of a Deployment, with the time.
    pub(super) fn renew(&mut self, says: Says) {
        let Says { kind, status, reason, message } = says;
        let is_set = self.text(kind, "status") == Some(status);
        let since = self.text(kind, "lastTransitionTime").filter(|_| is_set);
        let since = since.unwrap_or(&self.now);
        let condition = json!({ "type": kind, "status": status, "reason": reason, "message": message,
                                "lastTransitionTime": since, "lastUpdateTime": self.now });
        self.remove(kind);
        self.list.push(condition);
    }

    /// Sets a condition of a Job in its place.
    pub(super) fn probe(&mut self, says: Says) {
        let Says { kind, status, reason, message } = says;
        let condition = json!({ "type": kind, "status": status, "reason": reason, "message": message,
                                "lastProbeTime": self.now, "lastTransitionTime": self.now });
        match self.list.iter_mut().find(|condition| condition["type"] == kind) {
            None => self.list.push(condition),
            Some(old) if old["status"] != status => *old = condition,
            Some(_) => {}
        }
    }

    /// As a field; none if there is no condition.
    pub(super) fn into_value(self) -> Option<Value> {
        (!self.list.is_empty()).then_some(Value::Array(self.list))
    }

    fn get(&self, kind: &str) -> Option<&Value> {
        self.list.iter().find(|condition| condition["type"] == kind)
    }
}

/// A time as a status has it, in whole seconds.
pub(super) fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
