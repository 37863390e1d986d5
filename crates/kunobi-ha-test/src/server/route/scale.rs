//! Requests for `NAME/scale`.

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};
use serde_json::Value;

use super::{ResponseBody, Route};
use crate::{
    crd::ScalePaths,
    request::{Ask, body},
    server::{State, answer},
    status::Rejection,
    store::{Call, Object, Written},
};

impl Route<'_> {
    pub(super) async fn scale(
        &self,
        ask: &Ask,
        paths: &ScalePaths,
        parts: &Parts,
        bytes: &Bytes,
    ) -> Result<Response<ResponseBody>, Rejection> {
        match ask {
            Ask::Get(options) => {
                let scale = self.server.state().store.scale(&self.call(false), paths, options)?;
                self.part(scale)
            }
            Ask::Update(options) => {
                let content = self.sent(parts, bytes)?;
                let update = |state: &mut State, call: &Call, content| {
                    state.store.update_scale(call, paths, content, options)
                };
                let written = self.written("PUT", options.is_dry_run, content, update).await?;
                self.scaled(paths, &written)
            }
            Ask::Patch(options) => {
                let content = Self::patch(options.kind, bytes)?;
                let patch = |state: &mut State, call: &Call, content| {
                    state.store.patch_scale(call, paths, content, options)
                };
                let is_dry_run = options.write.is_dry_run;
                let written = self.written("PATCH", is_dry_run, content, patch).await?;
                self.scaled(paths, &written)
            }
            Ask::List(_)
            | Ask::Watch(_)
            | Ask::Create(_)
            | Ask::Delete(_)
            | Ask::DeleteCollection(..) => Err(Rejection::method_not_allowed()),
        }
    }

    /// The body of a PUT. A custom resource tells everything that it can't read in the same words.
    fn sent(&self, parts: &Parts, bytes: &Bytes) -> Result<body::Content, Rejection> {
        self.sent_part(parts, bytes).map_err(|rejection| {
            if self.resource.custom().is_some() { Rejection::no_scale() } else { rejection }
        })
    }

    fn part(&self, scale: Value) -> Result<Response<ResponseBody>, Rejection> {
        self.object(StatusCode::OK, &Arc::new(Object::other(scale)))
    }

    fn scaled(
        &self,
        paths: &ScalePaths,
        written: &Written,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let scale = paths.of(&written.object.value, true).map_err(Rejection::bad_request)?;
        let mut response = self.part(scale)?;
        answer::warn(&mut response, &written.warnings);
        Ok(response)
    }
}
