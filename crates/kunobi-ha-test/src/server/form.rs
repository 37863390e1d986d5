//! How the objects of an answer are written.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    request::{As, Meta, unknown_include},
    status::Rejection,
    store::Object,
    table::{Extent, Table},
    types::Resource,
};

/// What a client has asked for, of a type.
pub(super) struct Form<'a> {
    resource: &'a Resource,
    pub(super) kind: Kind<'a>,
}

pub(super) enum Kind<'a> {
    Whole,
    Metadata(Meta),
    Table(Table<'a>),
}

impl<'a> Form<'a> {
    /// Fails if a table is to include what nobody knows. It is the last failure that a request can have:
    /// what it was to do is done.
    pub(super) fn of(
        wanted: &As,
        resource: &'a Resource,
        subresource: &str,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let kind = match wanted {
            As::Whole => Kind::Whole,
            As::Metadata(meta) => Kind::Metadata(*meta),
            As::Table(_, Err(word)) => return Err(unknown_include(word)),
            As::Table(meta, Ok(include)) => {
                let table = Table::of(resource, subresource, (*meta, *include), now);
                Kind::Table(table.ok_or_else(|| Rejection::not_supported("a table of this"))?)
            }
        };
        Ok(Self { resource, kind })
    }

    /// The JSON text of one object, in the version that is served.
    pub(super) fn text(&self, object: &Arc<Object>, extent: Extent) -> Bytes {
        match &self.kind {
            Kind::Whole => object.served(self.resource).bytes.clone(),
            Kind::Metadata(meta) => meta.partial(&object.value).to_string().into(),
            Kind::Table(table) => table.of_object(object, extent).into(),
        }
    }
}
