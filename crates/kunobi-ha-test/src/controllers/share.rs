//! Numbers that may be percentages.

use serde_json::Value;

use super::number;

/// Where a share that is no whole number goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rounds {
    Up,
    Down,
}

/// A number, or a percentage of all.
pub(super) fn share(value: &Value, all: i64, rounds: Rounds) -> i64 {
    let Some(percent) = value.as_str().and_then(|text| text.strip_suffix('%')) else {
        return number(value).unwrap_or_default();
    };
    let percent = percent.parse::<u32>().unwrap_or_default();
    let hundredths = i64::from(percent).saturating_mul(all);
    match rounds {
        Rounds::Up => hundredths.saturating_add(99) / 100,
        Rounds::Down => hundredths / 100,
    }
}
