//! What a list, a watch or the deletion of a collection selects, and from which version.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    At, Continue, ListOptions, Start, WatchOptions,
    parameter::{Parameter, Parameters},
    path::Target,
};
use crate::{
    go,
    selector::Selector,
    status::{Cause, Rejection},
    types::Resource,
};

/// The parameters as they were sent, before they are seen together.
#[derive(Debug)]
struct Sent<'a> {
    watches: bool,
    version: Option<&'a str>,
    matching: Option<&'a str>,
    token: Option<&'a str>,
    limit: i64,
    timeout_seconds: i64,
    with_initial_events: Option<bool>,
}

impl ListOptions {
    pub(super) fn parse(
        parameters: &Parameters,
        target: &Target,
        resource: &Resource,
    ) -> Result<Self, Rejection> {
        let sent = Sent::parse(parameters, false)?;
        let selector = selector(parameters, target, resource)?;
        let token = sent.token.map(|token| Continue::parse(token, target)).transpose()?;
        if token.is_some() {
            if sent.version.is_some_and(|version| version != "0") {
                let why = "specifying resource version is not allowed when using continue";
                return Err(Rejection::bad_request(why));
            }
            let (at, limit) = match sent.version {
                None => (At::Latest, sent.limit()),
                Some(_) => (At::Any, None),
            };
            return Ok(Self { selector, at, limit, token });
        }
        let number = version(sent.version.unwrap_or("0"))
            .map_err(|why| Rejection::bad_request(format!("invalid resource version: {why}")))?;
        let is_exact = match sent.matching {
            // A limit made a version exact before `resourceVersionMatch` was there.
            None => sent.limit().is_some(),
            Some(matching) => matching == EXACT,
        };
        let at = match sent.version {
            None => At::Latest,
            Some(_) if number == 0 => At::Any,
            Some(_) if is_exact => At::Exact(number),
            Some(_) => At::NotOlder(number),
        };
        // What may be of any age comes from a cache, which knows no limit.
        let limit = if at == At::Any { None } else { sent.limit() };
        Ok(Self { selector, at, limit, token: None })
    }
}

impl WatchOptions {
    pub(super) fn parse(
        parameters: &Parameters,
        target: &Target,
        resource: &Resource,
    ) -> Result<Self, Rejection> {
        let sent = Sent::parse(parameters, true)?;
        let selector = selector(parameters, target, resource)?;
        let number =
            version(sent.version.unwrap_or("0")).map_err(|why| Rejection::internal(&why))?;
        let bookmarks = parameters.text(Parameter::AllowWatchBookmarks).is_some_and(go::boolean);
        let start = match sent.with_initial_events {
            Some(true) if bookmarks => Start::ExistingThenBookmark,
            Some(true) => Start::Existing,
            Some(false) | None if number == 0 => Start::Now,
            Some(false) | None => Start::After(number),
        };
        let not_older_than =
            (sent.with_initial_events == Some(true) && number > 0).then_some(number);
        let timeout = timeout(sent.timeout_seconds);
        Ok(Self { selector, start, not_older_than, timeout, bookmarks })
    }
}

impl<'a> Sent<'a> {
    fn parse(parameters: &'a Parameters, watches: bool) -> Result<Self, Rejection> {
        let number = |parameter| {
            let number = parameters.text(parameter).map(go::integer).transpose();
            number.map(Option::unwrap_or_default).map_err(Rejection::bad_request)
        };
        let asks_to_watch = parameters.text(Parameter::Watch).is_some_and(go::boolean);
        let mut sent = Self {
            // The deletion of a collection does not watch, but is checked as if it did.
            watches: watches || asks_to_watch,
            version: parameters.filled(Parameter::ResourceVersion),
            matching: parameters.filled(Parameter::ResourceVersionMatch),
            token: parameters.filled(Parameter::Continue),
            timeout_seconds: number(Parameter::TimeoutSeconds)?,
            limit: number(Parameter::Limit)?,
            with_initial_events: parameters.text(Parameter::SendInitialEvents).map(go::boolean),
        };
        // A watch from no version in particular began with what exists long before it could ask so.
        let is_old = sent.with_initial_events.is_none() && sent.matching.is_none();
        if sent.watches && is_old && matches!(sent.version, None | Some("0")) {
            sent.with_initial_events = Some(true);
            sent.matching = Some(NOT_OLDER);
        }
        let causes = if sent.watches { sent.faults_of_watch() } else { sent.faults_of_list() };
        if causes.is_empty() {
            Ok(sent)
        } else {
            Err(Rejection::invalid_options("ListOptions", &causes))
        }
    }

