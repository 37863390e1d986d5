//! Dates, times and durations, as go-openapi takes them.

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::crd::schema::Pattern;

static TIME: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new("^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$")
});
static DURATION: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"^[-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$")
});

/// `2006-01-02`.
pub(super) fn is_date(text: &str) -> bool {
    let is_date = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_date && text.len() == 10 && Date::strptime("%Y-%m-%d", text).is_ok()
}

pub(super) fn is_date_time(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut parts = text.split('t');
    match (parts.next(), parts.next()) {
        (Some(date), Some(time)) => is_date(date) && TIME.is_match(time),
        _ => false,
    }
}

/// As Go writes them (`1h30m`), or with units of Scala anywhere in the text (`3 days`).
pub(super) fn is_duration(text: &str) -> bool {
    DURATION.is_match(text) || has_scala_unit(text)
}

fn has_scala_unit(text: &str) -> bool {
    const EXACT: [&str; 12] = ["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk", "μs"];
    const BEGINNINGS: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let after = rest.get(start..).unwrap_or_default();
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic() && c != 'µ').unwrap_or(after.len());
        let (unit, others) = after.split_at(end);
        let unit = unit.to_lowercase();
        if EXACT.contains(&unit.as_str()) || BEGINNINGS.iter().any(|word| unit.starts_with(word)) {
            return true;
        }
        rest = others;
    }
    false
}
