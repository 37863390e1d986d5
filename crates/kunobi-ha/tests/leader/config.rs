//! Elections that make their own clients from a `kube::Config`: over TCP, on the real clock.

use std::{
    env, fs,
    net::SocketAddr,
    path::PathBuf,
    process,
    time::{Duration, Instant},
};

use kube::{
    Api, Client, Config,
    config::{AuthInfo, ExecConfig, ExecInteractiveMode},
};
use kunobi_ha::{
    Error,
    leader::{LeaderElection, LeaderElectionBuilder, Release},
};
use kunobi_ha_test::{Fault, Faults, Listener, TestServer};
use tokio::runtime::{Builder, Runtime};

use crate::proxy::Proxy;

#[tokio::test]
async fn nothing_is_lost_when_all_connections_go_silent_however_many_there_are() {
    futures::future::join_all([1, 2, 6].map(survive)).await;
}

async fn survive(pooled: usize) {
    let (server, listener) = serve().await;
    let proxy = Proxy::to(listener.address()).await;
    let config = config(proxy.address());
    let guard = election(config.clone()).build().acquire().await.unwrap();
    let _controllers = open(&server, config, pooled).await;
    assert!(proxy.opened() > pooled);

    proxy.silence();
    let (died, opened) = (Instant::now(), proxy.opened());
    renewed(&server).await;
    println!("{pooled} connections: renewed {:?} after they died", died.elapsed());
    // That client is used from now on, and nothing waits for the dead ones again.
    let slowest = renewed_in(&server, 3).await;
    assert!(slowest < Duration::from_millis(700), "{slowest:?}");
    assert_eq!(proxy.opened() - opened, 1);
    assert!(guard.is_leader());
    assert_eq!(guard.step_down().await, Release::Released);
}

#[tokio::test]
async fn the_watch_moves_to_the_new_connection() {
    let (server, listener) = serve().await;
    let proxy = Proxy::to(listener.address()).await;
    let guard = election(config(proxy.address())).watch(true).build().acquire().await.unwrap();
    let watches = || server.requests().iter().filter(|request| !request.query.is_empty()).count();
    until("the watch is open", || watches() == 1).await;
    proxy.silence();
    until("the watch is open again", || watches() == 2).await;
    assert!(guard.is_leader());
}

#[tokio::test]
async fn a_plugin_that_hangs_holds_up_no_renewal() {
    let (server, listener) = serve().await;
    let plugin = Plugin::new("hanging");
    let config = plugin.config(listener.address());
    let guard = election(config).build().acquire().await.unwrap();
    let runs = plugin.runs();

    plugin.hold();
    server.script(CLIENT, [Fault::Hang]);
    until("a new client is being made", || plugin.runs() > runs).await;
    let waited = Instant::now();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(waited.elapsed() < Duration::from_millis(300), "the runtime is not held up");
    let slowest = renewed_in(&server, 5).await;
    println!("renewed beside a plugin that hangs, after {slowest:?} at most");
    assert_eq!(plugin.runs(), runs + 1, "one hangs at a time");
    assert!(guard.is_leader());
    plugin.release();
}

#[tokio::test]
async fn an_outage_runs_the_plugin_once_and_opens_a_connection_for_each_attempt() {
    let (server, listener) = serve().await;
    let plugin = Plugin::new("outage");
    let election = election(plugin.config(listener.address())).build();
    let mut guard = election.acquire().await.unwrap();
    let (runs, asked) = (plugin.runs(), server.requests().len());
    server.set_faults(CLIENT, Faults { cut_requests: true, ..Faults::default() });
    guard.lost().await;
    drop(guard);
    let candidacy = tokio::spawn(async move { election.acquire().await });
    let unanswered = || server.requests().split_off(asked);
    until("it goes on trying", || unanswered().len() >= 5).await;
    server.heal(CLIENT);
    assert!(candidacy.await.unwrap().unwrap().is_leader());

    // kube runs it more than once for each client.
    assert_eq!(plugin.runs(), 2 * runs);
    let mut connections: Vec<_> =
        unanswered()[1..5].iter().map(|request| request.connection).collect();
    connections.sort_unstable();
    connections.dedup();
    assert_eq!(connections.len(), 4);
}

#[tokio::test]
async fn a_client_that_can_not_be_made_is_the_trouble_and_is_made_at_the_next_request() {
    let (_server, listener) = serve().await;
    let plugin = Plugin::new("failing");
    plugin.fail();
    let config = plugin.config(listener.address());
    let election = election(config).observe_timeout(Duration::from_secs(1)).build();
    let Err(error) = election.acquire().await else { panic!("nobody can lead") };
    assert!(matches!(error, Error::ObserveTimeout(..)), "{error:?}");
    let text = format!("{error} {:?}", std::error::Error::source(&error));
    assert!(text.contains("no credentials today"), "{text}");

    plugin.release();
    let guard = election.acquire().await.unwrap();
    assert!(guard.is_leader());
}

