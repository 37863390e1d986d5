//! Handles one request: applies the faults, then answers.

use std::{future, io};

use http::{Response, StatusCode, request::Parts};

use super::{ResponseBody, State, TestServer, answer};
use crate::{
    fault::{ClientFaults, Fault},
    log::{Request, micros},
    request::body::Received,
    status::Rejection,
};

/// The client that sends a request, and its connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) client: String,
    pub(super) connection: u64,
}

type Answer = Result<Response<ResponseBody>, io::Error>;

impl TestServer {
    pub(super) async fn handle(&self, caller: Caller, parts: Parts, body: Received) -> Answer {
        let path = parts.uri.path();
        if let Some(path) = path.strip_prefix("/_ha/") {
            return Ok(match &body {
                Ok(body) => self.administer(&parts.method, path, &parts, body),
                Err(rejection) => answer::rejected(rejection),
            });
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
        let passes = plan.fault == Fault::Pass;
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
        if passes && self.faults(&caller.client).cut_answers {
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
        body: &Received,
        sequence: u64,
    ) -> Response<ResponseBody> {
        let answer = match self.route(caller, parts, body) {
            Ok(response) => response,
            Err(rejection) => answer::rejected(&rejection),
        };
        let answer = answer::finish(answer, parts);
        let mut state = self.state();
        if state.log.keeps() {
            state.log.answered(sequence, answer.status().as_u16(), self.uptime());
        }
        answer
    }
}

fn faulty(code: u16, retry_after: Option<u64>) -> Response<ResponseBody> {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer::rejected(&Rejection::fault(code, retry_after))
}
