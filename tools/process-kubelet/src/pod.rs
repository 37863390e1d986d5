//! The driver of one pod: its containers, its status, its end.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, PodStatus};
use kube::{Client, ResourceExt};
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver},
        watch,
    },
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;

use super::{
    api::PodApi,
    backoff::Backoff,
    config::Config,
    container::{Container, Links},
    environment::Place,
    files::Files,
    logs::Logs,
    plan::Plan,
    process::Orphans,
    shutdown::grace_of,
    status::{Facts, State, View},
};

/// What the API server says of a pod.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    Here(Arc<Pod>),
    /// Its end was not awaited.
    Gone(Arc<Pod>),
}

/// What the drivers of all pods share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) config: Arc<Config>,
    pub(crate) logs: Logs,
    pub(crate) files: Files,
    pub(crate) relist: watch::Receiver<()>,
    pub(crate) stop: CancellationToken,
}

pub(crate) struct PodDriver {
    shared: Shared,
    place: Place,
    seen: watch::Receiver<Seen>,
    pod: Arc<Pod>,
    gone: bool,
    views: Vec<View>,
    /// What of them the status says.
    shown: Vec<View>,
    reports: UnboundedReceiver<(usize, View)>,
    links: Links,
    ending: watch::Sender<Option<Duration>>,
    containers: JoinSet<()>,
}

impl PodDriver {
    pub(crate) fn new(shared: Shared, place: Place, mut seen: watch::Receiver<Seen>) -> Self {
        let pod = Arc::clone(seen.borrow_and_update().pod());
        let (sender, reports) = mpsc::unbounded_channel();
        let ending = watch::Sender::new(None);
        let links = Links {
            pod: key(&pod),
            uid: pod.uid().unwrap_or_default(),
            seen: seen.clone(),
            logs: shared.logs.clone(),
            files: shared.files.clone(),
            orphans: Orphans::default(),
            relist: shared.relist.clone(),
            reports: sender,
            ending: ending.subscribe(),
            stop: shared.stop.clone(),
        };
        Self {
            shared,
            place,
            seen,
            pod,
            gone: false,
            views: Vec::new(),
            shown: Vec::new(),
            reports,
            links,
            ending,
            containers: JoinSet::new(),
        }
    }

    pub(crate) async fn run(self) {
        let (files, uid) = (self.shared.files.clone(), self.links.uid.clone());
        self.live().await;
        files.remove(&uid);
    }

    async fn live(mut self) {
        let api = PodApi::new(&self.shared.client, &self.pod);
        let before = self.pod.status.clone().unwrap_or_default();
        // A pod that is over stays over; a pod that another kubelet ran is started again.
        let over = matches!(before.phase.as_deref(), Some("Succeeded" | "Failed"));
        let status = watch::Sender::new(before);
        let mut writer = JoinSet::new();
        writer.spawn(api.clone().write_statuses(status.subscribe()));
        if !over {
            self.start();
            self.publish(&status, false);
        }
        self.begin_end();
        while !(self.is_ending() && self.containers.is_empty()) {
            tokio::select! {
                Ok(()) = self.seen.changed() => self.look(),
                Some((number, view)) = self.reports.recv() => self.heard(number, view),
                Some(_) = self.containers.join_next() => self.collect(),
                () = self.shared.stop.cancelled() => break,
            }
            if !over {
                self.publish(&status, false);
            }
        }
        if self.shared.stop.is_cancelled() {
            while self.containers.join_next().await.is_some() {}
            return;
        }
        self.collect();
        self.links.orphans.kill();
        tracing::info!(pod = self.links.pod, gone = self.gone, "a pod ended");
        if self.gone {
            return;
        }
        if !over {
            self.shown.clone_from(&self.views);
            self.publish(&status, true);
        }
        drop(status);
        let stop = self.shared.stop.clone();
        let finish = async {
            // The object is deleted even if its last status can't be written.
            let _ = time::timeout(LAST_STATUS, writer.join_next()).await;
            api.delete().await;
        };
        tokio::select! {
            () = finish => {}
            () = stop.cancelled() => {}
        }
    }

    fn start(&mut self) {
        let config = Arc::clone(&self.shared.config);
        let pod = Arc::clone(&self.pod);
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        for (number, container) in containers.enumerate() {
            let image = container.image.as_deref().unwrap_or_default();
            let mut view = View::new(&container.name, image);
            if pod.metadata.deletion_timestamp.is_none() {
                match Plan::new(&config, &pod, container, &self.place) {
                    Ok(plan) => self.spawn(number, plan, &view),
                    Err(refusal) => {
                        let message = Some(refusal.message);
                        view.state = State::Waiting { reason: refusal.reason, message };
                    }
                }
            }
            self.views.push(view);
        }
        self.shown.clone_from(&self.views);
    }

    fn spawn(&mut self, number: usize, plan: Plan, view: &View) {
        let config = &self.shared.config;
        let backoff = Backoff::new(config.restart_backoff, config.restart_backoff_max);
        let container = Container::new(number, plan, view.clone(), backoff, self.links.clone());
        self.containers.spawn(container.run());
    }

    fn look(&mut self) {
        let seen = self.seen.borrow_and_update().clone();
        self.gone = matches!(seen, Seen::Gone(_));
        self.pod = Arc::clone(seen.pod());
        self.begin_end();
    }

    /// Passes a deletion on, and each later one that is more hurried.
    fn begin_end(&mut self) {
        if !self.gone && self.pod.metadata.deletion_timestamp.is_none() {
            return;
        }
        let grace = grace_of(&self.pod);
        self.ending.send_if_modified(|ending| {
            let hurries = ending.is_none_or(|before| grace < before);
            if hurries {
                *ending = Some(grace);
            }
            hurries
        });
    }

    fn is_ending(&self) -> bool {
        self.ending.borrow().is_some()
    }

    /// A container reports before it ends, but the two may be heard of in either order.
    fn collect(&mut self) {
        while let Ok((number, view)) = self.reports.try_recv() {
            self.heard(number, view);
        }
    }

    /// Of a pod that is to end no end is told before all its containers have ended.
    ///
    /// Kubernetes 1.37, `pkg/kubelet/kubelet.go`, `SyncTerminatingPod`: it makes a status before it
    /// ends them and one afterwards.
    fn heard(&mut self, number: usize, view: View) {
        let ran = matches!(self.shown[number].state, State::Running { .. });
        let has_ended = matches!(view.state, State::Ended(_));
        if !(self.is_ending() && ran && has_ended) {
            self.shown[number] = view.clone();
        }
        self.views[number] = view;
    }

    fn publish(&self, status: &watch::Sender<PodStatus>, over: bool) {
        let facts = Facts {
            pod: &self.pod,
            place: &self.place,
            views: &self.shown,
            over,
            before: &status.borrow(),
            now: Timestamp::now(),
        }
        .status();
        status.send_if_modified(|status| {
            let changed = *status != facts;
            *status = facts;
            changed
        });
    }
}

impl Seen {
    pub(crate) fn pod(&self) -> &Arc<Pod> {
        match self {
            Self::Here(pod) | Self::Gone(pod) => pod,
        }
    }
}

fn key(pod: &Pod) -> String {
    format!("{}/{}", pod.namespace().unwrap_or_default(), pod.name_any())
}

const LAST_STATUS: Duration = Duration::from_secs(10);
