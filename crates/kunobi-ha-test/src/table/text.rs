//! The JSON text of a Table.

use std::{cmp::Reverse, sync::Arc};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Style, View, columns, field, flow, pods, storage};
use crate::{
    request::{Include, Meta},
    store::Object,
    types::{Origin, Resource},
};

/// What is printed of a type, and how.
pub(crate) struct Table<'a> {
    style: Style<'a>,
    resource: &'a Resource,
    meta: Meta,
    include: Include,
    now: Timestamp,
}

/// What a table is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    Object,
    List,
    /// Only the first event of a watch tells the columns.
    Event {
        is_first: bool,
    },
}

impl<'a> Table<'a> {
    /// None: of what is returned there, no table can be made.
    pub(crate) fn of(
        resource: &'a Resource,
        subresource: &str,
        (meta, include): (Meta, Include),
        now: Timestamp,
    ) -> Option<Self> {
        let style = Style::of(resource, subresource)?;
        Some(Self { style, resource, meta, include, now })
    }

    /// A table of one object.
    pub(crate) fn of_object(&self, object: &Arc<Object>, extent: Extent) -> Vec<u8> {
        let version = object.value.pointer("/metadata/resourceVersion");
        let metadata = match version {
            Some(version) => json!({ "resourceVersion": version }),
            None => json!({}),
        };
        self.of_objects(&metadata, std::slice::from_ref(object), extent)
    }

    /// A table with the metadata of a list.
    pub(crate) fn of_objects(
        &self,
        metadata: &Value,
        objects: &[Arc<Object>],
        extent: Extent,
    ) -> Vec<u8> {
        let mut text = Vec::new();
        let api_version = self.meta.api_version();
        let head = format!(
            r#"{{"kind":"Table","apiVersion":"{api_version}","metadata":{metadata},"columnDefinitions":{},"rows":"#,
            self.columns(extent)
        );
        text.extend_from_slice(head.as_bytes());
        if objects.is_empty() && self.has_null_rows() {
            text.extend_from_slice(b"null}");
            return text;
        }
        let mut objects: Vec<Arc<Object>> =
            objects.iter().map(|object| self.printed(object)).collect();
        if self.is("flowschemas.flowcontrol.apiserver.k8s.io") {
            objects.sort_by(|a, b| flow::order(&a.value).cmp(&flow::order(&b.value)));
        }
        let default_class = match extent {
            Extent::List if self.is("storageclasses.storage.k8s.io") => default_class(&objects),
            Extent::List | Extent::Object | Extent::Event { .. } => None,
        };
        text.push(b'[');
        for (index, object) in objects.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            self.write_row(&mut text, object, default_class);
        }
        text.extend_from_slice(b"]}");
        text
    }

    fn columns(&self, extent: Extent) -> Value {
        let is_told = match extent {
            Extent::Object | Extent::List | Extent::Event { is_first: true } => true,
            // As there.
            Extent::Event { is_first: false } => self.is("apiservices.apiregistration.k8s.io"),
        };
        match &self.style {
            _ if !is_told => Value::Null,
            Style::BuiltIn { name, .. } => columns::of(name).into(),
            Style::Custom(columns) => {
                let name = json!({ "name": "Name", "type": "string", "format": "name",
                                   "description": columns::description("Name"), "priority": 0 });
                std::iter::once(name).chain(columns.definitions().cloned()).collect()
            }
        }
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(&self.style, Style::BuiltIn { name, .. } if name == type_name)
    }

    /// An empty list of some types has no rows at all.
    fn has_null_rows(&self) -> bool {
        let has_time = |column: &Value| column["name"] == "Created At";
        match &self.style {
            Style::BuiltIn { name, .. } => columns::of(name).iter().any(has_time),
            Style::Custom(_) => false,
        }
    }

    /// The object as its cells are read from it: a custom one in the version that is served.
    fn printed(&self, object: &Arc<Object>) -> Arc<Object> {
        match &self.resource.origin {
            Origin::BuiltIn { .. } => Arc::clone(object),
            Origin::Custom(_) => object.served(self.resource),
        }
    }

    fn write_row(&self, text: &mut Vec<u8>, object: &Arc<Object>, default_class: Option<&str>) {
        let view = View { value: &object.value, now: self.now, default_class };
        let cells: Vec<Value> = match &self.style {
            Style::BuiltIn { printer, .. } => printer(&view),
            Style::Custom(columns) => {
                let name = Value::from(view.name());
                std::iter::once(name).chain(columns.cells(view.value, self.now)).collect()
            }
        };
        text.extend_from_slice(format!(r#"{{"cells":{}"#, Value::from(cells)).as_bytes());
        if let Some(conditions) = self.conditions(&object.value) {
            text.extend_from_slice(format!(r#","conditions":{conditions}"#).as_bytes());
        }
        text.extend_from_slice(br#","object":"#);
        self.write_object(text, object);
        text.push(b'}');
    }

    fn conditions(&self, value: &Value) -> Option<Value> {
        if self.is("pods") { pods::conditions(value) } else { None }
    }

    fn write_object(&self, text: &mut Vec<u8>, object: &Arc<Object>) {
        // As there, the end of the initial events is told whatever is included.
        let is_end = field::annotation(&object.value, INITIAL_EVENTS_END) == Some("true");
        match self.include {
            Include::Object => text.extend_from_slice(&object.served(self.resource).bytes),
            Include::None if !is_end => text.extend_from_slice(b"null"),
            Include::None | Include::Metadata => {
                let metadata = self.meta.partial(&object.value).to_string();
                text.extend_from_slice(metadata.as_bytes());
            }
        }
    }
}

/// The youngest of the classes that are to be the default.
fn default_class(classes: &[Arc<Object>]) -> Option<&str> {
    let classes = classes.iter().map(|class| &class.value).filter(|it| storage::is_default(it));
    let ranks = classes.map(|class| {
        let name = field::text(class, "/metadata/name");
        (field::text(class, "/metadata/creationTimestamp"), Reverse(name))
    });
    ranks.max().map(|(_, Reverse(name))| name)
}

pub(crate) const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";
