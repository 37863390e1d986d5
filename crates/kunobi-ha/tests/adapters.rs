//! The clients and the configurations of each kube major, over TCP: no client repeats a request by
//! itself, and a second attempt has a connection of its own.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::time::Duration;

use kunobi_ha::leader::{LeaderElection, LeaseStore, Release};
use kunobi_ha_test::{Fault, Listener, Request, TestServer};

/// Reads the configuration of one kube major from a kubeconfig.
macro_rules! config {
    ($kube:ident, $kubeconfig:expr) => {{
        let config = $kube::config::Kubeconfig::from_yaml(&$kubeconfig).unwrap();
        let options = $kube::config::KubeConfigOptions::default();
        $kube::Config::from_custom_kubeconfig(config, &options).await.unwrap()
    }};
}

#[tokio::test]
async fn a_client_of_kube_5_repeats_nothing_and_opens_a_second_connection() {
    let (server, listener) = serve().await;
    let config = config!(kube, listener.kubeconfig("a"));
    check(server, kube::Client::try_from(config).unwrap()).await;
}

#[tokio::test]
async fn a_config_of_kube_5_repeats_nothing_and_opens_a_second_connection() {
    let (server, listener) = serve().await;
    check(server, config!(kube, listener.kubeconfig("a"))).await;
}

#[tokio::test]
#[cfg(feature = "kube-4")]
async fn a_client_of_kube_4_repeats_nothing_and_opens_a_second_connection() {
    let (server, listener) = serve().await;
    let config = config!(kube4, listener.kubeconfig("a"));
    check(server, kube4::Client::try_from(config).unwrap()).await;
}

#[tokio::test]
#[cfg(feature = "kube-4")]
async fn a_config_of_kube_4_repeats_nothing_and_opens_a_second_connection() {
    let (server, listener) = serve().await;
    check(server, config!(kube4, listener.kubeconfig("a"))).await;
}

#[tokio::test]
#[cfg(feature = "kube-3")]
async fn a_client_of_kube_3_repeats_nothing_and_opens_a_second_connection() {
    let (server, listener) = serve().await;
    let config = config!(kube3, listener.kubeconfig("a"));
    check(server, kube3::Client::try_from(config).unwrap()).await;
}

#[tokio::test]
#[cfg(feature = "kube-3")]
async fn a_config_of_kube_3_repeats_nothing_and_opens_a_second_connection() {
    let (server, listener) = serve().await;
    check(server, config!(kube3, listener.kubeconfig("a"))).await;
}

async fn serve() -> (TestServer, Listener) {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    (server, listener)
}

async fn check(server: TestServer, store: impl LeaseStore) {
    let election = LeaderElection::builder(store, "default", "l")
        .identity("a")
        .lease_duration(Duration::from_secs(3))
        .renew_deadline(Duration::from_secs(2))
        .retry_period(Duration::from_millis(200))
        .build();
    let guard = election.acquire().await.unwrap();

    // kube's own policy would repeat these after a few milliseconds, within the same second.
    let busy = |code| Fault::Status { code, retry_after: Some(1) };
    for code in [429, 503, 504] {
        let asked = server.requests().len();
        server.script("a", [busy(code)]);
        let requests = until(&server, |requests| requests.len() >= asked + 2).await;
        let pause = requests[asked + 1].at_us - requests[asked].at_us;
        assert!(pause >= 400_000, "{code} was repeated after {pause} µs");
    }

    let asked = server.requests().len();
    server.script("a", [Fault::Hang]);
    let requests = until(&server, |requests| {
        requests.len() > asked + 1 && requests[asked + 1].status == Some(200)
    })
    .await;
    assert_eq!(requests[asked].status, None);
    assert_ne!(requests[asked].connection, requests[asked + 1].connection);
    assert!(guard.is_leader());
    assert_eq!(guard.step_down().await, Release::Released);
}

/// Waits, on the real clock, until the log shows something.
async fn until(server: &TestServer, shown: impl Fn(&[Request]) -> bool) -> Vec<Request> {
    let waiting = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        loop {
            let requests = server.requests();
            if shown(&requests) {
                return requests;
            }
            tick.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it happens at last")
}
