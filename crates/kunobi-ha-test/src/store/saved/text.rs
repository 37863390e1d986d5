//! The format: a head, then a line for each object.

use std::{collections::BTreeMap, error::Error, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{Object, Saved};
use crate::{request::path::Key, status::qualified};

/// Why a text is not read as a [`Snapshot`](crate::Snapshot).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is not JSON, or only the beginning of it: take a copy that is whole.
    Syntax(String),
    /// It is JSON that [`to_json`](crate::Snapshot::to_json) has not written: it is another file.
    Foreign,
    /// It is written in a newer format, of this number: read it with the version of this crate that wrote it, or a
    /// later one.
    Format(u64),
    /// Its version counter, which is this, is greater than that of etcd can be, and no write could follow: it was
    /// changed by hand, or is damaged.
    ResourceVersion(u64),
    /// What it says of an object can't be: it was changed by hand, or is damaged.
    Object {
        /// Which one, as in `configmaps default/a`.
        object: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What the text begins with. The rest is left out.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Text<'a> {
    #[serde(rename = "format")]
    _format: &'a str,
    #[serde(rename = "version")]
    _version: u64,
    resource_version: u64,
    /// Unread as yet: an object may be nested as deep as a reader follows.
    #[serde(borrow)]
    objects: Vec<Line<&'a RawValue>>,
}

/// An object, where it is stored, and the version of its last write. An object that a test has injected may say
/// something else of itself.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line<O> {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group: String,
    resource: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    namespace: String,
    name: String,
    resource_version: u64,
    object: O,
}

pub(super) fn write(revision: u64, objects: &BTreeMap<Key, Arc<Object>>) -> String {
    let mut text = format!(
        "{{\n\"format\": \"{FORMAT}\",\n\"version\": {VERSION},\n\"resourceVersion\": {revision},\n\"objects\": ["
    );
    let mut separator = "\n";
    for (key, object) in objects {
        let line = Line {
            group: key.group.clone(),
            resource: key.resource.clone(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            resource_version: object.revision,
            object: object.stored(),
        };
        text.push_str(separator);
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        separator = ",\n";
    }
    text.push_str("\n]\n}\n");
    text
}

pub(super) fn read(text: &str) -> Result<Saved, SnapshotError> {
    let syntax = |error: serde_json::Error| SnapshotError::Syntax(error.to_string());
    let any: &RawValue = serde_json::from_str(text).map_err(syntax)?;
    let head: Head = serde_json::from_str(any.get()).map_err(|_| SnapshotError::Foreign)?;
    match (head.format.as_deref(), head.version) {
        (Some(FORMAT), Some(VERSION)) => {}
        (Some(FORMAT), Some(version)) => return Err(SnapshotError::Format(version)),
        _ => return Err(SnapshotError::Foreign),
    }
    let whole: Text = serde_json::from_str(text).map_err(syntax)?;
    let revision = whole.resource_version;
    if revision > LAST_VERSION {
        return Err(SnapshotError::ResourceVersion(revision));
    }
    let objects = whole.objects.into_iter().map(|line| line.read(revision));
    Ok(Saved { revision, objects: objects.collect::<Result<_, _>>()? })
}

impl Line<&RawValue> {
    fn read(self, latest: u64) -> Result<(Key, Object), SnapshotError> {
        let Line { group, resource, namespace, name, resource_version: revision, object } = self;
        let key = Key { group, resource, namespace, name };
        let wrong = |why: String| Err(SnapshotError::Object { object: shown(&key), why });
        if revision > latest {
            return wrong(format!(
                "its resourceVersion {revision} is greater than {latest}, that of all"
            ));
        }
        if depth(object.get()) > DEEPEST {
            return wrong(format!("it is nested deeper than {DEEPEST} levels"));
        }
        let mut json = serde_json::Deserializer::from_str(object.get());
        json.disable_recursion_limit();
        match Value::deserialize(&mut json) {
            Ok(value @ Value::Object(_)) => Ok((key, Object { revision, ..Object::other(value) })),
            Ok(_) => wrong("it is no JSON object".to_owned()),
            Err(error) => wrong(error.to_string()),
        }
    }
}

/// Returns how many lists and objects stand one in the other in a text that is JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl SnapshotError {
    pub(super) fn twice(key: &Key) -> Self {
        Self::Object { object: shown(key), why: "it is there twice".to_owned() }
    }
}

fn shown(key: &Key) -> String {
    let separator = if key.namespace.is_empty() { "" } else { "/" };
    let Key { group, resource, namespace, name } = key;
    format!("{} {namespace}{separator}{name}", qualified(group, resource))
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(why) => write!(f, "it is not JSON, or is cut off: {why}"),
            Self::Foreign => {
                write!(f, "it is no snapshot of this server, which has \"format\": \"{FORMAT}\"")
            }
            Self::Format(version) => write!(
                f,
                "it is in version {version} of the format, and this program reads version {VERSION}: \
                 use the one that wrote it"
            ),
            Self::ResourceVersion(revision) => {
                write!(
                    f,
                    "its resourceVersion {revision} is greater than {LAST_VERSION}, the last that can be"
                )
            }
            Self::Object { object, why } => write!(f, "{object}: {why}"),
        }
    }
}

impl Error for SnapshotError {}

/// The last version of etcd.
const LAST_VERSION: u64 = i64::MAX.unsigned_abs();
/// Deeper than a body may be: the fields that somebody manages are written as deep as they are, four levels further
/// down. What a test injects may be deeper still, and would exhaust the stack.
const DEEPEST: usize = 256;
const FORMAT: &str = "kunobi-ha-test/snapshot";
const VERSION: u64 = 1;
