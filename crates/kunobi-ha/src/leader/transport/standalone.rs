//! A transport without a cluster: one Lease in memory, of which this process is the only candidate.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use super::{LeaseStore, Sending, Transport, sealed::Sealed};
use crate::{
    error::BoxError,
    sync::{Mutex, lock},
};

/// Creates and updates the one Lease by PUT, as an API server would.
#[derive(Debug, Default)]
pub(in crate::leader) struct Standalone(Arc<Mutex<Register>>);

#[derive(Debug, Default)]
struct Register {
    lease: Option<Value>,
    version: u64,
}

impl Sealed for Standalone {}

impl LeaseStore for Standalone {
    fn into_transport(self) -> Arc<dyn Transport> {
        Arc::new(self)
    }
}

impl Transport for Standalone {
    fn send(&self, request: Request<Vec<u8>>) -> Sending {
        let register = Arc::clone(&self.0);
        Box::pin(async move {
            let answer = lock(&register).answer(&request);
            let (status, body) = answer?;
            let body = Full::from(body.to_string()).map_err(|never| match never {}).boxed_unsync();
            Ok(Response::builder().status(status).body(body)?)
        })
    }
}

impl Register {
    fn answer(&mut self, request: &Request<Vec<u8>>) -> Result<(StatusCode, Value), BoxError> {
        if request.method() == Method::PUT {
            return self.put(serde_json::from_slice(request.body())?);
        }
        Ok(match &self.lease {
            Some(lease) => (StatusCode::OK, lease.clone()),
            None => (StatusCode::NOT_FOUND, Value::Null),
        })
    }

    fn put(&mut self, mut lease: Value) -> Result<(StatusCode, Value), BoxError> {
        let against = lease.pointer("/metadata/resourceVersion").and_then(Value::as_str);
        let status = match &self.lease {
            None => StatusCode::CREATED,
            Some(_) if against == Some(self.version.to_string().as_str()) => StatusCode::OK,
            Some(_) => return Ok((StatusCode::CONFLICT, Value::Null)),
        };
        self.version += 1;
        let metadata = lease.get_mut("metadata").ok_or("a lease without metadata")?;
        metadata["resourceVersion"] = json!(self.version.to_string());
        metadata["uid"] = json!("standalone");
        self.lease = Some(lease.clone());
        Ok((status, lease))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_on_an_older_version_is_a_conflict() {
        let mut register = Register::default();
        let on = |version: &str| json!({ "metadata": { "resourceVersion": version } });
        let mut put = |lease| register.put(lease).unwrap().0;
        assert_eq!(put(json!({ "metadata": {} })), StatusCode::CREATED);
        assert_eq!(put(on("1")), StatusCode::OK);
        assert_eq!(put(on("1")), StatusCode::CONFLICT);
        assert_eq!(put(on("2")), StatusCode::OK);
    }
}
