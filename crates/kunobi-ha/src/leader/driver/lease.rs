//! A Lease as it is served. It reads what the election needs leniently, and keeps the rest as it is
//! for the next write.

use std::{collections::BTreeMap, num::NonZeroU64};

use jiff::Timestamp as Time;
use kunobi_ha_core::{LeaseRecord, LeaseTime, Timestamp, Uid, Version};
use serde_json::{Map, Value};

/// Which Lease it is, and what labels it is to have.
#[derive(Clone, Debug)]
pub(in crate::leader) struct LeaseName {
    pub(in crate::leader) namespace: String,
    pub(in crate::leader) name: String,
    pub(in crate::leader) labels: BTreeMap<String, String>,
}

/// An object that was served, and what the election sees in it.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) version: Version,
    pub(super) record: LeaseRecord,
    pub(super) object: Map<String, Value>,
}

impl LeaseName {
    /// Reads what was served under this name.
    ///
    /// # Errors
    ///
    /// Says what is wrong if it is no Lease that could be written back.
    pub(super) fn read(&self, object: Value) -> Result<Served, String> {
        let Value::Object(mut object) = object else {
            return Err("it is no JSON object".into());
        };
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
        if text("kind") != "Lease" || text("apiVersion") != API_VERSION {
            return Err(format!("it is a {:?} of {:?}", text("kind"), text("apiVersion")));
        }
        let Some(Value::Object(metadata)) = object.get_mut("metadata") else {
            return Err("it has no metadata".into());
        };
        // The server's own bookkeeping is long, and ignored in a write.
        metadata.remove("managedFields");
        let text = |field: &str| metadata.get(field).and_then(Value::as_str).unwrap_or_default();
        if text("name") != self.name || text("namespace") != self.namespace {
            return Err(format!("it is {}/{}", text("namespace"), text("name")));
        }
        let uid = Uid::new(text("uid")).ok_or("it has no uid")?;
        let resource_version = parse_version(text("resourceVersion"))
            .ok_or_else(|| format!("its version is {:?}", text("resourceVersion")))?;
        let record = object.get("spec").map(read_spec).unwrap_or_default();
        Ok(Served { version: Version { uid, resource_version }, record, object })
    }

    /// Writes a record over an object that was served, or into a new one.
    pub(super) fn write(
        &self,
        served: Option<&Map<String, Value>>,
        version: Option<&Version>,
        record: &LeaseRecord,
    ) -> Vec<u8> {
        let mut object = served.cloned().unwrap_or_default();
        object.insert("apiVersion".into(), API_VERSION.into());
        object.insert("kind".into(), "Lease".into());
        change(&mut object, "metadata", |metadata| {
            self.write_metadata(metadata, version);
        });
        change(&mut object, "spec", |spec| write_spec(spec, record));
        Value::Object(object).to_string().into_bytes()
    }

    fn write_metadata(&self, metadata: &mut Map<String, Value>, version: Option<&Version>) {
        metadata.insert("name".into(), self.name.as_str().into());
        metadata.insert("namespace".into(), self.namespace.as_str().into());
        // rule 7: a write to a Lease that was seen carries its uid and its version.
        if let Some(version) = version {
            metadata.insert("uid".into(), version.uid.as_str().into());
            metadata.insert("resourceVersion".into(), version.resource_version.to_string().into());
        }
        if !self.labels.is_empty() {
            change(metadata, "labels", |labels| {
                for (key, value) in &self.labels {
                    labels.insert(key.clone(), value.as_str().into());
                }
            });
        }
    }
}

/// Changes the object under this key. If there is something else, an empty object takes its place.
fn change(
    parent: &mut Map<String, Value>,
    key: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) {
    let mut child = match parent.remove(key) {
        Some(Value::Object(child)) => child,
        Some(_) | None => Map::new(),
    };
    change(&mut child);
    parent.insert(key.into(), Value::Object(child));
}

/// rule 13: versions are compared as numbers. Only one that is written back as it was served can be.
fn parse_version(text: &str) -> Option<NonZeroU64> {
    text.parse::<NonZeroU64>().ok().filter(|version| version.to_string() == text)
}

fn write_spec(spec: &mut Map<String, Value>, record: &LeaseRecord) {
    // These are present even when they are empty, because other implementations fail on nulls.
    spec.insert("holderIdentity".into(), record.holder.as_deref().unwrap_or_default().into());
    spec.insert("leaseDurationSeconds".into(), record.duration_seconds.into());
    spec.insert("leaseTransitions".into(), record.transitions.into());
    write_time(spec, "acquireTime", &record.acquire_time);
    write_time(spec, "renewTime", &record.renew_time);
}

fn read_spec(spec: &Value) -> LeaseRecord {
    let text = |field: &str| spec.get(field).and_then(Value::as_str);
    let number = |field: &str| spec.get(field).and_then(Value::as_i64);
    LeaseRecord {
        holder: text("holderIdentity").filter(|holder| !holder.is_empty()).map(Box::from),
        duration_seconds: number("leaseDurationSeconds"),
        acquire_time: read_time(spec.get("acquireTime")),
        renew_time: read_time(spec.get("renewTime")),
        transitions: number("leaseTransitions"),
        strategy: text("strategy").map(Box::from),
        preferred_holder: text("preferredHolder").map(Box::from),
    }
}

fn read_time(value: Option<&Value>) -> LeaseTime {
    let Some(Value::String(text)) = value else {
        return LeaseTime::Absent;
    };
    let parsed =
        text.parse::<Time>().ok().map(|time| Timestamp::from_unix_micros(time.as_microsecond()));
    match parsed {
        Some(time) if format_time(time).as_deref() == Some(text) => LeaseTime::At(time),
        Some(_) | None => LeaseTime::Text(text.as_str().into()),
    }
}

fn write_time(spec: &mut Map<String, Value>, field: &str, time: &LeaseTime) {
    let text = match time {
        LeaseTime::Absent => None,
        LeaseTime::At(time) => format_time(*time),
        LeaseTime::Text(text) => Some(text.to_string()),
    };
    spec.insert(field.into(), text.into());
}

/// RFC 3339 in UTC with exactly six fractional digits: rule 4 compares all of them.
fn format_time(time: Timestamp) -> Option<String> {
    let micros = i64::try_from(time.as_unix_micros()).ok()?;
    Time::from_microsecond(micros).ok().map(|time| format!("{time:.6}"))
}

const API_VERSION: &str = "coordination.k8s.io/v1";

#[cfg(test)]
mod tests;
