//! `/_ha`: the server itself over HTTP, for tests in other processes and for people.

mod ask;
mod objects;
mod page;
#[cfg(test)]
mod tests;

use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::ask::{Ask, Refusal};
use super::{ResponseBody, TestServer, answer};
use crate::{
    fault::ClientFaults,
    log::{Entry, Request, Write},
    request::body::Received,
    status::Rejection,
};

/// Whether a path is one of these, and none of the API.
pub(super) fn is_ours(path: &str) -> bool {
    path.strip_prefix(ask::ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl TestServer {
    pub(super) fn administer(&self, parts: &Parts, body: &Received) -> Response<ResponseBody> {
        let response = ask::read(parts, body).and_then(|ask| Ok(self.fulfil(ask)?));
        answer::finish(response.unwrap_or_else(|refusal| refused(&refusal)), parts)
    }

    fn fulfil(&self, ask: Ask) -> Result<Response<ResponseBody>, Rejection> {
        let value = match ask {
            Ask::Page { refresh } => return Ok(self.page(refresh)),
            Ask::AllFaults => self.all_faults(),
            Ask::Faults { client } => written(&self.faults(&client)),
            Ask::SetFaults { client, faults } => {
                self.set_faults(&client, *faults);
                json!({})
            }
            Ask::Heal { client } => {
                self.heal(&client);
                json!({})
            }
            Ask::Requests { since } => list(&self.requests_since(since)),
            Ask::History { since } => list(&self.writes_since(since)),
            Ask::Watches => list(&self.watches()),
            Ask::Objects { resource: None, namespace } => {
                list(&self.counts(namespace.as_deref().unwrap_or_default()))
            }
            Ask::Objects { resource: Some(resource), namespace } => {
                list(&self.names(&resource, namespace.as_deref().unwrap_or_default())?)
            }
            Ask::Compact => {
                self.compact();
                json!({})
            }
        };
        Ok(answer::json(StatusCode::OK, &value))
    }

    fn all_faults(&self) -> Value {
        let state = self.state();
        let faults =
            |(name, client): (&String, &ClientFaults)| (name.clone(), written(&client.faults));
        Value::Object(state.clients.iter().map(faults).collect::<Map<_, _>>())
    }

    // What is kept is copied, and written without the lock.

    fn requests_since(&self, since: u64) -> Vec<Request> {
        let state = self.state();
        let requests = state.log.requests.iter().filter(|request| request.sequence >= since);
        requests.cloned().collect()
    }

    fn writes_since(&self, since: u64) -> Vec<Write> {
        let state = self.state();
        let writes = state.log.writes.iter().filter(|write| write.sequence >= since);
        let entries: Vec<Entry> = writes.cloned().collect();
        drop(state);
        entries.iter().map(Entry::write).collect()
    }
}

fn refused(refusal: &Refusal) -> Response<ResponseBody> {
    let mut response = answer::rejected(&refusal.rejection);
    if let Some(allowed) =
        refusal.allowed.as_deref().and_then(|text| HeaderValue::try_from(text).ok())
    {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

fn list(items: &[impl Serialize]) -> Value {
    items.iter().map(written).collect()
}

fn written(item: &impl Serialize) -> Value {
    serde_json::to_value(item).unwrap_or_default()
}
