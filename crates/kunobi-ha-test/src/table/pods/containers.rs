//! What the containers of a pod do.

use jiff::Timestamp;
use serde_json::Value;

use crate::table::{
    age,
    field::{condition, flag, is_true, list, number, some, text},
};

pub(super) struct Progress {
    pub(super) ready: usize,
    pub(super) total: usize,
    /// In a word.
    pub(super) reason: String,
    pub(super) restarts: i64,
    pub(super) last_restart: Option<Timestamp>,
}

/// How often containers were started again, and when the last of them had ended.
#[derive(Clone, Copy, Default)]
struct Restarts {
    count: i64,
    last: Option<Timestamp>,
}

/// What the init containers do.
struct Initialization {
    restarts: Restarts,
    /// Of those that go on beside the containers.
    of_sidecars: Restarts,
    ready: usize,
    /// Why it is not over.
    reason: Option<String>,
}

impl Progress {
    pub(super) fn of(pod: &Value) -> Self {
        let init = Initialization::of(pod);
        let sidecars = list(pod, "/spec/initContainers").iter().filter(|it| is_sidecar(it));
        let mut progress = Self {
            ready: init.ready,
            total: list(pod, "/spec/containers").len() + sidecars.count(),
            reason: init.reason.clone().unwrap_or_else(|| phase(pod)),
            restarts: init.restarts.count,
            last_restart: init.restarts.last,
        };
        let is_initialized = is_true(condition(pod, "/status/conditions", "Initialized"));
        if init.reason.is_none() || is_initialized {
            progress.add_containers(pod, init.of_sidecars);
        }
        progress
    }

    fn add_containers(&mut self, pod: &Value, mut restarts: Restarts) {
        let (mut runs, mut error) = (false, None);
        // The first container has the last word.
        for container in list(pod, "/status/containerStatuses").iter().rev() {
            restarts.add(container);
            let waiting = text(container, "/state/waiting/reason");
            if !waiting.is_empty() {
                self.reason = waiting.into();
            } else if let Some(end) = some(container, "/state/terminated") {
                self.reason = ending("", end);
                if number(end, "/exitCode") != 0 {
                    error = Some(self.reason.clone());
                }
            } else if flag(container, "/ready") && some(container, "/state/running").is_some() {
                runs = true;
                self.ready += 1;
            }
        }
        (self.restarts, self.last_restart) = (restarts.count, restarts.last);
        if self.reason == "Completed" {
            let is_ready = || is_true(condition(pod, "/status/conditions", "Ready"));
            match error {
                _ if runs && is_ready() => self.reason = "Running".into(),
                Some(error) => self.reason = error,
                None if runs => self.reason = "NotReady".into(),
                None => {}
            }
        }
    }
}

impl Initialization {
    fn of(pod: &Value) -> Self {
        let mut init = Self {
            restarts: Restarts::default(),
            of_sidecars: Restarts::default(),
            ready: 0,
            reason: None,
        };
        let specs = list(pod, "/spec/initContainers");
        for (index, container) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
            let spec = specs.iter().rfind(|it| text(it, "/name") == text(container, "/name"));
            let is_sidecar = spec.is_some_and(is_sidecar);
            init.restarts.add(container);
            if is_sidecar {
                init.of_sidecars.add(container);
            }
            let end = some(container, "/state/terminated");
            if end.is_some_and(|end| number(end, "/exitCode") == 0) {
                continue;
            }
            if is_sidecar && flag(container, "/started") {
                init.ready += usize::from(flag(container, "/ready"));
                continue;
            }
            let waiting = text(container, "/state/waiting/reason");
            init.reason = Some(match (end, waiting) {
                (Some(end), _) => ending("Init:", end),
                (None, "" | "PodInitializing") => format!("Init:{index}/{}", specs.len()),
                (None, waiting) => format!("Init:{waiting}"),
            });
            break;
        }
        init
    }
}

impl Restarts {
    fn add(&mut self, container: &Value) {
        self.count += number(container, "/restartCount");
        let end = age::moment(container.pointer("/lastState/terminated/finishedAt"));
        self.last = self.last.max(end);
    }
}

/// What the pod says of itself.
fn phase(pod: &Value) -> String {
    let is_gated = |condition: &Value| {
        text(condition, "/type") == "PodScheduled"
            && text(condition, "/reason") == "SchedulingGated"
    };
    if list(pod, "/status/conditions").iter().any(is_gated) {
        return "SchedulingGated".into();
    }
    let reason = Some(text(pod, "/status/reason")).filter(|reason| !reason.is_empty());
    reason.unwrap_or_else(|| text(pod, "/status/phase")).into()
}

/// How a container has ended.
fn ending(before: &str, end: &Value) -> String {
    match (text(end, "/reason"), number(end, "/signal")) {
        ("", 0) => format!("{before}ExitCode:{}", number(end, "/exitCode")),
        ("", signal) => format!("{before}Signal:{signal}"),
        (reason, _) => format!("{before}{reason}"),
    }
}

/// An init container that goes on.
fn is_sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}
