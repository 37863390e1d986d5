//! Handles one request: applies the faults, then answers.

use std::{future, io};

use bytes::Bytes;
use http::{Method, Response, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{ResponseBody, State, TestServer, answer, content_type, discovery};
use crate::{
    fault::{ClientFaults, Fault},
    log::{Request, micros},
    path::{Target, query},
    status::Rejection,
    store::{Grace, Selector, Written},
};

/// The client that sends a request, and its connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) client: String,
    pub(super) connection: u64,
}

type Answer = Result<Response<ResponseBody>, io::Error>;

impl TestServer {
    pub(super) async fn handle(&self, caller: Caller, parts: Parts, body: Bytes) -> Answer {
        let path = parts.uri.path();
        if let Some(path) = path.strip_prefix("/_ha/") {
            return Ok(self.administer(&parts.method, path, &parts, &body));
        }
        let (plan, sequence) = {
            let mut state = self.state();
            let sequence = self.log_request(&mut state, &caller, &parts);
            let plan = state.clients.get_mut(&caller.client).map(ClientFaults::plan);
            (plan, sequence)
        };
        let Some(plan) = plan else {
            return Ok(self.answer(&caller, &parts, &body, sequence));
        };
        if !plan.before.is_zero() {
            tokio::time::sleep(plan.before).await;
        }
        let answered = match plan.fault {
            Fault::Hang => future::pending().await,
            Fault::Refuse => Err(io::ErrorKind::ConnectionRefused.into()),
            Fault::Reset => Err(io::ErrorKind::ConnectionReset.into()),
            Fault::HangReply => {
                drop(self.answer(&caller, &parts, &body, sequence));
                future::pending().await
            }
            Fault::LoseReply => {
                drop(self.answer(&caller, &parts, &body, sequence));
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Fault::Status { code, retry_after } => Ok(faulty(code, retry_after)),
            Fault::Pass | Fault::Delay { .. } => Ok(self.answer(&caller, &parts, &body, sequence)),
        };
        if !plan.after.is_zero() {
            tokio::time::sleep(plan.after).await;
        }
        // If the client was cut off meanwhile, it gets no answer.
        if self.faults(&caller.client).cut_answers {
            future::pending::<()>().await;
        }
        if let Ok(response) = &answered {
            self.state().log.answered(sequence, response.status().as_u16(), self.uptime());
        }
        answered
    }

    fn log_request(&self, state: &mut State, caller: &Caller, parts: &Parts) -> u64 {
        let at_us = micros(self.uptime());
        state.log.request(|sequence| Request {
            sequence,
            at_us,
            answered_us: None,
            client: caller.client.clone(),
            connection: caller.connection,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            status: None,
        })
    }

    fn answer(
        &self,
        caller: &Caller,
        parts: &Parts,
        body: &Bytes,
        sequence: u64,
    ) -> Response<ResponseBody> {
        let answer = match self.route(caller, parts, body) {
            Ok(response) => response,
            Err(rejection) => answer::rejected(&rejection),
        };
        let mut state = self.state();
        if state.log.keeps() {
            state.log.answered(sequence, answer.status().as_u16(), self.uptime());
        }
        answer
    }

    fn route(
        &self,
        caller: &Caller,
        parts: &Parts,
        body: &Bytes,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let path = parts.uri.path();
        if let Some(answer) = discovery::answer(path) {
            return Ok(answer);
        }
        let target = Target::parse(path).ok_or_else(Rejection::no_such_path)?;
        content_type::check(parts)?;
        if body.len() > LARGEST_BODY {
            return Err(Rejection::too_large(LARGEST_BODY));
        }
        let query = query(parts.uri.query().unwrap_or_default());
        let parameter = |name: &str| query.get(name).map(String::as_str);
        let selector = Selector::parse(parameter("fieldSelector"), parameter("labelSelector"))
            .map_err(Rejection::bad_request)?;
        let whole = target.name.is_empty();
        let watches = whole && matches!(parameter("watch"), Some("true" | "1"));
        self.authorize(caller, &parts.method, &target, &selector, watches)?;
        if parts.method != Method::POST && !target.has_subresource() {
            return Err(Rejection::no_such_path());
        }
        match parts.method {
            Method::GET if watches => {
                let body = self.watch(&caller.client, &target, selector, &query)?;
                Ok(answer::with_body(StatusCode::OK, body))
            }
            Method::GET if whole => {
                Ok(answer::json(StatusCode::OK, &self.state().store.list(&target, &selector)))
            }
            Method::GET => {
                let bytes = self.state().store.get(&target)?.bytes.clone();
                Ok(answer::bytes(StatusCode::OK, bytes))
            }
            Method::POST if whole => self.write(caller, &parts.method, &target, |state| {
                state.store.create(&target, parse(body)?)
            }),
            Method::PUT if !whole => self.write(caller, &parts.method, &target, |state| {
                state.store.update(&target, parse(body)?)
            }),
            Method::PATCH if !whole => self.write(caller, &parts.method, &target, |state| {
                state.store.patch(&target, &parse(body)?)
            }),
            Method::DELETE if !whole => {
                let grace = parameter("gracePeriodSeconds").and_then(|text| text.parse().ok());
                self.remove(caller, &target, body, Grace(grace))
            }
            _ => Err(Rejection::method_not_allowed()),
        }
    }

    fn write(
        &self,
        caller: &Caller,
        method: &Method,
        target: &Target,
        write: impl FnOnce(&mut State) -> Result<Written, Rejection>,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let mut state = self.state();
        let written = write(&mut state)?;
        if written.changed {
            let name = written.object.value.pointer("/metadata/name").and_then(Value::as_str);
            let path = target.named(name.unwrap_or_default()).path();
            let Written { object, .. } = &written;
            self.record(
                &mut state,
                &caller.client,
                method.as_str(),
                &path,
                object.revision,
                &object.value,
            );
        }
        drop(state);
        if written.changed {
            self.notify();
        }
        let code = if written.created { StatusCode::CREATED } else { StatusCode::OK };
        Ok(answer::bytes(code, written.object.bytes))
    }

    fn remove(
        &self,
        caller: &Caller,
        target: &Target,
        body: &Bytes,
        grace: Grace,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let options = if body.is_empty() { Value::Null } else { parse(body)? };
        let mut state = self.state();
        let (object, gone) = state.store.delete(target, &options, grace)?;
        self.record(
            &mut state,
            &caller.client,
            "DELETE",
            &target.path(),
            object.revision,
            if gone { &Value::Null } else { &object.value },
        );
        drop(state);
        self.notify();
        if !gone || target.is_pod() {
            return Ok(answer::bytes(StatusCode::OK, object.bytes));
        }
        let mut details = json!({ "name": target.name, "kind": target.resource,
                                  "uid": object.value["metadata"]["uid"] });
        if !target.group.is_empty() {
            details["group"] = target.group.as_str().into();
        }
        let done = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {},
                           "status": "Success", "details": details });
        Ok(answer::json(StatusCode::OK, &done))
    }
}

/// The limit of kube-apiserver.
const LARGEST_BODY: usize = 3 << 20;

fn parse(body: &Bytes) -> Result<Value, Rejection> {
    serde_json::from_slice(body).map_err(|error| {
        Rejection::bad_request(format!("the body of the request is not JSON: {error}"))
    })
}

fn faulty(code: u16, retry_after: Option<u64>) -> Response<ResponseBody> {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answer::rejected(&Rejection::fault(code, retry_after));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
    }
    response
}
