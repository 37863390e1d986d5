//! A namespace of the real control plane, a kubelet for it, and what a test does there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use control_plane::{Plane, PlaneOptions, program as program_of_interop};
use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    coordination::v1::Lease,
    core::v1::{ConfigMap, Namespace, Pod, ServiceAccount},
};
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, ObjectMeta, Patch, PatchParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
    core::GroupVersionKind,
};
use process_kubelet::{Config, Kubelet};
use serde_json::{Value, json};
use tokio::time::{self, Instant};

use super::{
    chart::{ACCOUNT, Chart, NAME, Release, own_rules},
    deployment::Workload,
    record::Record,
    verdict::{LEASE_DURATION, RETRY_PERIOD},
};

pub(crate) struct Site {
    pub(crate) client: Client,
    pub(crate) namespace: String,
    pub(crate) kubelet: Kubelet,
    pub(crate) pods: Record<Pod>,
    pub(crate) maps: Record<ConfigMap>,
    pub(crate) kubeconfig: PathBuf,
    chart: Chart,
}

static PLANE: LazyLock<Plane> = LazyLock::new(|| {
    let arguments = vec![format!("--controllers={CONTROLLERS}")];
    let options = PlaneOptions { arguments, ..PlaneOptions::default() };
    Plane::start(&options).expect("a control plane")
});
/// Tests may run at the same time: each has a network of its own.
static NETWORK: AtomicU8 = AtomicU8::new(0);

impl Site {
    /// With the chart as it is shipped.
    pub(crate) async fn new(namespace: &str) -> Self {
        Self::of(namespace, Chart::rendered("defaults")).await
    }

    /// With the chart's `rollout.oneHandover`.
    pub(crate) async fn one_handover(namespace: &str) -> Self {
        Self::of(namespace, Chart::rendered("one-handover")).await
    }

    async fn of(namespace: &str, chart: Chart) -> Self {
        let client = PLANE.client("admin").await.expect("a client");
        let metadata = ObjectMeta { name: Some(namespace.into()), ..ObjectMeta::default() };
        let object = Namespace { metadata, ..Namespace::default() };
        let namespaces: Api<Namespace> = Api::all(client.clone());
        namespaces.create(&PostParams::default(), &object).await.expect("it is created");

        let kubeconfig = PLANE.directory().join(format!("{namespace}.kubeconfig"));
        let program = |name: &str| (name.to_owned(), PathBuf::from(env!("CARGO_BIN_EXE_ticker")));
        let mut images: BTreeMap<_, _> =
            ["v1", "v2", "v3"].map(|version| program(&Release::image(version))).into();
        images
            .insert(Release::image("client-go"), program_of_interop("candidate").expect("INTEROP"));
        images.insert("sample:v1".into(), env!("CARGO_BIN_EXE_rollout-sample-pod").into());
        let config = Config {
            node: format!("node-of-{namespace}"),
            namespace: Some(namespace.into()),
            images,
            kubeconfigs: [(format!("{namespace}/{ACCOUNT}"), kubeconfig.clone())].into(),
            restart_backoff: Duration::from_secs(1),
            restart_backoff_max: Duration::from_secs(4),
            first_address: Ipv4Addr::new(127, 1, NETWORK.fetch_add(1, Ordering::Relaxed), 1),
            register_node: true,
            ..Config::default()
        };
        let kubelet = Kubelet::start(client.clone(), config);
        let pods = Record::start(Api::namespaced(client.clone(), namespace)).await;
        let maps = Record::start(Api::namespaced(client.clone(), namespace)).await;
        let namespace = namespace.to_owned();
        Self { client, namespace, kubelet, pods, maps, kubeconfig, chart }
    }

    /// Does what `helm install` does, and waits until all of it runs and counts.
    pub(crate) async fn install(&self, release: &Release) -> Workload {
        let workload = self.begin_install(release).await;
        workload.until_rolled(release).await;
        self.until_counted_by(release.version).await;
        workload
    }

    pub(crate) async fn begin_install(&self, release: &Release) -> Workload {
        self.prepare().await;
        self.upgrade(release).await;
        self.workload()
    }

    pub(crate) fn workload(&self) -> Workload {
        Workload::new(self.client.clone(), &self.namespace)
    }

    /// Makes everything but the pods.
    pub(crate) async fn prepare(&self) {
        for object in self.chart.around(&self.namespace).iter().chain(&own_rules(&self.namespace)) {
            self.apply(object).await;
        }
        self.write_kubeconfig().await;
    }

    /// Does what `helm upgrade` does.
    pub(crate) async fn upgrade(&self, release: &Release) {
        self.apply(&self.chart.deployment(&self.namespace, release)).await;
    }

    /// Does the same with a `StatefulSet`.
    pub(crate) async fn upgrade_stateful(&self, release: &Release) {
        self.apply(&self.chart.stateful_set(&self.namespace, release)).await;
    }

