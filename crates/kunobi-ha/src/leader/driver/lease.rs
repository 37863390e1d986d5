//! A Lease as it is served. It reads what the election needs leniently, and keeps the rest as it is
//! for the next write.

mod fields;
mod hints;

use std::{collections::BTreeMap, num::NonZeroU64};

use jiff::Timestamp as Time;
use kunobi_ha_core::{Hints, Lease, LeaseRecord, LeaseTime, Timestamp, Uid, Version};

pub(in crate::leader) use self::fields::Fields;
pub(super) use self::hints::is_identity;

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
    pub(super) hints: Hints,
    pub(super) object: Fields,
}

/// Why what was served is not a Lease that could be written back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error(transparent)]
    NotJson(#[from] serde_json::Error),
    #[error("{0}")]
    NotALease(String),
}

impl LeaseName {
    /// Reads what was served under this name.
    ///
    /// # Errors
    ///
    /// Says what is wrong if it is no Lease that could be written back.
    pub(super) fn read(&self, json: &[u8]) -> Result<Served, Unreadable> {
        let object = Fields::read(json)?.ok_or("it is no JSON object")?;
        let text = |field| object.text(field).map(Option::unwrap_or_default);
        let (kind, api_version) = (text("kind")?, text("apiVersion")?);
        if kind != "Lease" || api_version != API_VERSION {
            return Err(format!("it is a {kind:?} of {api_version:?}").into());
        }
        let metadata = object.object("metadata").ok_or("it has no metadata")?;
        let text = |field| metadata.text(field).map(Option::unwrap_or_default);
        let (name, namespace) = (text("name")?, text("namespace")?);
        if name != self.name || namespace != self.namespace {
            return Err(format!("it is {namespace}/{name}").into());
        }
        let uid = Uid::new(&text("uid")?).ok_or("it has no uid")?;
        let version = text("resourceVersion")?;
        let resource_version =
            parse_version(&version).ok_or_else(|| format!("its version is {version:?}"))?;
        let record = read_spec(&object.object("spec").unwrap_or_default())?;
        let hints = hints::read(&metadata);
        Ok(Served { version: Version { uid, resource_version }, record, hints, object })
    }

    /// Writes a record over an object that was served, or into a new one; a release may name a
    /// successor.
    pub(super) fn write(
        &self,
        served: Option<&Fields>,
        version: Option<&Version>,
        record: &LeaseRecord,
        successor: Option<&str>,
    ) -> Vec<u8> {
        let mut object = served.cloned().unwrap_or_default();
        let renews = acquire_time(&object) == record.acquire_time;
        object.set("apiVersion", API_VERSION);
        object.set("kind", "Lease");
        object.change("metadata", |metadata| {
            self.write_metadata(metadata, version);
            // rules P1 and P3: what was said for one term, or for a release, ends with it.
            if !renews {
                hints::replace(metadata, successor.zip(format(&record.acquire_time)));
            }
        });
        object.change("spec", |spec| write_spec(spec, record));
        object.to_string().into_bytes()
    }

    fn write_metadata(&self, metadata: &mut Fields, version: Option<&Version>) {
        // The server's own bookkeeping is long, and ignored in a write.
        metadata.remove("managedFields");
        metadata.set("name", self.name.as_str());
        metadata.set("namespace", self.namespace.as_str());
        // rule 7: a write to a Lease that was seen carries its uid and its version.
        if let Some(version) = version {
            metadata.set("uid", version.uid.as_str());
            metadata.set("resourceVersion", version.resource_version.to_string());
        }
        if !self.labels.is_empty() {
            metadata.change("labels", |labels| {
                for (key, value) in &self.labels {
                    labels.set(key, value.as_str());
                }
            });
        }
    }
}

impl Served {
    /// Returns what the machine is to see of it.
    pub(super) fn lease(&self) -> Lease {
        let Self { version, record, hints, .. } = self;
        Lease { version: version.clone(), record: record.clone(), hints: hints.clone() }
    }
}

impl From<String> for Unreadable {
    fn from(why: String) -> Self {
        Self::NotALease(why)
    }
}

impl From<&str> for Unreadable {
    fn from(why: &str) -> Self {
        Self::NotALease(why.into())
    }
}

/// rule 13: versions are compared as numbers. Only one that is written back as it was served can be.
fn parse_version(text: &str) -> Option<NonZeroU64> {
    text.parse::<NonZeroU64>().ok().filter(|version| version.to_string() == text)
}

fn write_spec(spec: &mut Fields, record: &LeaseRecord) {
    // These are present even when they are empty, because other implementations fail on nulls.
    spec.set("holderIdentity", record.holder.as_deref().unwrap_or_default());
    spec.set("leaseDurationSeconds", record.duration_seconds);
    spec.set("leaseTransitions", record.transitions);
    write_time(spec, "acquireTime", &record.acquire_time);
    write_time(spec, "renewTime", &record.renew_time);
}

/// Returns when the term, or the release, of an object began.
fn acquire_time(object: &Fields) -> LeaseTime {
    let spec = object.object("spec");
    // A text that is not Unicode is no time of ours, and such a Lease is unreadable.
    read_time(spec.and_then(|spec| spec.text("acquireTime").ok().flatten()))
}

fn read_spec(spec: &Fields) -> serde_json::Result<LeaseRecord> {
    let text = |field| spec.text(field);
    Ok(LeaseRecord {
        holder: text("holderIdentity")?.filter(|holder| !holder.is_empty()).map(Box::from),
        duration_seconds: spec.number("leaseDurationSeconds"),
        acquire_time: read_time(text("acquireTime")?),
        renew_time: read_time(text("renewTime")?),
        transitions: spec.number("leaseTransitions"),
        strategy: text("strategy")?.map(Box::from),
        preferred_holder: text("preferredHolder")?.map(Box::from),
    })
}

fn read_time(text: Option<String>) -> LeaseTime {
    let Some(text) = text else {
        return LeaseTime::Absent;
    };
    let parsed =
        text.parse::<Time>().ok().map(|time| Timestamp::from_unix_micros(time.as_microsecond()));
    match parsed {
        Some(time) if format_time(time).as_ref() == Some(&text) => LeaseTime::At(time),
        Some(_) | None => LeaseTime::Text(text.into()),
    }
}

fn write_time(spec: &mut Fields, field: &str, time: &LeaseTime) {
    spec.set(field, format(time));
}

fn format(time: &LeaseTime) -> Option<String> {
    match time {
        LeaseTime::Absent => None,
        LeaseTime::At(time) => format_time(*time),
        LeaseTime::Text(text) => Some(text.to_string()),
    }
}

/// RFC 3339 in UTC with exactly six fractional digits: rule 4 compares all of them.
pub(in crate::leader) fn format_time(time: Timestamp) -> Option<String> {
    let micros = i64::try_from(time.as_unix_micros()).ok()?;
    Time::from_microsecond(micros).ok().map(|time| format!("{time:.6}"))
}

const API_VERSION: &str = "coordination.k8s.io/v1";

#[cfg(test)]
mod tests;
