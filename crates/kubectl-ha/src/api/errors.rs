//! What a failed request says, as a [`Failure`].

use std::error::Error;

use http::StatusCode;
use serde::Deserialize;

use super::{Denied, Server, Target};
use crate::failure::Failure;

/// The part of a `Status` that is told.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    message: String,
    reason: String,
}

/// Takes an answer that is no success.
pub(super) fn refused(server: &Server, target: &Target, code: StatusCode, body: &[u8]) -> Failure {
    let status = serde_json::from_slice(body).unwrap_or_else(|_| Status {
        message: String::from_utf8_lossy(&body[..body.len().min(MOST)]).into_owned(),
        reason: code.canonical_reason().unwrap_or("no reason").into(),
    });
    match code {
        StatusCode::UNAUTHORIZED => {
            Failure::Unauthorized { server: server.clone(), why: status.message }
        }
        StatusCode::FORBIDDEN => {
            Failure::Denied(Box::new(Denied { target: target.clone(), message: status.message }))
        }
        StatusCode::NOT_FOUND => Failure::NotFound(status.message),
        _ => {
            Failure::Refused { code: code.as_u16(), reason: status.reason, message: status.message }
        }
    }
}

/// Takes an error of the client: there was no answer.
pub(super) fn of_client(server: &Server, error: &kube::Error) -> Failure {
    match error {
        kube::Error::Auth(error) => {
            Failure::Unauthorized { server: server.clone(), why: chain(error) }
        }
        kube::Error::Service(error) => unreachable(server, &**error),
        error => unreachable(server, error),
    }
}

pub(super) fn unreachable(server: &Server, error: &dyn Error) -> Failure {
    Failure::Unreachable { server: server.clone(), why: chain(error) }
}

/// Returns an error and its sources, because the outer one says little.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}

/// How much of an answer that is no `Status` is told.
const MOST: usize = 300;
