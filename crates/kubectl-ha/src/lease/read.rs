//! Reading, field by field.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

use super::{Lease, Manager, Moment};
use crate::words;

pub(super) fn lease(value: &Value) -> Lease {
    let mut odd = Odd(Vec::new());
    let metadata = odd.object(value, "metadata");
    let spec = odd.object(value, "spec");
    let mut lease = Lease {
        namespace: odd.text(metadata, "metadata.namespace").unwrap_or_default(),
        name: odd.text(metadata, "metadata.name").unwrap_or_default(),
        uid: odd.text(metadata, "metadata.uid").unwrap_or_default(),
        resource_version: odd.text(metadata, "metadata.resourceVersion").unwrap_or_default(),
        holder: odd.text(spec, "spec.holderIdentity").filter(|holder| !holder.is_empty()),
        duration: odd.duration(spec, "spec.leaseDurationSeconds"),
        acquired: odd.moment(spec, "spec.acquireTime"),
        renewed: odd.moment(spec, "spec.renewTime"),
        transitions: odd.number(spec, "spec.leaseTransitions"),
        strategy: odd.text(spec, "spec.strategy"),
        preferred_holder: odd.text(spec, "spec.preferredHolder"),
        labels: odd.map(metadata, "metadata.labels"),
        annotations: odd.map(metadata, "metadata.annotations"),
        created: odd.moment(metadata, "metadata.creationTimestamp").and_then(|moment| moment.at),
        deleting: odd.moment(metadata, "metadata.deletionTimestamp").and_then(|moment| moment.at),
        finalizers: odd.texts(metadata, "metadata.finalizers"),
        managers: odd.managers(metadata, "metadata.managedFields"),
        odd: Vec::new(),
    };
    if lease.name.is_empty() {
        odd.0.push("metadata.name is missing".into());
    }
    lease.odd = odd.0;
    lease
}

/// Collects what is odd. The paths are those of the object; the last part is the key.
struct Odd(Vec<String>);

impl Odd {
    fn object<'a>(&mut self, of: &'a Value, key: &str) -> &'a Value {
        let value = of.get(key).unwrap_or(&Value::Null);
        if !value.is_null() && !value.is_object() {
            self.wrong(key, value, "an object");
        }
        value
    }

    fn text(&mut self, of: &Value, path: &str) -> Option<String> {
        let value = field(of, path)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(path, value, "a string");
        }
        text
    }

    fn number(&mut self, of: &Value, path: &str) -> Option<u64> {
        let value = field(of, path)?;
        let number = value.as_u64();
        if number.is_none() {
            self.wrong(path, value, "a whole number that is not negative");
        }
        number
    }

    fn duration(&mut self, of: &Value, path: &str) -> Option<Duration> {
        let value = field(of, path)?;
        // The field has 32 bits; clocks can't count what is much longer.
        let seconds = value.as_u64().filter(|seconds| (1..1 << 31).contains(seconds));
        if seconds.is_none() {
            self.wrong(path, value, "a number of seconds from 1 to 2147483647");
        }
        seconds.map(Duration::from_secs)
    }

    fn moment(&mut self, of: &Value, path: &str) -> Option<Moment> {
        let moment = Moment::new(&self.text(of, path)?);
        if moment.at.is_none() {
            self.wrong(path, &Value::from(moment.text.clone()), "a time in RFC 3339");
        }
        Some(moment)
    }

    fn map(&mut self, of: &Value, path: &str) -> BTreeMap<String, String> {
        let Some(value) = field(of, path) else {
            return BTreeMap::new();
        };
        let Some(map) = value.as_object() else {
            self.wrong(path, value, "an object");
            return BTreeMap::new();
        };
        let mut texts = BTreeMap::new();
        for (key, value) in map {
            match value.as_str() {
                Some(text) => _ = texts.insert(key.clone(), text.to_owned()),
                None => self.wrong(&format!("{path}[{key:?}]"), value, "a string"),
            }
        }
        texts
    }

    fn list<'a>(&mut self, of: &'a Value, path: &str) -> &'a [Value] {
        let Some(value) = field(of, path) else {
            return &[];
        };
        value.as_array().map_or_else(
            || {
                self.wrong(path, value, "a list");
                &[][..]
            },
            Vec::as_slice,
        )
    }

    fn texts(&mut self, of: &Value, path: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.list(of, path) {
            match value.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(path, value, "a list of strings"),
            }
        }
        texts
    }

    fn managers(&mut self, of: &Value, path: &str) -> Vec<Manager> {
        let mut managers = Vec::new();
        for entry in self.list(of, path) {
            managers.push(Manager {
                name: self.text(entry, "metadata.managedFields.manager").unwrap_or_default(),
                operation: self.text(entry, "metadata.managedFields.operation").unwrap_or_default(),
                subresource: self
                    .text(entry, "metadata.managedFields.subresource")
                    .unwrap_or_default(),
                time: self
                    .moment(entry, "metadata.managedFields.time")
                    .and_then(|time: Moment| -> Option<Timestamp> { time.at }),
                renews: entry.pointer("/fieldsV1/f:spec/f:renewTime").is_some(),
            });
        }
        managers
    }

    fn wrong(&mut self, path: &str, value: &Value, wanted: &str) {
        let found = words::cut(&value.to_string(), LONGEST);
        self.0.push(format!("{path} is {found}, not {wanted}"));
    }
}

fn field<'a>(of: &'a Value, path: &str) -> Option<&'a Value> {
    let key = path.rsplit('.').next()?;
    of.get(key).filter(|value| !value.is_null())
}

/// How much of an odd value is told.
const LONGEST: usize = 60;
