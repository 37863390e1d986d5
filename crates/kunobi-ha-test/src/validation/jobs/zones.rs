//! Time zones by their names.

use crate::validation::field::Field;

pub(super) fn check(zone: &Field) {
    if !zone.is_set() {
        return;
    }
    let name = zone.text();
    if name.is_empty() {
        zone.invalid("timeZone must be nil or non-empty string");
        return;
    }
    let is_known_byte = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    let is_part = |part: &str| {
        (1..=14).contains(&part.len())
            && part.bytes().all(is_known_byte)
            && !part.starts_with('-')
            && !matches!(part, "." | "..")
    };
    let unknown = format!("unknown time zone {name}");
    if !name.split('/').all(is_part) {
        zone.invalid(&unknown);
        return;
    }
    if name.eq_ignore_ascii_case("Local") {
        zone.invalid(
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        );
    }
    if !is_known(name) {
        zone.invalid(&unknown);
    }
}

pub(super) fn is_known(name: &str) -> bool {
    // Go knows it without looking for it.
    name == "Local" || NAMES.lines().any(|known| known == name)
}

/// Those in `lib/time/zoneinfo.zip` of Go.
const NAMES: &str = include_str!("zones.txt");
