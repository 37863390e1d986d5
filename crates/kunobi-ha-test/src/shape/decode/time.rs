//! `Time` and `MicroTime`, read as strictly as Go reads them.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime, Time},
};
use serde_json::Value;

/// Brings a `MicroTime` into UTC: it has exactly six fractional digits. Go's zero time is null.
pub(super) fn normalise_micros(value: &mut Value) -> Result<(), String> {
    normalise(
        value,
        "2006-01-02T15:04:05.000000Z07:00",
        |text| {
            let (local, zone) = text.split_at_checked(LOCAL.len() + FRACTION)?;
            let (whole, fraction) = local.split_at_checked(LOCAL.len())?;
            has_shape(fraction, ".000000").then_some(())?;
            let nanos = number(fraction, 1, 6)?.checked_mul(1_000)?;
            parse(whole, nanos, zone)
        },
        6,
    )
}

/// Brings a `Time` into UTC, in whole seconds. Go's zero time is null.
pub(super) fn normalise_seconds(value: &mut Value) -> Result<(), String> {
    normalise(
        value,
        "2006-01-02T15:04:05Z07:00",
        |text| {
            let (whole, rest) = text.split_at_checked(LOCAL.len())?;
            let zone = match rest.strip_prefix(['.', ',']) {
                Some(fraction) => {
                    let zone = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
                    (zone.len() < fraction.len()).then_some(zone)?
                }
                None => rest,
            };
            parse(whole, 0, zone)
        },
        0,
    )
}

fn normalise(
    value: &mut Value,
    layout: &str,
    read: impl FnOnce(&str) -> Option<DateTime>,
    digits: usize,
) -> Result<(), String> {
    let Value::String(text) = value else {
        return Ok(());
    };
    let time = read(text).ok_or_else(|| {
        format!("parsing time {text:?} as {layout:?}: cannot parse {text:?} as \"2006\"")
    })?;
    if time == DateTime::constant(1, 1, 1, 0, 0, 0, 0) {
        *value = Value::Null;
    } else {
        *text = format!("{time:.digits$}Z");
    }
    Ok(())
}

fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'.' => matches!(byte, b'.' | b','),
            b'+' => matches!(byte, b'+' | b'-'),
            shape => byte == shape,
        })
}

fn number(text: &str, from: usize, length: usize) -> Option<i32> {
    text.get(from..from.checked_add(length)?)?.parse().ok()
}

/// Reads `YYYY-MM-DDTHH:MM:SS` and `Z` or `±HH:MM`.
fn parse(local: &str, nanos: i32, zone: &str) -> Option<DateTime> {
    if !has_shape(local, LOCAL) || !(zone == "Z" || has_shape(zone, "+00:00")) {
        return None;
    }
    let short = |from: usize| i8::try_from(number(local, from, 2)?).ok();
    let year = i16::try_from(number(local, 0, 4)?).ok()?;
    let date = Date::new(year, short(5)?, short(8)?).ok()?;
    let time = Time::new(short(11)?, short(14)?, short(17)?, nanos).ok()?;
    let offset = if zone == "Z" {
        SignedDuration::ZERO
    } else {
        let minutes = number(zone, 1, 2)? * 60 + number(zone, 4, 2)?;
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        SignedDuration::from_mins(i64::from(sign * minutes))
    };
    date.to_datetime(time).checked_sub(offset).ok()
}

const LOCAL: &str = "0000-00-00T00:00:00";
/// The length of `.000000`.
const FRACTION: usize = 7;
