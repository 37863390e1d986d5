//! Requests for `NAME/scale`.

use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};

use super::{ResponseBody, Route};
use crate::{
    crd::ScalePaths,
    request::{Ask, PatchKind, body, media},
    server::answer,
    status::Rejection,
    store::Written,
};

impl Route<'_> {
    pub(super) fn scale(
        &self,
        ask: &Ask,
        paths: &ScalePaths,
        parts: &Parts,
        bytes: &Bytes,
    ) -> Result<Response<ResponseBody>, Rejection> {
        match ask {
            Ask::Get(_) => {
                let scale = self.server.state().store.scale(&self.call(false), paths)?;
                Ok(answer::json(StatusCode::OK, &scale))
            }
            Ask::Update(options) => {
                let content = body::parse(bytes, media::sent(&parts.headers)?)?;
                let mut state = self.server.state();
                let call = self.call(options.is_dry_run);
                let written = state.store.update_scale(&call, paths, content, options)?;
                self.record(&mut state, "PUT", self.target, &written);
                drop(state);
                self.scaled(paths, &written)
            }
            Ask::Patch(options) => {
                let format = match options.kind {
                    PatchKind::Apply => body::Format::Yaml,
                    PatchKind::Json | PatchKind::Merge | PatchKind::Strategic => body::Format::Json,
                };
                let content = body::parse(bytes, format)?;
                let mut state = self.server.state();
                let call = self.call(options.write.is_dry_run);
                let written = state.store.patch_scale(&call, paths, content, options)?;
                self.record(&mut state, "PATCH", self.target, &written);
                drop(state);
                self.scaled(paths, &written)
            }
            Ask::List(_)
            | Ask::Watch(_)
            | Ask::Create(_)
            | Ask::Delete(_)
            | Ask::DeleteCollection(..) => Err(Rejection::method_not_allowed()),
        }
    }

    fn scaled(
        &self,
        paths: &ScalePaths,
        written: &Written,
    ) -> Result<Response<ResponseBody>, Rejection> {
        self.notify(written);
        let scale = paths.of(&written.object.value, true).map_err(Rejection::bad_request)?;
        let mut response = answer::json(StatusCode::OK, &scale);
        answer::warn(&mut response, &written.warnings);
        Ok(response)
    }
}
