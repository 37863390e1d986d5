//! DELETE, of an object or a collection.

use http::{Response, StatusCode};
use serde_json::json;

use super::{ResponseBody, Route, answer};
use crate::{
    request::{DeleteOptions, ListOptions, body::Content},
    server::State,
    status::Rejection,
    store::{Call, Collection, Outcome, Written},
};

impl Route<'_> {
    pub(super) async fn delete(
        &self,
        options: &DeleteOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let delete = |state: &mut State, call: &Call, _| state.store.delete(call, options);
        let nothing = Content::default();
        let written = self.written("DELETE", options.is_dry_run, nothing, delete).await?;
        let is_gone = written.outcome == Outcome::Gone;
        // What a table includes must be known even if none follows.
        self.form()?;
        let mut response = if !is_gone || self.resource.is_returned_when_gone() {
            let is_accepted = !is_gone && options.is_accepted_when_pending;
            let code = if is_accepted { StatusCode::ACCEPTED } else { StatusCode::OK };
            self.object(code, &written.object)?
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

    pub(super) async fn delete_collection(
        &self,
        options: &DeleteOptions,
        list: &ListOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        self.admission.reviews.begin_collection();
        let mut selected = None;
        let mut warnings = Vec::new();
        let Collection { page, failed, .. } = loop {
            let mut collection = {
                let mut state = self.server.state();
                let call = self.call(options.is_dry_run);
                let mut collection = match selected.take() {
                    Some(collection) => collection,
                    None => state.store.select(&call, list)?,
                };
                state.store.delete_collection(&call, options, &mut collection);
                for (key, written) in &collection.done {
                    self.note(&mut state, "DELETE", &self.target.at(key), written);
                }
                self.server.settle(&mut state);
                collection
            };
            if !collection.done.is_empty() {
                self.server.notify();
            }
            warnings.extend(collection.done.drain(..).flat_map(|(_, written)| written.warnings));
            match self.admission.reviews.take_due() {
                None => break collection,
                Some(due) => self.review(due).await,
            }
            selected = Some(collection);
        };
        if let Some(rejection) = failed {
            return Err(rejection);
        }
        let mut response = self.page(&page)?;
        answer::warn(&mut response, &warnings);
        Ok(response)
    }
}
