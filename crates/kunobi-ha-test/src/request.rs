//! What a request asks for: every parameter is checked here, once, and nothing is ignored in silence.

pub(crate) mod body;
mod delete;
mod list;
pub(crate) mod media;
mod meta;
mod parameter;
pub(crate) mod path;
pub(crate) mod query;
mod token;
mod verb;
mod write;

use std::time::Duration;

use http::request::Parts;
use serde_json::Value;

pub(crate) use self::{
    media::patch_types,
    meta::{Include, Meta, unknown_include},
    parameter::documented,
    verb::Verb,
};
use self::{
    parameter::{Parameter, Parameters},
    path::Target,
    query::Query,
};
use crate::{go, selector::Selector, status::Rejection, types::Resource};

/// A verb with what it was asked to do.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Get(GetOptions),
    List(ListOptions),
    Watch(WatchOptions),
    Create(WriteOptions),
    Update(WriteOptions),
    Patch(PatchOptions),
    Delete(DeleteOptions),
    DeleteCollection(DeleteOptions, ListOptions),
}

impl Ask {
    pub(crate) fn verb(&self) -> Verb {
        match self {
            Self::Get(_) => Verb::Get,
            Self::List(_) => Verb::List,
            Self::Watch(_) => Verb::Watch,
            Self::Create(_) => Verb::Create,
            Self::Update(_) => Verb::Update,
            Self::Patch(_) => Verb::Patch,
            Self::Delete(_) => Verb::Delete,
            Self::DeleteCollection(..) => Verb::DeleteCollection,
        }
    }
}

/// How long a request may take: what its parameter `timeout` says, but no longer than a limit.
pub(crate) fn allotted(query: &str, limit: Duration) -> Duration {
    let query = Query::parse(query);
    let asked = query.first(Parameter::Timeout.name()).and_then(|text| go::duration(text).ok());
    asked.filter(|asked| !asked.is_zero()).map_or(limit, |asked| asked.min(limit))
}

/// Of what age an answer may be. One server is always current: `NotOlder` is about a version that
/// does not exist yet, which is a 504 as there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum At {
    Latest,
    /// `resourceVersion=0`.
    Any,
    NotOlder(u64),
    Exact(u64),
}

/// How objects are returned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum As {
    Whole,
    /// `as=PartialObjectMetadata`, or of a list `PartialObjectMetadataList`.
    Metadata(Meta),
    /// `as=Table`. What is to be included may be an unknown word, which is told after all else is done.
    Table(Meta, Result<Include, String>),
}

#[derive(Clone, Debug)]
pub(crate) struct GetOptions {
    pub(crate) at: At,
}

#[derive(Clone, Debug)]
pub(crate) struct ListOptions {
    pub(crate) selector: Selector,
    pub(crate) at: At,
    /// None: all.
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<Continue>,
}

/// Where the next page of a list begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Continue {
    /// None: the current one, after the one of the first page was forgotten.
    pub(crate) revision: Option<u64>,
    /// The namespace and the name of the last object of the page before.
    pub(crate) after: (String, String),
    /// How many objects follow, if that was counted.
    pub(crate) left: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct WatchOptions {
    pub(crate) selector: Selector,
    pub(crate) start: Start,
    /// A watch that begins with what exists waits for this version: it fails if there is none yet.
    pub(crate) not_older_than: Option<u64>,
    /// Zero: it is over before it begins.
    pub(crate) timeout: Duration,
    pub(crate) bookmarks: bool,
}

/// What a watch begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Start {
    /// What exists, as ADDED; then each change.
    Existing,
    /// Each change after this version.
    After(u64),
    /// Each change from now on (`sendInitialEvents=false` without a version).
    Now,
    /// `sendInitialEvents=true`: what exists, then a bookmark that says so, then each change.
    ExistingThenBookmark,
}