    fn limit(&self) -> Option<usize> {
        let limit = u64::try_from(self.limit).ok().filter(|limit| *limit > 0)?;
        Some(usize::try_from(limit).unwrap_or(usize::MAX))
    }

    fn faults_of_list(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        if let Some(matching) = self.matching {
            let mut forbid = |why: &str| causes.push(Cause::forbidden(MATCH, why));
            if self.version.is_none() {
                forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
            }
            if self.token.is_some() {
                forbid("resourceVersionMatch is forbidden when continue is provided");
            }
            if ![EXACT, NOT_OLDER].contains(&matching) {
                causes.push(unknown_match(matching, &json!([EXACT, NOT_OLDER, ""])));
            }
            if matching == EXACT && self.version == Some("0") {
                let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
                causes.push(Cause::forbidden(MATCH, why));
            }
        }
        if self.with_initial_events.is_some() {
            let why = "sendInitialEvents is forbidden for list";
            causes.push(Cause::forbidden("sendInitialEvents", why));
        }
        causes
    }

    fn faults_of_watch(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        let mut forbid = |why: &str| causes.push(Cause::forbidden(MATCH, why));
        if self.with_initial_events.is_some() && self.matching != Some(NOT_OLDER) {
            forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        let Some(matching) = self.matching else {
            return causes;
        };
        if self.with_initial_events.is_none() {
            forbid(
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            );
        }
        if matching != NOT_OLDER {
            causes.push(unknown_match(matching, &json!([NOT_OLDER])));
        }
        if self.token.is_some() {
            let why = "resourceVersionMatch is forbidden when continue is provided";
            causes.push(Cause::forbidden(MATCH, why));
        }
        causes
    }
}

fn unknown_match(matching: &str, all: &Value) -> Cause {
    Cause::not_supported(MATCH, &matching.into(), all.as_array().map_or(&[], Vec::as_slice))
}

/// A watch of one object selects it by its name.
fn selector(
    parameters: &Parameters,
    target: &Target,
    resource: &Resource,
) -> Result<Selector, Rejection> {
    let labels = parameters.filled(Parameter::LabelSelector);
    let fields = parameters.filled(Parameter::FieldSelector);
    if target.name.is_empty() {
        return Selector::parse(labels, fields, resource);
    }
    let name = format!("metadata.name={}", target.name);
    let selector = Selector::parse(labels, Some(&name), resource)?;
    if let Some(fields) = fields {
        let asked = Selector::parse(None, Some(fields), resource)?;
        if asked.name() != Some(&target.name) {
            let why = "fieldSelector metadata.name doesn't match requested name";
            return Err(Rejection::bad_request(why));
        }
    }
    Ok(selector)
}

pub(super) fn version(text: &str) -> Result<u64, String> {
    go::unsigned(text)
        .map_err(|why| format!("resourceVersion: Invalid value: {}: {why}", go::quoted(text)))
}

/// As Go calculates it, where too many seconds are less than none. A watch without time is over at
/// once; zero seconds are none that were asked for.
fn timeout(seconds: i64) -> Duration {
    match seconds.wrapping_mul(1_000_000_000) {
        0 => LONGEST,
        nanoseconds => Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0)),
    }
}

const MATCH: &str = "resourceVersionMatch";
const EXACT: &str = "Exact";
const NOT_OLDER: &str = "NotOlderThan";
/// The shortest timeout that kube-apiserver chooses if the client does not choose one.
const LONGEST: Duration = Duration::from_secs(1_800);
