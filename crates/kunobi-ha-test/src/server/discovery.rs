//! What the server tells of itself: its types, its version, its health.

mod accept;
mod aggregated;
mod health;
mod index;
mod openapi;
mod plain;
#[cfg(test)]
mod tests;
mod version;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header, request::Parts};
use serde::Serialize;

use self::{accept::Router, health::Probe};
use super::{ResponseBody, answer};
use crate::{
    request::query::{Part, unescape},
    status::Rejection,
    types::Types,
};

/// What a path names, unless it is a path of resources.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Document<'a> {
    /// `/`: the paths that there are.
    Index,
    /// `/api`: the versions of the core group.
    CoreVersions,
    /// `/apis`. With a slash at the end it is never aggregated.
    Groups {
        is_exact: bool,
    },
    Group(&'a str),
    Resources {
        group: &'a str,
        version: &'a str,
    },
    Version,
    Health(Probe, Option<&'a str>),
    /// `/openapi/v3`: where the documents of the versions are.
    OpenApi,
    /// `/openapi/v3/…`.
    OpenApiVersion(&'a str),
    /// `/openapi/v2`.
    Swagger,
    /// kube-apiserver has it, this server doesn't.
    Unsupported(&'static str),
    /// It begins as a path that is served.
    NotFound,
    PageNotFound,
}

/// None: the path is one of resources.
pub(super) fn answer(
    parts: &Parts,
    types: impl FnOnce() -> Types,
) -> Option<Response<ResponseBody>> {
    let Some(path) = unescape(parts.uri.path(), Part::Path) else {
        // The HTTP server of Go refuses it, before there is any handler.
        return Some(text(StatusCode::BAD_REQUEST, "400 Bad Request".into()));
    };
    let answered = Document::at(&path)?.answer(parts, &types());
    Some(answered.unwrap_or_else(|rejection| answer::rejected(&rejection)))
}

impl<'a> Document<'a> {
    fn at(path: &'a str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        Some(match segments.as_slice() {
            [""] => Self::Index,
            ["api"] | ["api", ""] => Self::CoreVersions,
            ["api", version] | ["api", version, ""] => Self::Resources { group: "", version },
            ["apis"] => Self::Groups { is_exact: true },
            ["apis", ""] => Self::Groups { is_exact: false },
            ["apis", "", ..] | [] => Self::PageNotFound,
            ["apis", group] | ["apis", group, ""] => Self::Group(group),
            ["apis", group, version] | ["apis", group, version, ""] => {
                Self::Resources { group, version }
            }
            ["api" | "apis", ..] => return None,
            ["version"] | ["version", ""] => Self::Version,
            ["version", ..] => Self::NotFound,
            ["openapi", "v2"] => Self::Swagger,
            ["openapi", "v3"] => Self::OpenApi,
            ["openapi", "v3", ..] => {
                Self::OpenApiVersion(path.strip_prefix("/openapi/v3/").unwrap_or_default())
            }
            [first, ..] => match Probe::named(first) {
                Some(probe) => {
                    let rest = path.get(first.len() + 1..).unwrap_or_default();
                    Self::Health(probe, rest.strip_prefix('/'))
                }
                None => Self::unsupported(path).unwrap_or(Self::PageNotFound),
            },
        })
    }

    fn unsupported(path: &str) -> Option<Self> {
        let is_under = |known: &str| {
            path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let alone = UNSUPPORTED_ALONE.into_iter().find(|known| *known == path);
        alone
            .or_else(|| UNSUPPORTED.into_iter().find(|known| is_under(known)))
            .map(Self::Unsupported)
    }

    fn answer(self, parts: &Parts, types: &Types) -> Result<Response<ResponseBody>, Rejection> {
        let headers = &parts.headers;
        match self {
            Self::Index => Ok(json(&index::paths(types))),
            Self::CoreVersions => {
                only_get(parts)?;
                Router::Types.check(headers)?;
                if accept::is_aggregated(headers) {
                    return Ok(aggregated::answer(headers, &aggregated::core(types)));
                }
                accept::check(headers)?;
                Ok(json(&plain::core_versions(parts)))
            }
            Self::Groups { is_exact } => {
                if is_exact && accept::is_aggregated(headers) {
                    return Ok(aggregated::answer(headers, &aggregated::groups(types)));
                }
                accept::check(headers)?;
                Ok(json(&plain::groups(types)))
            }
            Self::Group(name) => {
                let group = types.group(name).ok_or_else(Rejection::page_not_found)?;
                accept::check(headers)?;
                Ok(json(&plain::group(&group)))
            }
            Self::Resources { group, version } => resources(parts, types, group, version),
            Self::Version => {
                only_get(parts)?;
                Router::Version.check(headers)?;
                Ok(json(&version::info()))
            }
            Self::Health(probe, check) => probe.answer(check, parts.uri.query()),
            Self::OpenApi => Ok(openapi::index(parts, types)),
            Self::OpenApiVersion(path) => Ok(openapi::version(parts, types, path)),
            Self::Swagger => Ok(openapi::all(parts, types)),
            Self::Unsupported(path) => {
                // kubectl prints the text of such an answer, but not the message of a `Status`.
                let refused = Rejection::not_supported(path);
                Ok(text(refused.code, refused.message().to_owned()))
            }
            Self::NotFound => Err(Rejection::no_such_path()),
            Self::PageNotFound => Err(Rejection::page_not_found()),
        }
    }
}

fn resources(
    parts: &Parts,
    types: &Types,
    group: &str,
    version: &str,
) -> Result<Response<ResponseBody>, Rejection> {
    let is_built_in = types.is_built_in(group);
    let resources = types
        .group(group)
        .and_then(|group| group.versions.into_iter().find(|served| served.version == version));
    let Some(resources) = resources else {
        return Err(if is_built_in {
            Rejection::no_such_path()
        } else {
            Rejection::page_not_found()
        });
    };
    // Only the built-in types are behind the router that knows methods.
    if is_built_in {
        only_get(parts)?;
        Router::Types.check(&parts.headers)?;
    }
    accept::check(&parts.headers)?;
    Ok(json(&plain::resources(group, &resources)))
}

fn only_get(parts: &Parts) -> Result<(), Rejection> {
    if parts.method == Method::GET { Ok(()) } else { Err(Rejection::method_not_allowed()) }
}

fn text(code: StatusCode, body: String) -> Response<ResponseBody> {
    let mut response = answer::bytes(code, body.into());
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

fn json(document: &impl Serialize) -> Response<ResponseBody> {
    answer::bytes(StatusCode::OK, bytes(document))
}

fn bytes(document: &impl Serialize) -> Bytes {
    // Structs of text can't fail to be written.
    serde_json::to_vec(document).unwrap_or_default().into()
}

/// With what is under them.
const UNSUPPORTED: [&str; 1] = ["/debug/pprof"];
const UNSUPPORTED_ALONE: [&str; 6] = [
    "/.well-known/openid-configuration",
    "/flagz",
    "/metrics",
    "/metrics/slis",
    "/openid/v1/jwks",
    "/statusz",
];
