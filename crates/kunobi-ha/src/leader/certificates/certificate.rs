//! The line by which a process certifies which term it begins.

use std::fmt;

use kunobi_ha_core::Timestamp;

use crate::leader::driver::{LeaseName, format_time};

/// rule C1: names one term of one holder of one Lease.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::leader) struct Certificate(Box<str>);

impl Certificate {
    /// Returns `None` if the holder would make more than a word of it.
    pub(in crate::leader) fn of(
        lease: &LeaseName,
        holder: &str,
        acquired: Timestamp,
    ) -> Option<Self> {
        let is_word = !holder.is_empty()
            && !holder.contains(|char: char| char.is_whitespace() || char.is_control());
        let LeaseName { namespace, name, .. } = lease;
        let acquired = format_time(acquired).filter(|_| is_word)?;
        Some(Self(format!("{TAG} {namespace}/{name} {holder} {acquired}").into()))
    }

    pub(in crate::leader) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What every certificate of this version begins with.
pub(super) const TAG: &str = "kunobi-ha/1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_lease_holder_and_acquire_time_to_the_microsecond() {
        let certificate = Certificate::of(&lease(), "pod-1", Timestamp::from_unix_micros(5));
        let line = "kunobi-ha/1 ns/l pod-1 1970-01-01T00:00:00.000005Z";
        assert_eq!(certificate.unwrap().as_str(), line);
    }

    #[test]
    fn a_holder_that_is_no_word_has_none() {
        for holder in ["", "a b", "a\n", "\u{2028}", "a\u{1b}", "\u{a0}"] {
            assert_eq!(Certificate::of(&lease(), holder, Timestamp::from_unix_micros(5)), None);
        }
    }

    fn lease() -> LeaseName {
        LeaseName { namespace: "ns".into(), name: "l".into(), labels: [].into() }
    }
}
