//! The driver of the node: takes pods, and sends their changes to their drivers.

mod registration;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::Arc,
    time::Duration,
};

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt,
    runtime::watcher::{self, Event},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{self, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{
    addresses::Addresses,
    api::PodApi,
    config::Config,
    environment::Place,
    files::Files,
    logs::Logs,
    pod::{PodDriver, Seen, Shared},
};

pub(crate) struct Node {
    shared: Shared,
    relist: watch::Sender<()>,
    addresses: Addresses,
    /// By uid.
    pods: BTreeMap<String, Known>,
    drivers: JoinSet<String>,
    /// The uids of pods that ended, whose last events may be heard of only now.
    over: BTreeSet<String>,
    /// Bindings that are being written, by uid.
    binding: BTreeSet<String>,
    binders: JoinSet<String>,
    /// The uids that the list which is being read had so far.
    listed: BTreeSet<String>,
}

#[derive(Debug)]
struct Known {
    seen: watch::Sender<Seen>,
    address: Ipv4Addr,
    last: Arc<Pod>,
}

impl Node {
    pub(crate) fn new(client: Client, config: Config, logs: Logs, stop: CancellationToken) -> Self {
        let addresses = Addresses::new(config.first_address);
        let relist = watch::Sender::new(());
        let shared = Shared {
            client,
            config: Arc::new(config),
            logs,
            files: Files::new(),
            relist: relist.subscribe(),
            stop,
        };
        Self {
            shared,
            relist,
            addresses,
            pods: BTreeMap::new(),
            drivers: JoinSet::new(),
            over: BTreeSet::new(),
            binding: BTreeSet::new(),
            binders: JoinSet::new(),
            listed: BTreeSet::new(),
        }
    }

    pub(crate) async fn run(mut self) {
        let client = self.shared.client.clone();
        let api: Api<Pod> = match &self.shared.config.namespace {
            Some(namespace) => Api::namespaced(client.clone(), namespace),
            None => Api::all(client.clone()),
        };
        let mut registration = JoinSet::new();
        if self.shared.config.register_node {
            registration.spawn(registration::keep(client, Arc::clone(&self.shared.config)));
        }
        let mut events = std::pin::pin!(watcher::watcher(api, watcher::Config::default()));
        let mut relists = time::interval(self.shared.config.relist_period.max(SHORTEST_RELIST));
        relists.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = self.shared.stop.clone();
        let mut failed = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                event = events.next(), if !failed => match event {
                    Some(Ok(event)) => self.heard(event),
                    Some(Err(error)) => {
                        tracing::warn!(%error, "the watch of the pods failed");
                        failed = true;
                    }
                    None => failed = true,
                },
                _ = relists.tick() => self.relist.send_modify(|()| {}),
                () = time::sleep(RETRY), if failed => failed = false,
                Some(Ok(uid)) = self.drivers.join_next() => self.ended(&uid),
                Some(Ok(uid)) = self.binders.join_next() => {
                    self.binding.remove(&uid);
                }
            }
        }
        while self.drivers.join_next().await.is_some() {}
    }

    fn heard(&mut self, event: Event<Pod>) {
        match event {
            Event::Apply(pod) => self.is_here(pod),
            Event::Delete(pod) => self.is_gone(pod),
            Event::Init => self.listed.clear(),
            Event::InitApply(pod) => {
                self.listed.extend(pod.uid());
                self.is_here(pod);
            }
            Event::InitDone => {
                let listed = std::mem::take(&mut self.listed);
                self.over.retain(|uid| listed.contains(uid));
                for (_, known) in self.pods.iter().filter(|(uid, _)| !listed.contains(*uid)) {
                    known.seen.send_replace(Seen::Gone(Arc::clone(&known.last)));
                }
            }
        }
    }

    fn is_here(&mut self, pod: Pod) {
        let uid = pod.uid().unwrap_or_default();
        if self.over.contains(&uid) {
            return;
        }
        let pod = Arc::new(pod);
        if let Some(known) = self.pods.get_mut(&uid) {
            known.last = Arc::clone(&pod);
            known.seen.send_replace(Seen::Here(pod));
            return;
        }
        let spec = pod.spec.as_ref();
        let is_gated = spec.and_then(|spec| spec.scheduling_gates.as_ref());
        match spec.and_then(|spec| spec.node_name.as_deref()).filter(|node| !node.is_empty()) {
            Some(node) if node == self.shared.config.node => self.run_pod(uid, pod),
            Some(_) => {}
            None if is_gated.is_some_and(|gates| !gates.is_empty()) => {}
            None if pod.metadata.deletion_timestamp.is_some() => {}
            None => self.bind(uid, &pod),
        }
    }

    fn is_gone(&mut self, pod: Pod) {
        if let Some(known) = self.pods.get(&pod.uid().unwrap_or_default()) {
            known.seen.send_replace(Seen::Gone(Arc::new(pod)));
        }
    }

    fn bind(&mut self, uid: String, pod: &Pod) {
        if !self.binding.insert(uid.clone()) {
            return;
        }
        let api = PodApi::new(&self.shared.client, pod);
        let node = self.shared.config.node.clone();
        self.binders.spawn(async move {
            api.bind(&node).await;
            uid
        });
    }

    fn run_pod(&mut self, uid: String, pod: Arc<Pod>) {
        let Some(address) = self.addresses.take() else {
            tracing::error!(pod = pod.name_any(), "no address is left");
            return;
        };
        tracing::info!(pod = pod.name_any(), %address, "a pod begins");
        let seen = watch::Sender::new(Seen::Here(Arc::clone(&pod)));
        let config = &self.shared.config;
        let place = Place { node: config.node.clone(), node_address: config.node_address, address };
        let driver = PodDriver::new(self.shared.clone(), place, seen.subscribe());
        self.pods.insert(uid.clone(), Known { seen, address, last: pod });
        self.drivers.spawn(async move {
            driver.run().await;
            uid
        });
    }

    fn ended(&mut self, uid: &str) {
        if let Some(known) = self.pods.remove(uid) {
            self.addresses.give_back(known.address);
            self.over.insert(uid.into());
        }
    }
}

const SHORTEST_RELIST: Duration = Duration::from_millis(1);
const RETRY: Duration = Duration::from_millis(500);