    /// Waits until this version counts, and has gone on for a while.
    pub(crate) async fn until_counted_by(&self, version: &str) {
        let counted = || {
            let ticks = self.maps.all();
            let ticks = ticks.iter().filter_map(super::record::Tick::of);
            ticks.filter(|tick| tick.version == version).count()
        };
        let enough = counted() + 20;
        poll("it counts", || async { (counted() >= enough).then_some(()) }).await;
    }

    /// Returns the holder of the Lease.
    pub(crate) async fn leader(&self) -> Option<String> {
        let lease = self.leases().get(NAME).await.expect("there is one");
        lease.spec?.holder_identity.filter(|holder| !holder.is_empty())
    }

    /// Waits until this pod leads, which a wish asks the leader for.
    pub(crate) async fn let_lead(&self, pod: &str) {
        poll("a wish is granted", || async {
            if self.leader().await.as_deref() == Some(pod) {
                return Some(());
            }
            // A wish counts once a term, and not at its beginning.
            time::sleep(LEASE_DURATION).await;
            for wish in [None, Some(pod)] {
                let wish = json!({ "metadata": { "annotations": { "kunobi.ninja/wish": wish } } });
                let parameters = PatchParams::default();
                let patched = self.leases().patch(NAME, &parameters, &Patch::Merge(wish)).await;
                patched.expect("it is patched");
            }
            time::sleep(RETRY_PERIOD * 4).await;
            None
        })
        .await;
    }

    fn leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Returns the requests for Leases under the service account of the pods, with the codes of the answers.
    pub(crate) fn lease_requests(&self) -> BTreeSet<(String, u64)> {
        let account = format!("system:serviceaccount:{}:{ACCOUNT}", self.namespace);
        let lines = PLANE.audit().expect("it can be read").into_iter();
        let ours = lines.filter(|line| line["user"]["username"] == account.as_str());
        let leases = ours.filter(|line| line["objectRef"]["resource"] == "leases");
        let verb = |line: &Value| line["verb"].as_str().unwrap_or_default().to_owned();
        let code = |line: &Value| line["responseStatus"]["code"].as_u64().unwrap_or_default();
        leases.map(|line| (verb(&line), code(&line))).collect()
    }

    /// Returns what every pod of this namespace printed, by its name.
    pub(crate) fn logs(&self) -> Vec<(String, Vec<String>)> {
        let pods = self.pods.all().into_iter().filter_map(|pod| pod.metadata.name);
        let names: BTreeSet<_> = pods.collect();
        let logs = |name: String| {
            let lines = self.kubelet.logs(&format!("{}/{name}", self.namespace));
            (name, lines)
        };
        names.into_iter().map(logs).collect()
    }

    async fn apply(&self, object: &Value) {
        let text = |pointer| object.pointer(pointer).and_then(Value::as_str).expect(pointer);
        let (group, version) = match text("/apiVersion").split_once('/') {
            Some((group, version)) => (group, version),
            None => ("", text("/apiVersion")),
        };
        let kind = GroupVersionKind::gvk(group, version, text("/kind"));
        let resource = ApiResource::from_gvk(&kind);
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &self.namespace, &resource);
        let parameters = PatchParams::apply("helm").force();
        let applied = api.patch(text("/metadata/name"), &parameters, &Patch::Apply(object)).await;
        applied.unwrap_or_else(|error| panic!("{}: {error}", text("/kind")));
    }

    /// Makes what takes the place of the mounted token: a token that the API server issues for the account.
    async fn write_kubeconfig(&self) {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), &self.namespace);
        let spec = Some(TokenRequestSpec::default());
        let request = TokenRequest { spec, ..TokenRequest::default() };
        let parameters = PostParams::default();
        let issued = accounts.create_token_request(ACCOUNT, &parameters, &request).await;
        let token = issued.expect("a token").status.expect("it is issued").token;
        let admin = PLANE.kubeconfig("admin").expect("there is one");
        let admin = Kubeconfig::read_from(admin).expect("it can be read");
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": "plane", "cluster": admin.clusters[0].cluster }],
            "users": [{ "name": ACCOUNT, "user": { "token": token } }],
            "contexts": [{ "name": "pod", "context": { "cluster": "plane", "user": ACCOUNT } }],
            "current-context": "pod",
        });
        fs::write(&self.kubeconfig, kubeconfig.to_string()).expect("it is written");
    }
}

/// Asks until `ask` returns something.
pub(crate) async fn poll<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) async fn client_without_retries() -> Client {
    let kubeconfig = PLANE.kubeconfig("admin").expect("there is one");
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("it can be read");
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .expect("it is a configuration");
    config.default_retry = false;
    Client::try_from(config).expect("a client")
}

pub(crate) fn admin_kubeconfig() -> &'static Path {
    PLANE.kubeconfig("admin").expect("there is one")
}

pub(crate) fn version_of_plane() -> &'static str {
    PLANE.version()
}

/// What a rollout needs of the controller manager, also one of a `StatefulSet`.
const CONTROLLERS: &str = "deployment-controller,replicaset-controller,statefulset-controller,\
    disruption-controller,namespace-controller,garbage-collector-controller,\
    serviceaccount-controller";
/// Longer than any rollout here takes.
const PATIENCE: Duration = Duration::from_secs(120);
