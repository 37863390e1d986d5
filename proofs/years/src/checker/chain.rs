//! The writes of the Lease, as one chain of compare-and-swaps.

use serde_json::Value;

/// A write as it was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempted {
    /// The version that it is made on; `None` for a create.
    pub(crate) base: Option<u64>,
    pub(crate) frees: bool,
}

/// The version of the Lease after each write.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    /// `None` while there is no Lease.
    last: Option<u64>,
    newest: u64,
    pub(crate) writes: u64,
}

impl Attempted {
    /// Reads the body of a PUT or a POST.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let holder = value.pointer("/spec/holderIdentity").and_then(Value::as_str);
        Some(Self { base: version(&value), frees: holder.unwrap_or_default().is_empty() })
    }
}

impl Chain {
    /// A write succeeded: it must have been made on the version before it.
    pub(crate) fn applied(&mut self, base: Option<u64>, version: u64) -> Result<(), String> {
        self.writes += 1;
        let last = self.last.replace(version);
        self.newest = self.newest.max(version);
        if last != base {
            return Err(format!("version {version} was made on {base:?}, after {last:?}"));
        }
        if last > Some(version) {
            return Err(format!("version {version} follows {last:?}"));
        }
        Ok(())
    }

    /// An administrator changed the Lease.
    pub(crate) fn edited(&mut self, version: Option<u64>) {
        self.last = version;
        self.newest = self.newest.max(version.unwrap_or_default());
    }

    /// Returns the newest version of any Lease, also if that was deleted.
    pub(super) const fn newest(&self) -> u64 {
        self.newest
    }

    pub(crate) const fn last(&self) -> Option<u64> {
        self.last
    }
}

/// Returns the version of an object.
pub(crate) fn version(object: &Value) -> Option<u64> {
    object.pointer("/metadata/resourceVersion")?.as_str()?.parse().ok()
}
