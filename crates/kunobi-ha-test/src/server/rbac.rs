//! Authorization by the [`Role`](crate::Role) that a test has set.

use super::{TestServer, handler::Caller};
use crate::{
    request::path::Target,
    request::{Ask, PatchKind},
    status::{Rejection, qualified},
    store,
    types::Resource,
};

impl TestServer {
    pub(super) fn authorize(
        &self,
        caller: &Caller,
        target: &Target,
        resource: &Resource,
        ask: &Ask,
    ) -> Result<(), Rejection> {
        let Some(role) = self.faults(&caller.client).role else {
            return Ok(());
        };
        let named = (!target.name.is_empty()).then_some(target.name.as_str());
        let (verb, name) = match ask {
            Ask::Get(_) => ("get", named),
            Ask::List(options) => ("list", named.or(options.selector.name())),
            Ask::Watch(options) => ("watch", named.or(options.selector.name())),
            // A POST has no name at the time of authorization.
            Ask::Create(_) => ("create", None),
            Ask::Update(_)
                if role.allows("update", named)
                    && store::creates_on_update(resource)
                    && self.creates(target) =>
            {
                ("create", named)
            }
            Ask::Update(_) => ("update", named),
            Ask::Patch(options) => match options.kind {
                PatchKind::Apply if role.allows("patch", named) && self.creates(target) => {
                    ("create", named)
                }
                _ => ("patch", named),
            },
            Ask::Delete(_) => ("delete", named),
            Ask::DeleteCollection(_, options) => {
                ("deletecollection", named.or(options.selector.name()))
            }
        };
        if role.allows(verb, name) {
            return Ok(());
        }
        let Target { group, resource, namespace, .. } = target;
        let object = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let part = match target.subresource.as_str() {
            "" => resource.clone(),
            subresource => format!("{resource}/{subresource}"),
        };
        let place = match namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let message = format!(
            "{}{object} is forbidden: User \"{}\" cannot {verb} resource \"{part}\" in API group \
             \"{group}\" {place}",
            qualified(group, resource),
            caller.client,
        );
        Err(Rejection::forbidden(message, group, resource, &target.name))
    }

    fn creates(&self, target: &Target) -> bool {
        self.state().store.find(&target.key()).is_none()
    }
}
