//! Tokens of service accounts.

use std::sync::Arc;

use http::{Response, StatusCode};
use serde_json::Value;

use super::{ResponseBody, Route};
use crate::{
    access::{User, Wanted},
    apply::{self, Operation},
    decode,
    request::{WriteOptions, body},
    server::answer,
    status::{Cause, Rejection},
    store::{Object, random_uid},
};

impl Route<'_> {
    pub(super) fn issue_token(
        &self,
        content: body::Content,
        options: &WriteOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let kind = self.resource.part("token").ok_or_else(Rejection::no_such_path)?;
        let (mut value, warnings) = decode::object(&kind, content, options.validation)?;
        let call = self.call(options.is_dry_run);
        call.check_namespace_of(&mut value)?;
        if value["spec"]["expirationSeconds"].is_null() {
            value["spec"]["expirationSeconds"] = 3600.into();
        }
        let mut manager = call.manager(options, Operation::Update);
        manager.api_version = kind.api_version();
        apply::record(kind.shape(), None, &mut value, &manager, &[]);
        self.check_account(&value)?;
        let mut state = self.server.state();
        let account = state.store.get(self.target)?;
        let uid = account.value["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        let name = format!("system:serviceaccount:{}:{}", self.target.namespace, self.target.name);
        let metadata = &mut value["metadata"];
        metadata["name"] = self.target.name.as_str().into();
        metadata["uid"] = uid.as_str().into();
        metadata["creationTimestamp"] = call.time().into();
        let wanted = Wanted::of(&mut value)?;
        let user = User::new(&name).with_uid(&uid);
        let (token, issued) = wanted.issue(&mut value, user, &random_uid(), call.now);
        if !options.is_dry_run {
            state.tokens.insert(token, issued);
        }
        drop(state);
        let mut response = self.object(StatusCode::CREATED, &Arc::new(Object::other(value)))?;
        answer::warn(&mut response, &warnings);
        Ok(response)
    }

    /// A request may name the account that the URL names.
    fn check_account(&self, request: &Value) -> Result<(), Rejection> {
        let sent = request["metadata"]["name"].as_str().unwrap_or_default();
        if sent.is_empty() || sent == self.target.name {
            return Ok(());
        }
        let why = "must match the service account name if specified";
        let cause = Cause::invalid("metadata.name", &sent.into(), why);
        let (kind, group) = ("TokenRequest", "authentication.k8s.io");
        Err(Rejection::invalid_object(kind, group, &self.target.name, &[cause]))
    }
}
