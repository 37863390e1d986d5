//! From a request to the verb of the store that answers it.

mod admission;
mod delete;
mod review;
mod scale;
mod token;
mod verbs;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode, request::Parts};

use self::admission::Admission;
use super::{ResponseBody, TestServer, answer, discovery, handler::Caller};
use crate::{
    access::{Admitted, Review},
    request::{self, As, Ask, PatchKind, body, media, path::Target},
    status::Rejection,
    types::Resource,
};

impl TestServer {
    pub(super) async fn route(
        &self,
        caller: &Caller,
        parts: &Parts,
        received: &body::Received,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let admitted = self.admit(caller, parts)?;
        let path = parts.uri.path();
        // A copy: to make a document takes long.
        if let Some(answer) = discovery::answer(parts, || self.state().store.types.clone()) {
            return Ok(answer);
        }
        let target = Target::parse(path).ok_or_else(Rejection::no_such_path)?;
        let resource = {
            let types = &self.state().store.types;
            let resource = types.find(&target.group, &target.version, &target.resource);
            resource.ok_or_else(|| Target::no_such_type(types.is_built_in(&target.group)))?
        };
        // A warning comes with a failure, too.
        let mut response = self
            .respond((caller, &admitted), parts, received, &target, &resource)
            .await
            .unwrap_or_else(|rejection| answer::rejected(&rejection));
        answer::warn(&mut response, &resource.deprecation());
        Ok(response)
    }

    async fn respond(
        &self,
        (caller, admitted): (&Caller, &Admitted),
        parts: &Parts,
        received: &body::Received,
        target: &Target,
        resource: &Arc<Resource>,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let bytes =
            &media::in_json(parts, target, resource, received.as_ref().map_err(Clone::clone)?)?;
        let options = match parts.method {
            Method::DELETE if !bytes.is_empty() => {
                Some(body::parse(bytes, media::sent(&parts.headers)?)?.value)
            }
            _ => None,
        };
        let (ask, wanted) = request::parse(parts, target, resource, options.as_ref())?;
        self.state().store.check_readable(target, ask.verb())?;
        let admission = Admission::new(admitted, parts, options);
        let route =
            Route { server: self, caller, admitted, target, resource, wanted: &wanted, admission };
        if let Some(paths) = resource.scale().filter(|_| target.subresource == "scale") {
            let scaled = route.scale(&ask, &paths, parts, bytes).await;
            return Ok(route.warned(scaled));
        }
        // That the type has the subresource is checked already.
        let is_supported = matches!(
            target.subresource.as_str(),
            "" | "approval"
                | "binding"
                | "ephemeralcontainers"
                | "eviction"
                | "finalize"
                | "status"
                | "token"
        );
        if !is_supported {
            let feature = format!("the subresource {}/{}", resource.plural, target.subresource);
            return Err(Rejection::not_supported(&feature));
        }
        let answered = route.answer(ask, parts, bytes).await;
        Ok(route.warned(answered))
    }
}

/// A request that goes to a store.
struct Route<'a> {
    server: &'a TestServer,
    caller: &'a Caller,
    admitted: &'a Admitted,
    target: &'a Target,
    resource: &'a Arc<Resource>,
    wanted: &'a As,
    admission: Admission<'a>,
}

impl Route<'_> {
    async fn answer(
        &self,
        ask: Ask,
        parts: &Parts,
        bytes: &Bytes,
    ) -> Result<Response<ResponseBody>, Rejection> {
        match ask {
            Ask::Get(options) => {
                let state = self.server.state();
                state.store.check_age(options.at)?;
                let object = Arc::clone(state.store.get(self.target)?);
                drop(state);
                self.object(StatusCode::OK, &object)
            }
            Ask::List(options) => {
                let page = self.server.state().store.list(self.target, &options)?;
                self.page(&page)
            }
            Ask::Watch(options) => {
                self.form()?;
                let body = self.server.watch(
                    &self.caller.client,
                    self.target,
                    self.resource,
                    options,
                    self.wanted.clone(),
                );
                Ok(answer::with_body(StatusCode::OK, body))
            }
            Ask::Create(options) if self.target.subresource == "binding" => {
                let content = body::parse(bytes, media::sent(&parts.headers)?)?;
                self.bind(content, &options).await
            }
            Ask::Create(options) if self.target.subresource == "eviction" => {
                self.evict(self.sent_part(parts, bytes)?, &options).await
            }
            Ask::Create(options) if self.target.subresource == "token" => {
                self.issue_token(self.sent_part(parts, bytes)?, &options)
            }
            Ask::Create(options) => {
                let content = body::object(bytes, media::sent(&parts.headers)?, self.resource)?;
                if let Some(review) = Review::of(self.resource) {
                    return self.answer_review(review, content, &options);
                }
                self.write("POST", options.is_dry_run, content, |state, call, content| {
                    state.store.create(call, content, &options)
                })
                .await
            }
            Ask::Update(options) => {
                let content = body::object(bytes, media::sent(&parts.headers)?, self.resource)?;
                self.write("PUT", options.is_dry_run, content, |state, call, content| {
                    state.store.update(call, content, &options)
                })
                .await
            }
            Ask::Patch(options) => {
                let content = Self::patch(options.kind, bytes)?;
                self.write("PATCH", options.write.is_dry_run, content, |state, call, content| {
                    state.store.patch(call, content, &options)
                })
                .await
            }
            Ask::Delete(options) => self.delete(&options).await,
            Ask::DeleteCollection(options, list) => self.delete_collection(&options, &list).await,
        }
    }

    /// The body of a subresource that has a kind of its own.
    fn sent_part(&self, parts: &Parts, bytes: &Bytes) -> Result<body::Content, Rejection> {
        let kind = self.resource.part(&self.target.subresource);
        let kind = kind.ok_or_else(Rejection::no_such_path)?;
        body::object(bytes, media::sent(&parts.headers)?, &kind)
    }

    /// The body of a PATCH.
    fn patch(kind: PatchKind, bytes: &Bytes) -> Result<body::Content, Rejection> {
        match kind {
            PatchKind::Apply => body::parse(bytes, body::Format::Yaml),
            PatchKind::Json | PatchKind::Merge | PatchKind::Strategic => {
                body::parse(bytes, body::Format::Json)
                    .map_err(|_| Rejection::bad_request("invalid JSON patch"))
            }
        }
    }
}
