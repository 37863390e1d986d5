//! Times and durations in rules, as numbers of nanoseconds: they are compared, added and subtracted.

use jiff::{SignedDuration, Timestamp};

/// Since 1970. What is farther away than 292 years counts as that far.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let time: Timestamp = text.parse().ok()?;
    Some(clamped(time.as_nanosecond()))
}

/// As Go writes them: `1h30m`.
pub(super) fn duration(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let duration: SignedDuration = text.parse().ok()?;
    Some(clamped(duration.as_nanos()))
}

fn clamped(nanoseconds: i128) -> i64 {
    let most = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(nanoseconds).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_in_go() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("1h30m", 5_400_000_000_000),
            ("-1.5s", -1_500_000_000),
            ("100ms", 100_000_000),
            ("1us2ns", 1_002),
        ] {
            assert_eq!(duration(text), Some(nanoseconds), "{text}");
        }
        assert_eq!(duration("1x"), None);
        assert_eq!(timestamp("1970-01-01T00:00:01+00:00"), Some(1_000_000_000));
        assert_eq!(timestamp("9999-01-01T00:00:00Z"), Some(i64::MAX));
    }
}
