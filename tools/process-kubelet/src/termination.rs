//! What `terminated.message` says, from what the container runtime said and what the container wrote.
//!
//! The places are those of Kubernetes 1.37, below `pkg/kubelet`; 1.36 does the same.

use std::{collections::VecDeque, path::Path};

use k8s_openapi::api::core::v1::Pod;

use super::files::read_at_most;

/// Returns what the container itself says: its file, or, if that is empty and `log` is given, the end
/// of its output.
///
/// `kuberuntime/kuberuntime_container.go`, `getTerminationMessage` and `convertToKubeContainerStatus`:
/// a file that is missing counts as empty, and one that can't be read is told.
pub(crate) fn written(file: Option<&Path>, log: Option<&VecDeque<String>>) -> Vec<u8> {
    let text = match file.map(|path| (path, read_at_most(path, LONGEST_FILE))) {
        None => Vec::new(),
        Some((_, Ok(text))) => text,
        Some((path, Err(error))) => {
            format!("Error on reading termination log {}: {error}", path.display()).into_bytes()
        }
    };
    match log {
        Some(lines) if text.is_empty() => end_of(lines),
        Some(_) | None => text,
    }
}

/// Returns the message of a container in a pod of so many: the runtime's first, on the same line.
///
/// `convertToKubeContainerStatus` glues; `status/status_manager.go`, `normalizeStatus`, cuts what was
/// glued, and counts the init and ephemeral containers, too.
pub(crate) fn message(runtime: Option<&str>, written: &[u8], containers: usize) -> Option<String> {
    let mut message = runtime.unwrap_or_default().as_bytes().to_vec();
    if !message.is_empty() && !written.is_empty() {
        message.extend(b": ");
    }
    message.extend(written);
    message.truncate(LONGEST_POD / containers.max(1));
    (!message.is_empty()).then(|| text_of(&message))
}

/// Returns how many containers share the space of a pod.
pub(crate) fn containers(pod: &Pod) -> usize {
    pod.spec.as_ref().map_or(0, |spec| {
        let init = spec.init_containers.as_ref().map_or(0, Vec::len);
        let ephemeral = spec.ephemeral_containers.as_ref().map_or(0, Vec::len);
        spec.containers.len() + init + ephemeral
    })
}

/// `readLastStringFromContainerLogs`: whole lines are counted first, then bytes.
fn end_of(lines: &VecDeque<String>) -> Vec<u8> {
    let first = lines.len().saturating_sub(MOST_LOG_LINES);
    let text: String = lines.iter().skip(first).flat_map(|line| [line.as_str(), "\n"]).collect();
    text.as_bytes()[text.len().saturating_sub(LONGEST_LOG)..].to_vec()
}

/// The cuts go by bytes. Go's JSON puts U+FFFD in the place of each byte that is then no character.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// What of a message is kept at most.
///
/// `container/runtime.go`, the `MaxContainerTerminationMessage…` constants.
const LONGEST_FILE: u64 = 4 << 10;
const LONGEST_POD: usize = 12 << 10;
const LONGEST_LOG: usize = 2 << 10;
pub(crate) const MOST_LOG_LINES: usize = 80;

#[cfg(test)]
mod tests;
