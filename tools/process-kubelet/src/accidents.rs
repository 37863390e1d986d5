//! What annotations of a pod let happen to its containers: for tests of what relies on statuses.

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

/// How an instance ends. The value of `end.process-kubelet/CONTAINER` begins with it.
///
/// The places are those of containerd 2.3, below `internal/cri/server` if not said otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Accident {
    /// `kill`: SIGKILL.
    Kill,
    /// `oom`: SIGKILL, for want of memory (`events.go`, `handleContainerExit`).
    OutOfMemory,
    /// `shim-lost`: the runtime makes up a SIGKILL, and the process lives on (`core/runtime/v2/shim.go`,
    /// `cleanupAfterDeadShim`).
    ShimLost,
    /// `unknown`: the runtime finds no task after its own restart, and the process lives on
    /// (`restart.go`, `loadContainer`).
    Unknown,
    /// `gone`: the runtime does not know the container any more, and the process lives on (kubelet's
    /// `kubelet_pods.go`, `convertToAPIContainerStatuses`).
    Gone,
}

impl Accident {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_whitespace().next()? {
            "kill" => Some(Self::Kill),
            "oom" => Some(Self::OutOfMemory),
            "shim-lost" => Some(Self::ShimLost),
            "unknown" => Some(Self::Unknown),
            "gone" => Some(Self::Gone),
            _ => None,
        }
    }

    /// Returns the exit code that is made up, if the process lives on.
    pub(crate) fn made_up(self) -> Option<i32> {
        match self {
            Self::Kill | Self::OutOfMemory => None,
            Self::ShimLost | Self::Gone => Some(KILLED),
            Self::Unknown => Some(UNKNOWN),
        }
    }

    /// Returns the reason of an end with this code.
    pub(crate) fn reason(accident: Option<Self>, code: i32) -> &'static str {
        match (accident, code) {
            (Some(Self::Gone), _) => "ContainerStatusUnknown",
            (Some(Self::Unknown), _) => "Unknown",
            (Some(Self::OutOfMemory), KILLED) => "OOMKilled",
            (Some(Self::Kill | Self::OutOfMemory | Self::ShimLost) | None, 0) => "Completed",
            (Some(Self::Kill | Self::OutOfMemory | Self::ShimLost) | None, _) => "Error",
        }
    }
}

/// What is to happen to a container, as it is written.
pub(crate) fn asked(pod: &Pod, container: &str) -> Option<String> {
    annotation(pod, "end", container)
}

/// What the container runtime says of the end of a container.
pub(crate) fn message(pod: &Pod, container: &str) -> Option<String> {
    annotation(pod, "message", container)
}

/// The name of the file that takes the place of a file of its own.
pub(crate) fn file(pod: &Pod, container: &str) -> Option<String> {
    annotation(pod, "file", container)
}

fn annotation(pod: &Pod, what: &str, container: &str) -> Option<String> {
    pod.annotations().get(&format!("{what}.process-kubelet/{container}")).cloned()
}

/// What container runtimes say of what they lost.
pub(crate) const UNKNOWN: i32 = 255;
const KILLED: i32 = 137;

/// What kubelet says of a container that the runtime does not know.
pub(crate) const NOT_LOCATED: &str = "The container could not be located when the pod was deleted.  The container used to be Running";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_reasons_are_those_of_containerd() {
        let told = |text: &str| {
            let accident = Accident::parse(text).unwrap();
            let code = accident.made_up().unwrap_or(KILLED);
            (code, Accident::reason(Some(accident), code))
        };
        assert_eq!(told("kill"), (137, "Error"));
        assert_eq!(told("oom again"), (137, "OOMKilled"));
        assert_eq!(told("shim-lost"), (137, "Error"));
        assert_eq!(told("unknown"), (255, "Unknown"));
        assert_eq!(told("gone"), (137, "ContainerStatusUnknown"));
        assert_eq!(Accident::reason(Some(Accident::OutOfMemory), 1), "Error");
        assert_eq!(Accident::reason(None, 0), "Completed");
        assert_eq!(Accident::parse("lose"), None);
        assert_eq!(Accident::parse(""), None);
    }
}
