//! Authorization by the [`Role`](crate::Role) that a test has set.

use http::Method;

use super::{TestServer, handler::Caller};
use crate::{
    path::Target,
    status::{Rejection, qualified},
    store::Selector,
};

impl TestServer {
    pub(super) fn authorize(
        &self,
        caller: &Caller,
        method: &Method,
        target: &Target,
        selector: &Selector,
        watches: bool,
    ) -> Result<(), Rejection> {
        let Some(role) = self.faults(&caller.client).role else {
            return Ok(());
        };
        let named = (!target.name.is_empty()).then_some(target.name.as_str());
        let name = named.or(selector.name());
        let creates =
            *method == Method::PUT && target.is_lease() && self.find(&target.key()).is_none();
        let (verb, name) = match *method {
            Method::GET if watches => ("watch", name),
            Method::GET if named.is_none() => ("list", name),
            Method::GET => ("get", name),
            // A POST has no name at the time of authorization.
            Method::POST => ("create", None),
            Method::PUT if creates && role.allows("update", name) => ("create", name),
            Method::PUT => ("update", name),
            Method::PATCH => ("patch", name),
            _ => ("delete", name),
        };
        if role.allows(verb, name) {
            return Ok(());
        }
        let Target { group, resource, namespace, .. } = target;
        let object = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let message = format!(
            "{}{object} is forbidden: User \"{}\" cannot {verb} resource \"{resource}\" in API \
             group \"{group}\" in the namespace \"{namespace}\"",
            qualified(group, resource),
            caller.client,
        );
        Err(Rejection::forbidden(message, group, resource, &target.name))
    }
}
