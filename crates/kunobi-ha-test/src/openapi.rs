//! The `OpenAPI` documents: what the types that are served are made of, and what can be asked of them.
//!
//! They are made from the registry, from the fields of the built-in types, and from the schemas of definitions. The
//! descriptions of the built-in types are left out: there are 670 kB of them.

mod custom;
mod documents;
mod operations;
mod paths;
mod protobuf;
mod schemas;
mod swagger;

use serde_json::{Map, Value, json};

pub(crate) use self::documents::{Documents, Written};
use self::schemas::Schemas;
use crate::types::{self, GroupVersion};

/// The document of one version of a group, in `OpenAPI` 3.0.
fn document(served: &GroupVersion<'_>) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for resource in &served.resources {
        paths::add(resource, &mut schemas, &mut paths);
    }
    json!({
        "openapi": "3.0.0",
        "info": { "title": "Kubernetes", "version": types::release() },
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": { "BearerToken": bearer_token() },
        },
    })
}

fn bearer_token() -> Value {
    let text = "Bearer Token authentication";
    json!({ "type": "apiKey", "in": "header", "name": "authorization", "description": text })
}

const SCHEMAS: &str = "#/components/schemas/";

#[cfg(test)]
mod tests;