#[derive(Clone, Debug)]
pub(crate) struct WriteOptions {
    pub(crate) is_dry_run: bool,
    /// `fieldManager`, else what stands before the first `/` of the user agent, else `unknown`.
    pub(crate) manager: String,
    pub(crate) validation: FieldValidation,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum FieldValidation {
    Ignore,
    #[default]
    Warn,
    Strict,
}

#[derive(Clone, Debug)]
pub(crate) struct PatchOptions {
    pub(crate) write: WriteOptions,
    pub(crate) kind: PatchKind,
    /// Only of an apply.
    pub(crate) is_forced: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PatchKind {
    Json,
    Merge,
    Strategic,
    Apply,
}

/// From the body and the query: as on kube-apiserver, a body wins.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteOptions {
    pub(crate) is_dry_run: bool,
    pub(crate) grace_seconds: Option<u32>,
    pub(crate) uid: Option<String>,
    pub(crate) resource_version: Option<String>,
    pub(crate) propagation: Option<Propagation>,
    /// `orphanDependents=false`: the answer is a 202 if the object is not gone yet.
    pub(crate) is_accepted_when_pending: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Propagation {
    Background,
    Foreground,
    Orphan,
}

/// Reads everything but the body of a create, an update or a patch. `delete_body` is the body of a
/// DELETE; none if it was empty.
///
/// The order is that of kube-apiserver: where several things are wrong, the first is reported.
pub(crate) fn parse(
    parts: &Parts,
    target: &Target,
    resource: &Resource,
    delete_body: Option<&Value>,
) -> Result<(Ask, As), Rejection> {
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let watches = query.first(Parameter::Watch.name()).is_some_and(go::boolean);
    let verb = Verb::of(&parts.method, target, resource, watches)?;
    let parameters = Parameters::new(verb, query);
    if let Some(timeout) = parameters.filled(Parameter::Timeout) {
        go::duration(timeout).map_err(|why| {
            let message = format!("invalid timeout specified in the request URL - {why}");
            Rejection::bad_request(message)
        })?;
    }
    // What the client sends and accepts comes before the other parameters.
    if verb == Verb::Patch {
        media::patch(&parts.headers, resource)?;
    }
    let form = media::accepted(&parts.headers, verb, target, resource)?;
    let form = form.including(parameters.filled(Parameter::IncludeObject));
    if matches!(verb, Verb::Create | Verb::Update) {
        media::sent(&parts.headers)?;
    }
    let list = || ListOptions::parse(&parameters, target, resource);
    let write = || WriteOptions::parse(&parameters, &parts.headers);
    let delete = || DeleteOptions::parse(&parameters, delete_body);
    let ask = match verb {
        Verb::Get => Ask::Get(GetOptions::parse(&parameters)?),
        Verb::List => Ask::List(list()?),
        Verb::Watch => Ask::Watch(WatchOptions::parse(&parameters, target, resource)?),
        Verb::Create => Ask::Create(write()?),
        Verb::Update => Ask::Update(write()?),
        Verb::Patch => {
            let kind = media::patch(&parts.headers, resource)?;
            Ask::Patch(PatchOptions::parse(&parameters, &parts.headers, kind)?)
        }
        Verb::Delete => Ask::Delete(delete()?),
        Verb::DeleteCollection => {
            let list = list()?;
            Ask::DeleteCollection(delete()?, list)
        }
    };
    if verb != Verb::Watch {
        target.check_name()?;
    }
    Ok((ask, form))
}

impl GetOptions {
    fn parse(parameters: &Parameters) -> Result<Self, Rejection> {
        if parameters.text(Parameter::Export).is_some_and(go::boolean) {
            let why = "the export parameter, deprecated since v1.14, is no longer supported";
            return Err(Rejection::bad_request(why));
        }
        let at = match parameters.filled(Parameter::ResourceVersion) {
            None => At::Latest,
            Some(text) => match list::version(text).map_err(|why| Rejection::internal(&why))? {
                0 => At::Any,
                version => At::NotOlder(version),
            },
        };
        Ok(Self { at })
    }
}

#[cfg(test)]
mod tests;
