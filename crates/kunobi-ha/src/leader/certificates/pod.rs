//! What a Pod says of the ends of its containers (rule C3).
//!
//! It is read leniently: a field that is missing or of another kind says nothing, and what says nothing
//! certifies nothing.

use std::{fmt, path::Path};

use serde_json::Value;

use super::certificate::{Certificate, TAG};
use crate::leader::words::Words;

/// The ends of one container of one Pod, as far as certificates came with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::leader) struct Ends(Vec<End>);

/// How a container ended that had certificates.
#[derive(Clone, Debug, PartialEq)]
struct End {
    certificates: Vec<Box<str>>,
    /// Why that does not say that its processes have ended.
    doubt: Option<&'static str>,
    evidence: Evidence,
}

/// By what a death is known, for people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::leader) struct Evidence {
    pod: Box<str>,
    container: Box<str>,
    exit_code: i64,
    reason: Option<Words>,
    finished_at: Option<Words>,
}

/// What the ends of a container say of one term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::leader) enum Verdict<'a> {
    /// Its process has ended.
    Dead(&'a Evidence),
    /// It is certified, but may run: why.
    Doubtful(&'static str, &'a Evidence),
    /// Nothing.
    Unknown,
}

impl Ends {
    /// Reads how the container of this name has ended in the Pod of this name.
    pub(in crate::leader) fn read(
        pod: &Value,
        namespace: &str,
        name: &str,
        container: &str,
    ) -> Self {
        if text(pod, "/metadata/name") != Some(name)
            || text(pod, "/metadata/namespace") != Some(namespace)
        {
            return Self::default();
        }
        let doubt = doubt_of_pod(pod, container);
        let statuses = ["/status/containerStatuses", "/status/initContainerStatuses"];
        let statuses = statuses.into_iter().flat_map(|list| items(pod, list));
        let ours = statuses.filter(|status| text(status, "/name") == Some(container));
        let ends = ours.flat_map(|status| {
            ["/state/terminated", "/lastState/terminated"].map(|end| status.pointer(end))
        });
        Self(ends.flatten().filter_map(|end| End::read(end, doubt, name, container)).collect())
    }

    /// Returns what is known of the process with this certificate.
    pub(in crate::leader) fn of(&self, certificate: &Certificate) -> Verdict<'_> {
        let mut verdict = Verdict::Unknown;
        for End { certificates, doubt, evidence } in &self.0 {
            // rule C3: a whole line.
            if !certificates.iter().any(|line| **line == *certificate.as_str()) {
                continue;
            }
            match doubt {
                None => return Verdict::Dead(evidence),
                Some(doubt) => verdict = Verdict::Doubtful(doubt, evidence),
            }
        }
        verdict
    }
}

impl End {
    fn read(end: &Value, doubt: Option<&'static str>, pod: &str, container: &str) -> Option<Self> {
        let message = text(end, "/message")?;
        let certificates: Vec<_> =
            message.split('\n').filter(|line| line.starts_with(TAG)).map(Into::into).collect();
        let exit_code = end.get("exitCode").and_then(Value::as_i64)?;
        if certificates.is_empty() {
            return None;
        }
        let doubt = doubt.or_else(|| doubt_of_end(exit_code, text(end, "/reason")));
        let evidence = Evidence {
            pod: pod.into(),
            container: container.into(),
            exit_code,
            reason: text(end, "/reason").map(Words::of),
            finished_at: text(end, "/finishedAt").map(Words::of),
        };
        Some(Self { certificates, doubt, evidence })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pod, container, exit_code, reason, finished_at } = self;
        write!(f, "container {container} of pod {pod} has ended with exit code {exit_code}")?;
        if let Some(reason) = reason {
            write!(f, " ({reason})")?;
        }
        if let Some(finished_at) = finished_at {
            write!(f, " at {finished_at}")?;
        }
        Ok(())
    }
}

/// rule C3: the end of a container is that of its processes only if it has PIDs of its own, and
/// the message is that of the container only if nothing is mounted in its place.
fn doubt_of_pod(pod: &Value, container: &str) -> Option<&'static str> {
    let is_set = |field| pod.pointer(field).is_some_and(|value| !is_unset(value));
    if is_set("/spec/shareProcessNamespace") {
        return Some("its containers share their processes (shareProcessNamespace)");
    }
    if is_set("/spec/hostPID") {
        return Some("its processes are those of the node (hostPID)");
    }
    if text(pod, "/spec/os/name") == Some("windows") {
        return Some("it runs on Windows");
    }
    let specs = ["/spec/containers", "/spec/initContainers"];
    let specs = specs.into_iter().flat_map(|list| items(pod, list));
    let mut ours = specs.filter(|spec| text(spec, "/name") == Some(container)).peekable();
    if ours.peek().is_none() {
        return Some("its spec does not have this container");
    }
    if ours.any(covers_message) {
        return Some("something is mounted at its terminationMessagePath");
    }
    None
}

fn doubt_of_end(exit_code: i64, reason: Option<&str>) -> Option<&'static str> {
    match (exit_code, reason) {
        (LOST, _) => Some("exit code 255 is that of a container that the runtime has lost"),
        (_, Some("Unknown" | "ContainerStatusUnknown")) => {
            Some("the runtime does not know how it has ended")
        }
        (_, Some(_) | None) => None,
    }
}

/// Tells whether a container mounts anything at the path of its termination message.
fn covers_message(spec: &Value) -> bool {
    let path = text(spec, "/terminationMessagePath").filter(|path| !path.is_empty());
    let path = path.unwrap_or(DEFAULT_PATH);
    // A relative path begins at the root, and one with `..` may be any.
    let at = |path: &str| Path::new("/").join(path);
    let is_there =
        |other: &str| at(other) == at(path) || other.contains("..") || path.contains("..");
    let mounts = items(spec, "/volumeMounts").filter_map(|mount| text(mount, "/mountPath"));
    let devices = items(spec, "/volumeDevices").filter_map(|device| text(device, "/devicePath"));
    mounts.chain(devices).any(is_there)
}

fn is_unset(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false))
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.pointer(field).and_then(Value::as_str)
}

fn items<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(list).and_then(Value::as_array).into_iter().flatten()
}

/// What a kubelet reads if a container names no other path.
const DEFAULT_PATH: &str = super::DEFAULT_PATH;
const LOST: i64 = 255;

#[cfg(test)]
mod tests;
