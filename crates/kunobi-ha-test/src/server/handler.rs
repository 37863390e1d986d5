//! Handles one request: applies the faults, then answers.

use std::{future, io, time::Duration};

use http::{Method, Response, StatusCode, request::Parts};

use super::{ResponseBody, TestServer, admin, answer};
use crate::{
    access::User,
    fault::{Fault, Plan},
    log::{Log, Request, micros},
    matcher::Subject,
    request::{body::Received, media, path::Target},
    status::Rejection,
};

/// The client that sends a request, and its connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) client: String,
    pub(super) credentials: Credentials,
    pub(super) connection: u64,
}

/// How a client says who it is.
#[derive(Clone, Debug)]
pub(super) enum Credentials {
    /// By its name.
    Name,
    Certificate(User),
    /// By what looks like a token of a service account.
    Token(String),
}

type Answer = Result<Response<ResponseBody>, io::Error>;

impl TestServer {
    pub(super) async fn handle(&self, caller: Caller, parts: Parts, body: Received) -> Answer {
        if admin::is_ours(parts.uri.path()) {
            return Ok(self.administer(&parts, &body));
        }
        let (plan, sequence) = self.arrived(&caller, &parts, &body);
        let Some(plan) = plan else {
            return Ok(self.answer(&caller, &parts, &body, sequence).await);
        };
        if !plan.before.is_zero() {
            tokio::time::sleep(plan.before).await;
        }
        let passes = plan.fault == Fault::Pass;
        let mut answered = match plan.fault {
            Fault::Hang => future::pending().await,
            Fault::Refuse => Err(io::ErrorKind::ConnectionRefused.into()),
            Fault::Reset => Err(io::ErrorKind::ConnectionReset.into()),
            Fault::HangReply => {
                drop(self.answer(&caller, &parts, &body, sequence).await);
                future::pending().await
            }
            Fault::LoseReply => {
                drop(self.answer(&caller, &parts, &body, sequence).await);
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Fault::Status { code, retry_after } => Ok(faulty(code, retry_after)),
            Fault::Pass | Fault::Delay { .. } | Fault::Watch { .. } => {
                Ok(self.answer(&caller, &parts, &body, sequence).await)
            }
        };
        if !plan.after.is_zero() {
            tokio::time::sleep(plan.after).await;
        }
        // If the client was cut off meanwhile, it gets no answer.
        if passes && self.suffers(&caller.client, |faults| faults.cut_answers) {
            future::pending::<()>().await;
        }
        if let Ok(response) = &mut answered {
            self.note(|log, at| log.answered(sequence, response.status().as_u16(), at));
            if let Some((after_events, fault)) = plan.watch {
                response.body_mut().fail(after_events, fault);
            }
        }
        answered
    }

    /// Records a request, and decides what happens to it.
    fn arrived(&self, caller: &Caller, parts: &Parts, body: &Received) -> (Option<Plan>, u64) {
        let is_looked_at = {
            let state = self.state();
            state.log.keeps() || state.clients.contains_key(&caller.client)
        };
        // Without the lock: the name of a creation is in its body.
        let request = is_looked_at.then(|| self.request(caller, parts, body));
        let mut state = self.state();
        let faults = state.clients.get_mut(&caller.client).zip(request.as_ref());
        let plan = faults.map(|(faults, request)| faults.plan(&Subject::of_request(request)));
        let fault = plan.as_ref().and_then(|plan| plan.shown.clone());
        let sequence = state.log.request(request.map(|request| Request { fault, ..request }));
        drop(state);
        self.shared.asked.notify_waiters();
        (plan, sequence)
    }

    fn request(&self, caller: &Caller, parts: &Parts, body: &Received) -> Request {
        let path = parts.uri.path();
        Request {
            sequence: 0,
            at_us: micros(self.uptime()),
            answered_us: None,
            client: caller.client.clone(),
            connection: caller.connection,
            method: parts.method.to_string(),
            path: path.to_owned(),
            name: name(parts, body),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            status: None,
            fault: None,
            events: None,
            ended_us: None,
        }
    }

    /// Changes the log, and tells those who wait for requests.
    pub(super) fn note(&self, change: impl FnOnce(&mut Log, Duration)) {
        let at = self.uptime();
        change(&mut self.state().log, at);
        self.shared.asked.notify_waiters();
    }

    async fn answer(
        &self,
        caller: &Caller,
        parts: &Parts,
        body: &Received,
        sequence: u64,
    ) -> Response<ResponseBody> {
        let answer = match self.route(caller, parts, body).await {
            Ok(response) => response,
            Err(rejection) => answer::rejected(&rejection),
        };
        let mut answer = answer::finish(answer, parts);
        let open = |version| self.open_watch(caller, parts, sequence, version);
        answer.body_mut().follow(open);
        self.note(|log, at| log.answered(sequence, answer.status().as_u16(), at));
        answer
    }
}

/// The name of the object that a request is about: of a creation, it is in the body.
fn name(parts: &Parts, body: &Received) -> String {
    let named = Target::parse(parts.uri.path()).map(|target| target.name).unwrap_or_default();
    match body {
        Ok(body) if parts.method == Method::POST && named.is_empty() => {
            media::sent_name(&parts.headers, body)
        }
        Ok(_) | Err(_) => named,
    }
}

fn faulty(code: u16, retry_after: Option<u64>) -> Response<ResponseBody> {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer::rejected(&Rejection::fault(code, retry_after))
}
