//! Times as people read them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// What the server's clock says. Times in objects are compared with it, never with the clock of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerTime {
    date: Timestamp,
    /// When that was, by the clock of this machine that never jumps.
    at: Instant,
}

impl ServerTime {
    pub(crate) const fn new(date: Timestamp, at: Instant) -> Self {
        Self { date, at }
    }

    /// Returns what the server's clock says at this instant.
    pub(crate) fn at(self, now: Instant) -> Timestamp {
        let passed = SignedDuration::try_from(now.saturating_duration_since(self.at))
            .unwrap_or(SignedDuration::MAX);
        self.date.checked_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// Returns how long before this instant a time of an object was; negative if it is yet to come.
    pub(crate) fn age(self, of: Timestamp, now: Instant) -> SignedDuration {
        self.at(now).duration_since(of)
    }
}

/// Writes a duration as `kubectl get` writes an age: `12s`, `3m4s`, `5h`, `2d3h`, with a minus if it is negative.
pub(crate) fn short(duration: SignedDuration) -> String {
    let sign = if duration.is_negative() && duration.as_secs() != 0 { "-" } else { "" };
    let seconds = duration.unsigned_abs().as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with = |whole: u64, unit: &str, rest: u64, small: &str| {
        if rest == 0 { format!("{whole}{unit}") } else { format!("{whole}{unit}{rest}{small}") }
    };
    let text = match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => with(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => with(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => with(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => with(days / 365, "y", days % 365, "d"),
        252_288_000.. => format!("{}y", days / 365),
    };
    format!("{sign}{text}")
}

/// Says how long ago something was, or in how long it will be.
pub(crate) fn ago(since: SignedDuration) -> String {
    let text = age(since);
    if is_ahead(since) { text } else { format!("{text} ago") }
}

/// Writes the age of a time that should be past.
pub(crate) fn age(age: SignedDuration) -> String {
    if is_ahead(age) { format!("in {}", short(-age)) } else { short(age.max(SignedDuration::ZERO)) }
}

/// Whether a time of this age is yet to come, which no time of a Lease should be. The server tells whole seconds, and
/// clocks that agree differ by a little.
pub(crate) fn is_ahead(age: SignedDuration) -> bool {
    age < -TOLERATED
}

/// Writes a duration with tenths of a second while they matter: `5ms`, `1.2s`, then as [`short`].
pub(crate) fn fine(duration: Duration) -> String {
    if !duration.is_zero() && duration < Duration::from_secs(1) {
        format!("{}ms", duration.as_millis())
    } else if duration < Duration::from_secs(60) && duration.subsec_millis() > 0 {
        format!("{:.1}s", duration.as_secs_f64())
    } else {
        short(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX))
    }
}

/// Counts transitions per hour of the life of a Lease. The life of a Lease that is younger than ten minutes says too little.
pub(crate) fn rate(transitions: Option<u64>, lifetime: Option<SignedDuration>) -> Option<f64> {
    let lifetime = lifetime.filter(|lifetime| *lifetime >= SHORTEST)?;
    #[expect(clippy::cast_precision_loss, reason = "nobody counts so many transitions")]
    let count = transitions? as f64;
    Some(count / (lifetime.as_secs_f64() / 3600.0))
}

/// Whether leaders change more often than rollouts explain.
pub(crate) fn is_often(transitions: u64, rate: f64) -> bool {
    transitions >= u64::from(OFTEN) && rate >= f64::from(OFTEN)
}

/// Writes a rate with as many digits as say something.
pub(crate) fn per_hour(rate: f64) -> String {
    match rate {
        0.0 => "0".into(),
        ..0.01 => "<0.01".into(),
        // What would be rounded up to 1.00 or 10.0 has a digit less.
        ..0.995 => format!("{rate:.2}"),
        ..9.95 => format!("{rate:.1}"),
        _ => format!("{rate:.0}"),
    }
}

const SHORTEST: SignedDuration = SignedDuration::from_mins(10);

/// How many changes of the leader within an hour are often. A rollout of five replicas has fewer.
pub(crate) const OFTEN: u32 = 6;

/// How far two clocks may differ before that is told.
pub(crate) const TOLERATED: SignedDuration = SignedDuration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_kubectl_writes_ages() {
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (601, "10m"),
            (10_800, "3h"),
            (11_000, "3h3m"),
            (30_000, "8h"),
            (180_000, "2d2h"),
            (700_000, "8d"),
            (70_000_000, "2y80d"),
            (300_000_000, "9y"),
            (-3, "-3s"),
        ];
        for (seconds, text) in cases {
            assert_eq!(short(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_few_transitions_or_a_short_life_are_not_often() {
        for (transitions, minutes, often) in
            [(6, 60, true), (5, 30, false), (6, 9, false), (6, 10, true), (11, 120, false)]
        {
            let rate = rate(Some(transitions), Some(SignedDuration::from_mins(minutes)));
            let found = rate.is_some_and(|it| is_often(transitions, it));
            assert_eq!(found, often, "{transitions} in {minutes} min");
        }
    }

    #[test]
    fn a_rate_has_two_digits_that_say_something_on_both_sides_of_a_bound() {
        let written = [0.0, 0.009, 0.99, 0.996, 1.0, 9.94, 9.97, 10.0, 10.04].map(per_hour);
        assert_eq!(written, ["0", "<0.01", "0.99", "1.0", "1.0", "9.9", "10", "10", "10"]);
    }

    #[test]
    fn a_limit_that_is_short_is_not_written_as_none() {
        let written = [1, 500, 1_500, 2_000].map(|ms| fine(Duration::from_millis(ms)));
        assert_eq!(written, ["1ms", "500ms", "1.5s", "2s"]);
    }

    #[test]
    fn a_time_that_is_yet_to_come_is_not_past() {
        let written = [90_000, 3, -2, -90_000].map(|it| ago(SignedDuration::from_secs(it)));
        assert_eq!(written, ["25h ago", "3s ago", "0s ago", "in 25h"]);
        assert_eq!(age(SignedDuration::from_secs(-3)), "in 3s");
    }
}
