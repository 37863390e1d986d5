//! How much time has passed, in the two or three figures that people read.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The longest time in Go's 64 bits of nanoseconds, in seconds.
const LONGEST: i64 = 9_223_372_036;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24;
const YEAR: i64 = 365 * DAY;

/// The time since a time that an object states.
pub(crate) fn since(time: Option<&Value>, now: Timestamp) -> String {
    moment(time).map_or_else(|| "<unknown>".into(), |time| human(now.duration_since(time)))
}

pub(crate) fn moment(time: Option<&Value>) -> Option<Timestamp> {
    time.and_then(Value::as_str).and_then(|text| text.parse().ok())
}

/// `duration.HumanDuration`.
pub(super) fn human(time: SignedDuration) -> String {
    let seconds = time.as_secs().clamp(-LONGEST, LONGEST);
    let (minutes, hours) = (seconds / MINUTE, seconds / HOUR);
    match (seconds, minutes, hours) {
        (..-1, ..) => "<invalid>".into(),
        (-1, ..) => "0s".into(),
        (0..120, ..) => format!("{seconds}s"),
        (_, ..10, _) => two(minutes, 'm', seconds % MINUTE, 's'),
        (_, ..180, _) => format!("{minutes}m"),
        (.., ..8) => two(hours, 'h', minutes % 60, 'm'),
        (.., ..48) => format!("{hours}h"),
        (.., ..192) => two(hours / DAY, 'd', hours % DAY, 'h'),
        (..) if hours < 2 * YEAR => format!("{}d", hours / DAY),
        (..) if hours < 8 * YEAR => two(hours / YEAR, 'y', hours / DAY % 365, 'd'),
        (..) => format!("{}y", hours / YEAR),
    }
}

/// The smaller unit is left out if there is none of it.
fn two(large: i64, unit: char, small: i64, part: char) -> String {
    if small == 0 { format!("{large}{unit}") } else { format!("{large}{unit}{small}{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_few_figures() {
        for (seconds, expected) in [
            (-2, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (599, "9m59s"),
            (600, "10m"),
            (3 * HOUR - 1, "179m"),
            (3 * HOUR, "3h"),
            (3 * HOUR + 60, "3h1m"),
            (8 * HOUR + 60, "8h"),
            (47 * HOUR, "47h"),
            (48 * HOUR, "2d"),
            (50 * HOUR, "2d2h"),
            (8 * 24 * HOUR, "8d"),
            (729 * 24 * HOUR, "729d"),
            (730 * 24 * HOUR, "2y"),
            (731 * 24 * HOUR, "2y1d"),
            (8 * 365 * 24 * HOUR, "8y"),
            (i64::MAX, "292y"),
        ] {
            assert_eq!(human(SignedDuration::from_secs(seconds)), expected, "{seconds}");
        }
        assert_eq!(human(SignedDuration::from_millis(-1_900)), "0s");
        assert_eq!(human(SignedDuration::from_millis(1_900)), "1s");
    }

    #[test]
    fn what_is_no_time_is_unknown() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(since(None, now), "<unknown>");
        assert_eq!(since(Some(&"yesterday".into()), now), "<unknown>");
        assert_eq!(since(Some(&"1969-12-31T23:59:00Z".into()), now), "60s");
    }
}