#[test]
fn an_election_moves_to_another_runtime() {
    let servers = runtime();
    let (server, listener) = servers.block_on(serve());
    let election = election(config(listener.address())).build();
    let first = runtime();
    let guard = first.block_on(election.acquire()).unwrap();
    drop(first);
    drop(guard);
    runtime().block_on(async {
        let guard = election.acquire().await.unwrap();
        renewed(&server).await;
        assert!(guard.is_leader());
        assert_eq!(guard.step_down().await, Release::Released);
    });
}

#[test]
fn a_blocking_pool_that_is_full_holds_up_nothing() {
    let servers = runtime();
    let (_server, listener) = servers.block_on(serve());
    let crowded = Builder::new_current_thread().enable_all().max_blocking_threads(1).build();
    let crowded = crowded.unwrap();
    let (leave, stay) = std::sync::mpsc::channel::<()>();
    crowded.spawn_blocking(move || stay.recv());
    crowded.block_on(async {
        // A name has to be resolved, which happens in a blocking pool.
        let address = format!("http://localhost:{}", listener.address().port());
        let election = election(Config::new(address.parse().unwrap())).build();
        let guard = tokio::time::timeout(Duration::from_secs(20), election.acquire()).await;
        assert!(guard.expect("it leads").unwrap().is_leader());
    });
    drop(leave);
}

async fn serve() -> (TestServer, Listener) {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    (server, listener)
}

fn config(address: SocketAddr) -> Config {
    Config::new(format!("http://{address}").parse().unwrap())
}

/// An election whose second attempts join after half a second.
fn election(config: Config) -> LeaderElectionBuilder {
    LeaderElection::builder(config, "default", "l")
        .identity("a")
        .lease_duration(Duration::from_secs(3))
        .renew_deadline(Duration::from_secs(2))
        .retry_period(Duration::from_millis(400))
}

/// Does what controllers do: makes requests at the same time, whose connections idle afterwards.
async fn open(server: &TestServer, config: Config, connections: usize) -> Client {
    let client = Client::try_from(config).unwrap();
    server.set_faults("anonymous", Faults { latency_before_ms: 100, ..Faults::default() });
    let api: Api<k8s_openapi_0_29::api::core::v1::ConfigMap> =
        Api::namespaced(client.clone(), "default");
    let parameters = kube::api::ListParams::default();
    let lists = (0..connections).map(|_| api.list(&parameters));
    futures::future::try_join_all(lists).await.unwrap();
    server.heal("anonymous");
    client
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

async fn renewed(server: &TestServer) {
    let before = server.history().len();
    until("a renewal succeeds", || server.history().len() > before).await;
}

/// Waits for some renewals, and tells how long the slowest of them took to come.
async fn renewed_in(server: &TestServer, renewals: usize) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..renewals {
        let before = Instant::now();
        renewed(server).await;
        slowest = slowest.max(before.elapsed());
    }
    slowest
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while !is_so() {
            tick.tick().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "never: {what}");
}

/// An exec plugin, as a kubeconfig names one: it counts its runs, and can hang or fail.
struct Plugin(PathBuf);

impl Plugin {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("kunobi-ha-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn config(&self, address: SocketAddr) -> Config {
        let script = format!(
            "cd '{}' || exit 1\n\
             echo >>runs\n\
             if [ -e fail ]; then echo 'no credentials today' >&2; exit 1; fi\n\
             while [ -e hold ]; do sleep 0.05; done\n\
             echo '{}'",
            self.0.display(),
            serde_json::json!({
                "apiVersion": "client.authentication.k8s.io/v1",
                "kind": "ExecCredential",
                "status": { "token": CLIENT },
            }),
        );
        let exec = ExecConfig {
            api_version: Some("client.authentication.k8s.io/v1".into()),
            command: Some("sh".into()),
            args: Some(vec!["-c".into(), script]),
            env: None,
            drop_env: None,
            install_hint: None,
            interactive_mode: Some(ExecInteractiveMode::Never),
            provide_cluster_info: false,
            cluster: None,
            other: std::collections::BTreeMap::new(),
        };
        let mut config = config(address);
        config.auth_info = AuthInfo { exec: Some(exec), ..AuthInfo::default() };
        config
    }

    fn runs(&self) -> usize {
        fs::read_to_string(self.0.join("runs")).unwrap_or_default().lines().count()
    }

    fn hold(&self) {
        fs::write(self.0.join("hold"), "").unwrap();
    }

    fn fail(&self) {
        fs::write(self.0.join("fail"), "").unwrap();
    }

    fn release(&self) {
        for what in ["hold", "fail"] {
            let _ = fs::remove_file(self.0.join(what));
        }
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CLIENT: &str = "a";
