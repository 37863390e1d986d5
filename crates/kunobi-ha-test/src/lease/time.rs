//! A `MicroTime`, read as strictly as Go reads it.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime, Time},
};
use serde_json::Value;

use super::unreadable;
use crate::status::Rejection;

/// A time has exactly six fractional digits and is stored in UTC. Go's zero time is stored as null.
pub(super) fn normalise(value: &mut Value) -> Result<(), Rejection> {
    let text = match value {
        Value::Null => return Ok(()),
        Value::String(text) => text,
        other => return Err(unreadable(&format!("json: cannot unmarshal {other} into a time"))),
    };
    let time = parse(text).ok_or_else(|| {
        unreadable(&format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse {text:?}"
        ))
    })?;
    if time == DateTime::constant(1, 1, 1, 0, 0, 0, 0) {
        *value = Value::Null;
    } else {
        *text = format!("{time:.6}Z");
    }
    Ok(())
}

/// Reads `YYYY-MM-DDTHH:MM:SS.ffffff` and `Z` or `±HH:MM`. A comma may replace the point.
fn parse(text: &str) -> Option<DateTime> {
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                b'.' => matches!(byte, b'.' | b','),
                b'+' => matches!(byte, b'+' | b'-'),
                shape => byte == shape,
            })
    };
    let (local, zone) = text.split_at_checked(LOCAL.len())?;
    if !shape(local, LOCAL) || !(zone == "Z" || shape(zone, "+00:00")) {
        return None;
    }
    let number = |text: &str, from: usize, length: usize| -> Option<i32> {
        text.get(from..from + length)?.parse().ok()
    };
    let short = |from: usize| i8::try_from(number(local, from, 2)?).ok();
    let year = i16::try_from(number(local, 0, 4)?).ok()?;
    let date = Date::new(year, short(5)?, short(8)?).ok()?;
    let nanos = number(local, 20, 6)?.checked_mul(1_000)?;
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

const LOCAL: &str = "0000-00-00T00:00:00.000000";
