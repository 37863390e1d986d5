//! The checks of kube-apiserver before it stores a Lease.

mod time;

use serde_json::{Map, Value, json};

use crate::status::Rejection;

pub(crate) const GROUP: &str = "coordination.k8s.io";
pub(crate) const RESOURCE: &str = "leases";
pub(crate) const KIND: &str = "Lease";

/// Checks a Lease, and brings it into the form in which the server stores it.
pub(crate) fn admit(name: &str, lease: &mut Value) -> Result<(), Rejection> {
    check_name(name)?;
    let Some(object) = lease.as_object_mut() else {
        return Err(Rejection::bad_request("the body of the request is not a JSON object"));
    };
    for (field, wanted) in [("kind", KIND), ("apiVersion", API_VERSION)] {
        let sent = object.entry(field).or_insert_with(|| wanted.into());
        if sent != wanted {
            return Err(unreadable(&format!("its {field} is {sent}")));
        }
    }
    let spec = object.entry("spec").or_insert_with(|| json!({}));
    if spec.is_null() {
        *spec = json!({});
    }
    let Some(spec) = spec.as_object_mut() else {
        return Err(unreadable("its spec is not a JSON object"));
    };
    for field in ["acquireTime", "renewTime"] {
        if let Some(time) = spec.get_mut(field) {
            time::normalise(time)?;
        }
    }
    check_number(name, spec, "leaseDurationSeconds", 1, "must be greater than 0")?;
    check_number(name, spec, "leaseTransitions", 0, "must be greater than or equal to 0")
}

/// The name of a Lease is a DNS subdomain.
fn check_name(name: &str) -> Result<(), Rejection> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = name.len() <= 253
        && name.split('.').all(|part| {
            let bytes = part.as_bytes();
            bytes.first().is_some_and(|byte| plain(*byte))
                && bytes.last().is_some_and(|byte| plain(*byte))
                && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
        });
    if fits {
        return Ok(());
    }
    let why = format!("Invalid value: {name:?}: it is not a lowercase RFC 1123 subdomain");
    Err(Rejection::invalid(KIND, GROUP, name, "metadata.name", &why))
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
        unreadable(&format!(
            "json: cannot unmarshal {value} into Go struct field LeaseSpec.spec.{field} of type \
             int32"
        ))
    })?;
    if number < least {
        let why = format!("Invalid value: {number}: {why}");
        return Err(Rejection::invalid(KIND, GROUP, name, &format!("spec.{field}"), &why));
    }
    Ok(())
}

fn unreadable(why: &str) -> Rejection {
    let message = format!("Lease in version \"v1\" cannot be handled as a Lease: {why}");
    Rejection::bad_request(message)
}

const API_VERSION: &str = "coordination.k8s.io/v1";
