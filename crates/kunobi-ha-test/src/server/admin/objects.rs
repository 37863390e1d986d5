//! Which objects there are, without what is in them.

use serde::Serialize;
use serde_json::Value;

use crate::{
    address::{self, Astray, Wanted},
    request::path::Target,
    server::TestServer,
    status::{Rejection, qualified},
    store::Count,
    types::Types,
};

/// How many objects of a type there are.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Counted {
    /// As in an address: `configmaps`, `deployments.apps`.
    pub(super) resource: String,
    pub(super) count: usize,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Named {
    /// Empty if the type has none.
    namespace: String,
    name: String,
    /// The `resourceVersion` that it states; null if it states none.
    version: Option<String>,
}

impl TestServer {
    /// How many objects of each type there are in a namespace; an empty one stands for all, and for none.
    pub(super) fn counts(&self, namespace: &str) -> Vec<Counted> {
        let state = self.state();
        let counts = state.store.counts(namespace);
        let counted = |Count { group, resource, objects }| Counted {
            resource: qualified(group, resource),
            count: objects,
        };
        counts.into_iter().map(counted).collect()
    }

    pub(super) fn names(&self, resource: &str, namespace: &str) -> Result<Vec<Named>, Rejection> {
        let state = self.state();
        let (target, missing) = find(resource, namespace, &state.store.types)?;
        let names: Vec<Named> = state
            .store
            .covered(&target)
            .map(|(key, object)| {
                let version = object.value.pointer("/metadata/resourceVersion");
                Named {
                    namespace: key.namespace.clone(),
                    name: key.name.clone(),
                    version: version.and_then(Value::as_str).map(str::to_owned),
                }
            })
            .collect();
        drop(state);
        match missing {
            Some(why) if names.is_empty() => Err(bad(&why)),
            Some(_) | None => Ok(names),
        }
    }
}

/// The collection that is meant, and if its type is not served, words for that: its objects may be stored still.
fn find(
    resource: &str,
    namespace: &str,
    types: &Types,
) -> Result<(Target, Option<String>), Rejection> {
    let address = match namespace {
        "" => resource.to_owned(),
        namespace => format!("{resource} {namespace}/"),
    };
    match address::read(&address, Wanted::Collection, types) {
        Ok(target) => Ok((target, None)),
        Err(Astray::Undefined(why)) => {
            let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
            let target = Target {
                group: group.into(),
                resource: plural.into(),
                namespace: namespace.into(),
                ..Target::default()
            };
            Ok((target, Some(why)))
        }
        Err(Astray::Wrong(why)) => Err(bad(&why)),
    }
}

fn bad(why: &str) -> Rejection {
    Rejection::bad_request(format!("the parameter \"resource\": {why}"))
}
