//! The status of a pod.

use jiff::Timestamp;
use k8s_openapi::{
    api::core::v1::{
        ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
        ContainerStatus, HostIP, Pod, PodCondition, PodIP, PodStatus,
    },
    apimachinery::pkg::apis::meta::v1::Time,
};

use super::{environment::Place, plan::RestartPolicy};

/// A container as its driver sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) restarts: i32,
    pub(crate) state: State,
    pub(crate) last: Option<Exit>,
    pub(crate) started: bool,
    pub(crate) ready: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    Waiting { reason: &'static str, message: Option<String> },
    Running { process: u32, since: Timestamp },
    Ended(Exit),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exit {
    /// `None` if it could not be started, or is not known any more.
    pub(crate) process: Option<u32>,
    pub(crate) code: i32,
    pub(crate) reason: &'static str,
    /// `None` if that is not known.
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) message: Option<String>,
}

/// Everything that the status of a pod follows from.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) pod: &'a Pod,
    pub(crate) place: &'a Place,
    pub(crate) views: &'a [View],
    /// Nothing of it will ever run again.
    pub(crate) over: bool,
    /// The status before, whose times hold for what has not changed since.
    pub(crate) before: &'a PodStatus,
    pub(crate) now: Timestamp,
}

impl View {
    pub(crate) fn new(name: &str, image: &str) -> Self {
        Self {
            name: name.into(),
            image: image.into(),
            restarts: 0,
            state: State::Waiting { reason: "ContainerCreating", message: None },
            last: None,
            started: false,
            ready: false,
        }
    }

    /// Returns how the last run ended, if none is under way.
    fn ended(&self) -> Option<&Exit> {
        match &self.state {
            State::Ended(exit) => Some(exit),
            State::Waiting { .. } => self.last.as_ref(),
            State::Running { .. } => None,
        }
    }

    fn status(&self) -> ContainerStatus {
        let process = match &self.state {
            State::Running { process, .. } => Some(*process),
            State::Ended(exit) => exit.process,
            State::Waiting { .. } => self.last.as_ref().and_then(|exit| exit.process),
        };
        ContainerStatus {
            name: self.name.clone(),
            image: self.image.clone(),
            image_id: self.image.clone(),
            container_id: process.map(container_id),
            restart_count: self.restarts,
            ready: self.ready,
            started: Some(self.started),
            state: Some(self.state.status()),
            last_state: self.last.as_ref().map(Exit::status),
            ..ContainerStatus::default()
        }
    }
}

impl State {
    fn status(&self) -> ContainerState {
        match self {
            Self::Waiting { reason, message } => {
                let reason = Some((*reason).to_owned());
                let waiting = ContainerStateWaiting { reason, message: message.clone() };
                ContainerState { waiting: Some(waiting), ..ContainerState::default() }
            }
            Self::Running { since, .. } => {
                let running = ContainerStateRunning { started_at: Some(Time(*since)) };
                ContainerState { running: Some(running), ..ContainerState::default() }
            }
            Self::Ended(exit) => exit.status(),
        }
    }
}

impl Exit {
    fn status(&self) -> ContainerState {
        let terminated = ContainerStateTerminated {
            container_id: self.process.map(container_id),
            exit_code: self.code,
            reason: Some(self.reason.into()),
            message: self.message.clone(),
            started_at: self.since.map(Time),
            finished_at: self.until.map(Time),
            signal: None,
        };
        ContainerState { terminated: Some(terminated), ..ContainerState::default() }
    }
}

impl Facts<'_> {
    /// Makes only the conditions that kubelet sets.
    pub(crate) fn status(&self) -> PodStatus {
        let address = self.place.address.to_string();
        let node = self.place.node_address.to_string();
        let phase = self.phase();
        PodStatus {
            phase: Some(phase.into()),
            conditions: Some(self.conditions(phase)),
            host_ip: Some(node.clone()),
            host_ips: Some(vec![HostIP { ip: node }]),
            pod_ip: Some(address.clone()),
            pod_ips: Some(vec![PodIP { ip: address }]),
            start_time: self.before.start_time.clone().or(Some(Time(self.now))),
            container_statuses: Some(self.views.iter().map(View::status).collect()),
            ..PodStatus::default()
        }
    }

    fn phase(&self) -> &'static str {
        let ends = self.views.iter().map(View::ended);
        let all_well = ends.clone().all(|exit| exit.is_some_and(|exit| exit.code == 0));
        let all_ended = ends.clone().all(|exit| exit.is_some());
        let never_ran =
            |view: &View| matches!(view.state, State::Waiting { .. }) && view.last.is_none();
        let policy = RestartPolicy::of(self.pod);
        if self.over {
            return if all_well { "Succeeded" } else { "Failed" };
        }
        if self.views.iter().any(never_ran) {
            return "Pending";
        }
        match policy {
            RestartPolicy::OnFailure | RestartPolicy::Never if all_well => "Succeeded",
            RestartPolicy::Never if all_ended => "Failed",
            RestartPolicy::Always | RestartPolicy::OnFailure | RestartPolicy::Never => "Running",
        }
    }

    fn conditions(&self, phase: &str) -> Vec<PodCondition> {
        let completed = phase == "Succeeded";
        let unready: Vec<&str> =
            self.views.iter().filter(|view| !view.ready).map(|view| view.name.as_str()).collect();
        let containers = match (completed, unready.as_slice()) {
            (true, _) => Some(("PodCompleted", None)),
            (false, []) => None,
            (false, unready) => {
                let message = format!("containers with unready status: [{}]", unready.join(" "));
                Some(("ContainersNotReady", Some(message)))
            }
        };
        let gate = self.closed_gate().map(|gate| {
            ("ReadinessGatesNotReady", Some(format!("the readiness gate {gate} is not True")))
        });
        vec![
            self.condition("PodScheduled", None),
            self.condition("PodReadyToStartContainers", None),
            self.condition("Initialized", None),
            self.condition("ContainersReady", containers.clone()),
            self.condition("Ready", containers.or(gate)),
        ]
    }

    fn closed_gate(&self) -> Option<&str> {
        let is_open = |gate: &&str| {
            let conditions = self.pod.status.iter().flat_map(|status| status.conditions.iter());
            conditions.flatten().any(|found| found.type_ == *gate && found.status == "True")
        };
        let gates = self.pod.spec.as_ref()?.readiness_gates.iter().flatten();
        gates.map(|gate| gate.condition_type.as_str()).find(|gate| !is_open(gate))
    }

    fn condition(
        &self,
        kind: &str,
        false_because: Option<(&'static str, Option<String>)>,
    ) -> PodCondition {
        let status = if false_because.is_none() { "True" } else { "False" };
        let (reason, message) = false_because.unzip();
        let same = |found: &&PodCondition| found.type_ == kind && found.status == status;
        let since = self.before.conditions.iter().flatten().find(same);
        let since = since.and_then(|found| found.last_transition_time.clone());
        PodCondition {
            type_: kind.into(),
            status: status.into(),
            reason: reason.map(Into::into),
            message: message.flatten(),
            last_transition_time: since.or(Some(Time(self.now))),
            ..PodCondition::default()
        }
    }
}

fn container_id(process: u32) -> String {
    format!("process://{process}")
}

#[cfg(test)]
mod tests;
