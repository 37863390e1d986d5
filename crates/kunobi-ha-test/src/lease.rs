//! What kube-apiserver checks in a Lease before it stores it.

use jiff::{Timestamp, civil::DateTime};
use serde_json::{Map, Value};

use crate::status::Rejection;

pub(crate) const GROUP: &str = "coordination.k8s.io";
pub(crate) const RESOURCE: &str = "leases";

/// Checks the spec of a Lease, and writes its times as the server stores them.
pub(crate) fn admit(name: &str, lease: &mut Value) -> Result<(), Rejection> {
    let Some(spec) = lease.get_mut("spec").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    for field in ["acquireTime", "renewTime"] {
        normalise_time(spec, field)?;
    }
    check_number(name, spec, "leaseDurationSeconds", 1, "must be greater than 0")?;
    check_number(name, spec, "leaseTransitions", 0, "must be greater than or equal to 0")
}

fn check_number(
    name: &str,
    spec: &Map<String, Value>,
    field: &str,
    least: i64,
    why: &str,
) -> Result<(), Rejection> {
    let value = match spec.get(field) {
        None | Some(Value::Null) => return Ok(()),
        Some(value) => value,
    };
    let number = value.as_i64().filter(|number| i32::try_from(*number).is_ok()).ok_or_else(|| {
        Rejection::bad_request(format!(
            "Lease in version \"v1\" cannot be handled as a Lease: json: cannot unmarshal {value} \
             into Go struct field LeaseSpec.spec.{field} of type int32"
        ))
    })?;
    if number < least {
        let why = format!("Invalid value: {number}: {why}");
        return Err(Rejection::invalid("Lease", GROUP, name, &format!("spec.{field}"), &why));
    }
    Ok(())
}

/// A `MicroTime` has exactly six fractional digits, and is stored in UTC.
fn normalise_time(spec: &mut Map<String, Value>, field: &str) -> Result<(), Rejection> {
    let Some(value) = spec.get_mut(field) else {
        return Ok(());
    };
    let text = match value {
        Value::Null => return Ok(()),
        Value::String(text) => text,
        other => return Err(unreadable_time(&other.to_string())),
    };
    let fraction =
        text.split_once('.').map(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    if fraction != Some(6) {
        return Err(unreadable_time(text));
    }
    // A time in UTC is stored as it is: the last days of the year 9999 are no `Timestamp`.
    if let Some(civil) = text.strip_suffix('Z') {
        return civil.parse::<DateTime>().map(|_| ()).map_err(|_| unreadable_time(text));
    }
    let time = text.parse::<Timestamp>().map_err(|_| unreadable_time(text))?;
    *text = format!("{time:.6}");
    Ok(())
}

fn unreadable_time(text: &str) -> Rejection {
    Rejection::bad_request(format!(
        "Lease in version \"v1\" cannot be handled as a Lease: parsing time \"{text}\" as \
         \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"{text}\""
    ))
}
