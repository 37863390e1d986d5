//! From the end of an instance to the start of the next one.
//!
//! The places are those of Kubernetes 1.37, below `pkg/kubelet`.

use std::{mem, time::Duration};

use kube::ResourceExt;
use tokio::time;

use super::{Container, End};
use crate::{
    accidents::{self, Accident},
    backoff::text_of,
    plan::RestartPolicy,
    status::{Exit, State},
    termination,
};

impl Container {
    /// Waits until the next instance is to be started; false if there is none.
    pub(super) async fn until_next(&mut self, end: End) -> bool {
        let (finished, code) = (end.finished, end.exit.code);
        let before = self.finished.replace(finished);
        if end.failed && self.restarts_at_once(before) {
            self.last = Some(end);
            self.view.restarts += 1;
            return true;
        }
        self.relisted().await;
        if end.accident == Some(Accident::Gone) && !self.is_ending() {
            self.forget(end);
            return true;
        }
        self.show(State::Ended(self.told(&end)));
        if self.is_ending() || !self.plan.policy.restarts(code) {
            return false;
        }
        let pause = self.backoff.pause(finished, self.age());
        let before = self.last.replace(end);
        if !pause.is_zero() {
            self.pause(pause).await;
        }
        if self.is_ending() {
            if let Some(end) = mem::replace(&mut self.last, before) {
                self.show(State::Ended(self.told(&end)));
            }
            return false;
        }
        self.backoff.restarted(finished, self.age());
        self.view.restarts += 1;
        true
    }

    /// A container that the runtime does not know is started, whatever the policy; what kubelet makes
    /// up of its end does not take the place of an end that it knew.
    ///
    /// `kubelet_pods.go`, `convertToAPIContainerStatuses`; `container/helpers.go`,
    /// `ShouldContainerBeRestarted`.
    fn forget(&mut self, end: End) {
        self.finished = None;
        self.last.get_or_insert(end);
        self.view.restarts += 1;
        self.show(State::Waiting { reason: "ContainerCreating", message: None });
    }

    /// Tells the state, and anew what the last instance said: kubelet keeps its file as long as the
    /// container, and reads all files of a pod whenever a container of it has changed.
    ///
    /// `kuberuntime/kuberuntime_container.go`, `getPodContainerStatuses`.
    pub(super) fn show(&mut self, state: State) {
        self.view.last = self.last.as_ref().map(|end| self.told(end));
        self.view.state = state;
        self.report();
    }

    /// A kill that a probe asked for and the start after it are one step: nobody looks in between, the
    /// exit code does not matter, and the back-off counts from the end of the instance before.
    ///
    /// `kuberuntime/kuberuntime_manager.go`, `computePodActions`, `SyncPod` and `doBackOff`, whose
    /// status is that from before the kill.
    fn restarts_at_once(&mut self, before: Option<Duration>) -> bool {
        if self.is_ending() || self.plan.policy == RestartPolicy::Never {
            return false;
        }
        let now = self.age();
        let Some(before) = before else {
            return true;
        };
        let is_over = self.backoff.pause(before, now).is_zero();
        if is_over {
            self.backoff.restarted(before, now);
        }
        is_over
    }

    /// Reads what an instance said of its end. Kubelet reads it as late as it looks.
    fn told(&self, end: &End) -> Exit {
        let exit = end.exit.clone();
        if end.accident == Some(Accident::Gone) {
            let message = Some(accidents::NOT_LOCATED.into());
            return Exit { process: None, since: None, until: None, message, ..exit };
        }
        let written = termination::written(end.file.as_deref(), end.log.as_ref());
        let seen = self.links.seen.borrow();
        let runtime = exit.message.or_else(|| accidents::message(seen.pod(), &self.view.name));
        let containers = termination::containers(seen.pod());
        let message = termination::message(runtime.as_deref(), &written, containers);
        Exit { message, ..exit }
    }

    /// Waits until kubelet looks at its containers again. Whoever ends a pod looks at once.
    ///
    /// `pleg/generic.go`, `Relist`; `kubelet.go`, `SyncTerminatingPod`, which asks the runtime itself
    /// when all containers have ended.
    async fn relisted(&mut self) {
        self.links.relist.mark_unchanged();
        tokio::select! {
            _ = self.links.relist.changed() => {}
            _ = self.links.ending.wait_for(Option::is_some) => {}
            () = self.links.stop.cancelled() => {}
        }
    }

    /// Waits out a back-off, unless the pod is to end meanwhile.
    async fn pause(&mut self, pause: Duration) {
        let message = Some(self.pause_message());
        self.show(State::Waiting { reason: "CrashLoopBackOff", message });
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = self.links.ending.wait_for(Option::is_some) => {}
            () = self.links.stop.cancelled() => {}
        }
    }

    /// `kuberuntime/kuberuntime_manager.go`, `doBackOff`.
    fn pause_message(&self) -> String {
        let pause = text_of(self.backoff.current());
        let seen = self.links.seen.borrow();
        let (pod, container) = (seen.pod(), &self.view.name);
        let (name, namespace) = (pod.name_any(), pod.namespace().unwrap_or_default());
        let uid = &self.links.uid;
        format!(
            "back-off {pause} restarting failed container={container} pod={name}_{namespace}({uid})"
        )
    }
}
