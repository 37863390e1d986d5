//! Discovery in one document.

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::bytes;
use crate::{
    openapi::Written,
    server::{ResponseBody, answer},
    types::{Group, GroupVersion, Resource, Subresource, Types},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiGroupDiscoveryList<'a> {
    kind: &'static str,
    api_version: &'static str,
    metadata: Nothing,
    items: Vec<ApiGroupDiscovery<'a>>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct ApiGroupDiscovery<'a> {
    metadata: Metadata<'a>,
    versions: Vec<ApiVersionDiscovery<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    /// The core group has none.
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

#[derive(Serialize)]
struct ApiVersionDiscovery<'a> {
    version: &'a str,
    resources: Vec<ApiResourceDiscovery<'a>>,
    freshness: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiResourceDiscovery<'a> {
    resource: &'a str,
    response_kind: ResponseKind<'a>,
    scope: &'static str,
    singular_resource: &'a str,
    verbs: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    short_names: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    categories: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subresources: Vec<ApiSubresourceDiscovery<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiSubresourceDiscovery<'a> {
    subresource: &'a str,
    response_kind: ResponseKind<'a>,
    verbs: &'a [String],
}

/// The group and the version are empty if they are those around it. Only for custom types does
/// the server fill them in.
#[derive(Serialize)]
struct ResponseKind<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
}

/// The core group.
pub(super) fn core(types: &Types) -> ApiGroupDiscoveryList<'_> {
    list(types, |group| group.name.is_empty())
}

/// All other groups.
pub(super) fn groups(types: &Types) -> ApiGroupDiscoveryList<'_> {
    list(types, |group| !group.name.is_empty())
}

/// 304 if the client has it already.
pub(super) fn answer(
    headers: &HeaderMap,
    list: &ApiGroupDiscoveryList<'_>,
) -> Response<ResponseBody> {
    let mut response = answer::tagged(headers, &Written::tagged(bytes(list)));
    let is_new = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    if is_new {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

fn list<'a>(types: &'a Types, is_wanted: impl Fn(&Group<'a>) -> bool) -> ApiGroupDiscoveryList<'a> {
    let mut groups = types.groups();
    groups.retain(is_wanted);
    let item = |group: Group<'a>| ApiGroupDiscovery {
        metadata: Metadata { name: group.name },
        versions: group.versions.into_iter().map(version).collect(),
    };
    ApiGroupDiscoveryList {
        kind: "APIGroupDiscoveryList",
        api_version: "apidiscovery.k8s.io/v2",
        metadata: Nothing {},
        items: groups.into_iter().map(item).collect(),
    }
}

fn version(served: GroupVersion<'_>) -> ApiVersionDiscovery<'_> {
    ApiVersionDiscovery {
        version: served.version,
        resources: served.resources.into_iter().map(resource).collect(),
        freshness: "Current",
    }
}

fn resource(resource: &Resource) -> ApiResourceDiscovery<'_> {
    let (group, version) = around(resource);
    ApiResourceDiscovery {
        resource: &resource.plural,
        response_kind: ResponseKind { group, version, kind: &resource.kind },
        scope: if resource.is_namespaced { "Namespaced" } else { "Cluster" },
        singular_resource: &resource.singular,
        verbs: &resource.verbs,
        short_names: &resource.short_names,
        categories: &resource.categories,
        subresources: resource
            .subresources
            .iter()
            .map(|part| subresource(resource, part))
            .collect(),
    }
}

fn subresource<'a>(resource: &'a Resource, part: &'a Subresource) -> ApiSubresourceDiscovery<'a> {
    let (group, version) = part.foreign(resource).unwrap_or_else(|| around(resource));
    ApiSubresourceDiscovery {
        subresource: &part.name,
        response_kind: ResponseKind { group, version, kind: &part.kind },
        verbs: &part.verbs,
    }
}

fn around(resource: &Resource) -> (&str, &str) {
    match resource.custom() {
        Some(_) => (&resource.group, &resource.version),
        None => ("", ""),
    }
}

const CONTENT_TYPE: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
