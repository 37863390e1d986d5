//! One event of a watch, and the line that tells it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::{
    selector::Selector,
    server::form::Form,
    status::Rejection,
    store::{After, Change, Object},
    table::{Extent, INITIAL_EVENTS_END},
    types::{Origin, Resource},
};

#[derive(Clone, Debug)]
pub(super) enum Event {
    Object {
        kind: Kind,
        object: Arc<Object>,
    },
    /// The object is not selected any more. This is how it was selected last.
    Left {
        object: Arc<Object>,
        revision: u64,
    },
    Bookmark {
        revision: u64,
        /// It follows the objects that existed when the watch began.
        is_initial: bool,
    },
    Error(Rejection),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Added,
    Modified,
    Deleted,
}

impl Event {
    pub(super) fn new(kind: Kind, object: &Arc<Object>) -> Self {
        Self::Object { kind, object: Arc::clone(object) }
    }

    /// What a change means to a watch: what enters its selection is added, what leaves it is deleted.
    pub(super) fn of(change: &Change, selector: &Selector) -> Option<Self> {
        let matches = |object: &&Arc<Object>| selector.matches(&change.key, &object.value);
        let old = change.old.as_ref().filter(matches);
        match (&change.new, old) {
            (After::Stored(new), old) if matches(&new) => {
                let kind = if old.is_some() { Kind::Modified } else { Kind::Added };
                Some(Self::new(kind, new))
            }
            (After::Stored(_), Some(old)) => {
                Some(Self::Left { object: Arc::clone(old), revision: change.revision })
            }
            (After::Gone(last), Some(_)) => Some(Self::new(Kind::Deleted, last)),
            (After::Stored(_) | After::Gone(_), None) => None,
        }
    }

    /// `is_first`: it is the first one of the watch.
    pub(super) fn line(&self, resource: &Resource, form: &Form<'_>, is_first: bool) -> Bytes {
        let text = |object| form.text(object, Extent::Event { is_first });
        match self {
            Self::Object { kind, object } => {
                let kind = match kind {
                    Kind::Added => "ADDED",
                    Kind::Modified => "MODIFIED",
                    Kind::Deleted => "DELETED",
                };
                line(kind, &text(object))
            }
            Self::Left { object, revision } => {
                line("DELETED", &text(&Arc::new(object.at(*revision))))
            }
            Self::Bookmark { revision, is_initial } => {
                let object = Object::other(bookmark(resource, *revision, *is_initial));
                line("BOOKMARK", &text(&Arc::new(object)))
            }
            Self::Error(rejection) => error(rejection),
        }
    }
}

/// The line of an ERROR event.
pub(in crate::server) fn error(rejection: &Rejection) -> Bytes {
    line("ERROR", rejection.body().to_string().as_bytes())
}

/// An object of the type of which only the version is stated.
fn bookmark(resource: &Resource, revision: u64, is_initial: bool) -> Value {
    let mut metadata = Map::new();
    metadata.insert("resourceVersion".into(), revision.to_string().into());
    if is_initial {
        metadata.insert("annotations".into(), json!({ INITIAL_EVENTS_END: "true" }));
    }
    let zero = match &resource.origin {
        Origin::BuiltIn { shape, .. } => shape.zero(),
        Origin::Custom(_) => Value::Null,
    };
    let mut object = match zero {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    object.insert("kind".into(), resource.kind.as_str().into());
    object.insert("apiVersion".into(), resource.api_version().into());
    object.insert("metadata".into(), metadata.into());
    object.into()
}

fn line(kind: &str, object: &[u8]) -> Bytes {
    let mut line = format!(r#"{{"type":"{kind}","object":"#).into_bytes();
    line.extend_from_slice(object);
    line.extend_from_slice(b"}\n");
    Bytes::from(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Types;

    /// Recorded from kube-apiserver 1.37.2.
    #[test]
    fn a_bookmark_is_an_empty_object_of_its_type() {
        let metadata = json!({ "resourceVersion": "5" });
        for (plural, rest) in [
            ("pods", json!({ "spec": { "containers": null }, "status": {} })),
            ("namespaces", json!({ "spec": {}, "status": {} })),
            ("services", json!({ "spec": {}, "status": { "loadBalancer": {} } })),
            ("persistentvolumeclaims", json!({ "spec": { "resources": {} }, "status": {} })),
            ("secrets", json!({})),
        ] {
            let resource = Types::new().find("", "v1", plural).unwrap();
            let mut expected = json!({ "kind": resource.kind, "apiVersion": "v1",
                                       "metadata": metadata });
            expected.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            assert_eq!(bookmark(&resource, 5, false), expected, "{plural}");
        }
    }
}
