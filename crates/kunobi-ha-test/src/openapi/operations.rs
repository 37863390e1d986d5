//! What can be done at a path.

use serde_json::{Map, Value, json};

use super::{
    SCHEMAS,
    schemas::{KIND, Schemas},
};
use crate::{
    request::{Verb, documented, patch_types},
    types::{Origin, Resource, Subresource},
};

/// A verb at a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'a> {
    pub(super) resource: &'a Resource,
    pub(super) part: Option<&'a Subresource>,
    pub(super) verb: Verb,
    pub(super) scope: Scope,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    Object,
    Collection,
    /// The collections of all namespaces.
    Everywhere,
}

impl Operation<'_> {
    pub(super) fn method(&self) -> &'static str {
        match self.verb {
            Verb::Get | Verb::List | Verb::Watch => "get",
            Verb::Create => "post",
            Verb::Update => "put",
            Verb::Patch => "patch",
            Verb::Delete | Verb::DeleteCollection => "delete",
        }
    }

    pub(super) fn document(&self, schemas: &mut Schemas) -> Value {
        let mut document = json!({
            "operationId": self.id(),
            "tags": [format!("{}_{}", lower(&self.group()), self.resource.version)],
            "parameters": self.parameters(),
            "responses": self.responses(schemas),
            "x-kubernetes-action": self.action(),
        });
        document[KIND] = self.kind();
        if let Some(body) = self.body(schemas) {
            document["requestBody"] = body;
        }
        document
    }

    fn action(&self) -> &'static str {
        match (self.verb, self.scope) {
            (Verb::Get, _) => "get",
            (Verb::List, _) => "list",
            (Verb::Watch, Scope::Object) => "watch",
            (Verb::Watch, Scope::Collection | Scope::Everywhere) => "watchlist",
            (Verb::Create, _) => "post",
            (Verb::Update, _) => "put",
            (Verb::Patch, _) => "patch",
            (Verb::Delete, _) => "delete",
            (Verb::DeleteCollection, _) => "deletecollection",
        }
    }

    /// A subresource of a custom type is documented as if it were the object.
    fn kind(&self) -> Value {
        let Resource { group, version, kind, .. } = self.resource;
        if matches!(self.resource.origin, Origin::Custom(_)) {
            return json!({ "group": group, "version": version, "kind": kind });
        }
        let (group, version) = self
            .part
            .and_then(|part| part.foreign(self.resource))
            .unwrap_or((group.as_str(), version.as_str()));
        let kind = self.part.map_or(kind, |part| &part.kind);
        json!({ "group": group, "version": version, "kind": kind })
    }

    /// `listAppsV1NamespacedDeployment`.
    fn id(&self) -> String {
        let does = match self.verb {
            Verb::Get => "read",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Update => "replace",
            Verb::Patch => "patch",
            Verb::Delete | Verb::DeleteCollection => "delete",
        };
        let collection = if self.verb == Verb::DeleteCollection { "Collection" } else { "" };
        let is_namespaced = self.resource.is_namespaced && self.scope != Scope::Everywhere;
        let namespaced = if is_namespaced { "Namespaced" } else { "" };
        let is_list = self.verb == Verb::Watch && self.scope != Scope::Object;
        let list = if is_list { "List" } else { "" };
        let place = if self.scope == Scope::Everywhere { "ForAllNamespaces" } else { "" };
        let part = self.part.map(|part| capital(&part.name)).unwrap_or_default();
        let (group, version) = (self.group(), capital(&self.resource.version));
        let kind = &self.resource.kind;
        format!("{does}{group}{version}{collection}{namespaced}{kind}{part}{list}{place}")
    }

    /// `RbacAuthorization` for `rbac.authorization.k8s.io`.
    fn group(&self) -> String {
        match self.resource.group.as_str() {
            "" => "Core".to_owned(),
            group => {
                let words = group.strip_suffix(".k8s.io").unwrap_or(group).split(['.', '-']);
                words.map(capital).collect()
            }
        }
    }

    fn parameters(&self) -> Vec<Value> {
        let in_path = |name: &str| {
            json!({ "in": "path", "name": name, "required": true,
                    "schema": { "type": "string", "uniqueItems": true } })
        };
        let in_query = |(name, kind): (&str, &str)| json!({ "in": "query", "name": name, "schema": { "type": kind, "uniqueItems": true } });
        let mut all = Vec::new();
        if self.scope == Scope::Object {
            all.push(in_path("name"));
        }
        if self.resource.is_namespaced && self.scope != Scope::Everywhere {
            all.push(in_path("namespace"));
        }
        all.extend(documented(self.verb).map(in_query));
        all
    }

    fn body(&self, schemas: &mut Schemas) -> Option<Value> {
        let (name, types, is_required) = match self.verb {
            Verb::Get | Verb::List | Verb::Watch => return None,
            Verb::Create | Verb::Update => (self.object(schemas), WRITTEN.to_vec(), true),
            Verb::Patch => (schemas.meta("Patch", self.resource), patch_types(self.resource), true),
            Verb::Delete | Verb::DeleteCollection => {
                (schemas.meta("DeleteOptions", self.resource), WRITTEN.to_vec(), false)
            }
        };
        let mut body = json!({ "content": content(&name, &types) });
        if is_required {
            body["required"] = true.into();
        }
        Some(body)
    }

    fn responses(&self, schemas: &mut Schemas) -> Value {
        let is_built_in = matches!(self.resource.origin, Origin::BuiltIn { .. });
        let (name, codes): (String, &[&str]) = match self.verb {
            Verb::Get => (self.object(schemas), &["200"]),
            Verb::List => (schemas.list(self.resource), &["200"]),
            Verb::Watch => (schemas.meta("WatchEvent", self.resource), &["200"]),
            Verb::Create => (self.object(schemas), &["200", "201", "202"]),
            Verb::Patch if !is_built_in => (self.object(schemas), &["200"]),
            Verb::Update | Verb::Patch => (self.object(schemas), &["200", "201"]),
            Verb::Delete if self.resource.is_returned_when_gone() => {
                (self.object(schemas), &["200", "202"])
            }
            Verb::Delete => (schemas.meta("Status", self.resource), &["200", "202"]),
            Verb::DeleteCollection => (schemas.meta("Status", self.resource), &["200"]),
        };
        let is_stream = matches!(self.verb, Verb::List | Verb::Watch) && is_built_in;
        let types: &[&str] = if is_stream { &STREAMED } else { &WRITTEN };
        let described = |code: &str| match code {
            "200" => "OK",
            "201" => "Created",
            "202" => "Accepted",
            _ => "Unauthorized",
        };
        let with_content = codes.iter().map(|code| {
            let of = json!({ "description": described(code), "content": content(&name, types) });
            ((*code).to_owned(), of)
        });
        let refused = ("401".to_owned(), json!({ "description": described("401") }));
        with_content.chain([refused]).collect()
    }

    fn object(&self, schemas: &mut Schemas) -> String {
        match self.part {
            Some(part) => schemas.part(self.resource, &part.name).unwrap_or_default(),
            None => schemas.object(self.resource),
        }
    }
}

fn content(name: &str, types: &[&str]) -> Map<String, Value> {
    let schema = json!({ "schema": { "$ref": format!("{SCHEMAS}{name}") } });
    types.iter().map(|kind| ((*kind).to_owned(), schema.clone())).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn lower(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// What the server reads and writes.
const WRITTEN: [&str; 2] = ["application/json", "application/yaml"];
const STREAMED: [&str; 3] =
    ["application/json", "application/json;stream=watch", "application/yaml"];
