//! Discovery in a document for each group and version.

use http::{header, request::Parts};
use serde::Serialize;

use crate::types::{Group, GroupVersion, Resource, Types, api_version};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiVersions {
    kind: &'static str,
    versions: [&'static str; 1],
    #[serde(rename = "serverAddressByClientCIDRs")]
    server_address_by_client_cidrs: [Address; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[serde(rename = "clientCIDR")]
    client_cidr: &'static str,
    server_address: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiGroupList<'a> {
    kind: &'static str,
    api_version: &'static str,
    groups: Vec<ApiGroup<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiGroup<'a> {
    /// Absent in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'static str>,
    name: &'a str,
    versions: Vec<VersionForDiscovery<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_version: Option<VersionForDiscovery<'a>>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionForDiscovery<'a> {
    group_version: String,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiResourceList<'a> {
    kind: &'static str,
    /// The list of the core group does not state it.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'static str>,
    group_version: String,
    resources: Vec<ApiResource<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiResource<'a> {
    name: String,
    singular_name: &'a str,
    namespaced: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    group: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    kind: &'a str,
    verbs: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    short_names: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    categories: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    storage_version_hash: &'a str,
}

/// `/api`, with the address by which the client came.
pub(super) fn core_versions(parts: &Parts) -> ApiVersions {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
    ApiVersions {
        kind: "APIVersions",
        versions: ["v1"],
        server_address_by_client_cidrs: [Address {
            client_cidr: "0.0.0.0/0",
            server_address: host.unwrap_or("localhost").to_owned(),
        }],
    }
}

pub(super) fn groups(types: &Types) -> ApiGroupList<'_> {
    let mut groups = types.groups();
    groups.retain(|group| !group.name.is_empty());
    // The server sorts by the name of what serves a version, as `v1.example.com`. The built-in
    // groups have an order of their own.
    groups.sort_by_cached_key(|group| {
        let names =
            group.versions.iter().map(|served| format!("{}.{}", served.version, group.name));
        (!types.is_built_in(group.name)).then(|| names.min())
    });
    let groups =
        groups.iter().map(|group| ApiGroup { kind: None, api_version: None, ..self::group(group) });
    ApiGroupList { kind: "APIGroupList", api_version: "v1", groups: groups.collect() }
}

pub(super) fn group<'a>(group: &Group<'a>) -> ApiGroup<'a> {
    let version = |served: &GroupVersion<'a>| VersionForDiscovery {
        group_version: api_version(group.name, served.version),
        version: served.version,
    };
    let versions: Vec<_> = group.versions.iter().map(version).collect();
    ApiGroup {
        kind: Some("APIGroup"),
        api_version: Some("v1"),
        name: group.name,
        preferred_version: versions.first().cloned(),
        versions,
    }
}

pub(super) fn resources<'a>(group: &str, served: &GroupVersion<'a>) -> ApiResourceList<'a> {
    ApiResourceList {
        kind: "APIResourceList",
        api_version: (!group.is_empty()).then_some("v1"),
        group_version: api_version(group, served.version),
        resources: served.resources.iter().flat_map(|resource| entries(resource)).collect(),
    }
}

/// A resource, then its subresources.
fn entries(resource: &Resource) -> impl Iterator<Item = ApiResource<'_>> {
    let whole = ApiResource {
        name: resource.plural.clone(),
        singular_name: &resource.singular,
        namespaced: resource.is_namespaced,
        group: "",
        version: "",
        kind: &resource.kind,
        verbs: &resource.verbs,
        short_names: &resource.short_names,
        categories: &resource.categories,
        storage_version_hash: resource.storage_version_hash(),
    };
    let parts = resource.subresources.iter().map(|part| {
        let (group, version) = part.foreign(resource).unwrap_or_default();
        ApiResource {
            name: format!("{}/{}", resource.plural, part.name),
            singular_name: "",
            namespaced: resource.is_namespaced,
            group,
            version,
            kind: &part.kind,
            verbs: &part.verbs,
            short_names: &[],
            categories: &[],
            storage_version_hash: "",
        }
    });
    std::iter::once(whole).chain(parts)
}
