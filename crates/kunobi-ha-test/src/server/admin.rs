//! `/_ha/`: faults and logs over HTTP, for tests in other processes.

use bytes::Bytes;
use http::{Method, Response, StatusCode, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ResponseBody, TestServer, answer};
use crate::{
    fault::{ClientFaults, Faults},
    log::Entry,
    path::query,
    status::Rejection,
};

impl TestServer {
    pub(super) fn administer(
        &self,
        method: &Method,
        path: &str,
        parts: &Parts,
        body: &Bytes,
    ) -> Response<ResponseBody> {
        let query = query(parts.uri.query().unwrap_or_default());
        let since = query.get("since").and_then(|text| text.parse().ok()).unwrap_or(0);
        let value = match (method.as_str(), path.split_once('/').unwrap_or((path, ""))) {
            ("GET", ("faults", "")) => Ok(self.all_faults()),
            ("PUT", ("faults", client)) if !client.is_empty() => self.put_faults(client, body),
            ("DELETE", ("faults", client)) if !client.is_empty() => {
                self.heal(client);
                Ok(json!({}))
            }
            ("POST", ("compact", "")) => {
                self.compact();
                Ok(json!({}))
            }
            ("GET", ("requests", "")) => {
                let state = self.state();
                Ok(list(state.log.requests.iter().filter(|request| request.sequence >= since)))
            }
            ("GET", ("history", "")) => {
                let state = self.state();
                Ok(list(
                    state
                        .log
                        .writes
                        .iter()
                        .filter(|write| write.sequence >= since)
                        .map(Entry::write),
                ))
            }
            _ => Err(Rejection::no_such_path()),
        };
        match value {
            Ok(value) => answer::json(StatusCode::OK, &value),
            Err(rejection) => answer::rejected(&rejection),
        }
    }

    fn all_faults(&self) -> Value {
        let state = self.state();
        let faults = |(name, client): (&String, &ClientFaults)| {
            (name.clone(), serde_json::to_value(&client.faults).unwrap_or_default())
        };
        Value::Object(state.clients.iter().map(faults).collect::<Map<_, _>>())
    }

    fn put_faults(&self, client: &str, body: &Bytes) -> Result<Value, Rejection> {
        let faults: Faults = serde_json::from_slice(body).map_err(|error| {
            Rejection::bad_request(format!("the body does not describe faults: {error}"))
        })?;
        self.set_faults(client, faults);
        Ok(json!({}))
    }
}

fn list(items: impl Iterator<Item = impl Serialize>) -> Value {
    items.map(|item| serde_json::to_value(item).unwrap_or_default()).collect()
}
