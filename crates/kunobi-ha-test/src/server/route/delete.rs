//! DELETE, of an object or a collection.

use http::{Response, StatusCode};
use serde_json::json;

use super::{ResponseBody, Route, answer};
use crate::{
    request::{DeleteOptions, ListOptions},
    status::Rejection,
    store::{Collection, Outcome, Written},
};

impl Route<'_> {
    pub(super) fn delete(
        &self,
        options: &DeleteOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let mut state = self.server.state();
        let written = state.store.delete(&self.call(options.is_dry_run), options)?;
        self.record(&mut state, "DELETE", self.target, &written);
        drop(state);
        self.notify(&written);
        let is_gone = written.outcome == Outcome::Gone;
        let mut response = if !is_gone || self.resource.is_returned_when_gone() {
            let is_accepted = !is_gone && options.is_accepted_when_pending;
            let code = if is_accepted { StatusCode::ACCEPTED } else { StatusCode::OK };
            self.object(code, &written.object)
        } else {
            self.gone(&written)
        };
        answer::warn(&mut response, &written.warnings);
        Ok(response)
    }

    /// The `Status` that says of an object that it is gone.
    fn gone(&self, written: &Written) -> Response<ResponseBody> {
        let target = self.target;
        let mut details = json!({ "name": target.name, "kind": target.resource,
                                  "uid": written.object.value["metadata"]["uid"] });
        if !target.group.is_empty() {
            details["group"] = target.group.as_str().into();
        }
        let done = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {},
                           "status": "Success", "details": details });
        answer::json(StatusCode::OK, &done)
    }

    pub(super) fn delete_collection(
        &self,
        options: &DeleteOptions,
        list: &ListOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let mut state = self.server.state();
        let call = self.call(options.is_dry_run);
        let Collection { page, done, failed } =
            state.store.delete_collection(&call, options, list)?;
        for (key, written) in &done {
            self.note(&mut state, "DELETE", &self.target.at(key), written);
        }
        self.server.settle(&mut state);
        drop(state);
        if !done.is_empty() {
            self.server.notify();
        }
        if let Some(rejection) = failed {
            return Err(rejection);
        }
        let mut response = self.page(&page);
        if let Some((_, written)) = done.first() {
            answer::warn(&mut response, &written.warnings);
        }
        Ok(response)
    }
}
