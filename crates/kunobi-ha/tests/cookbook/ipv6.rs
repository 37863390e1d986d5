//! A cluster that has IPv6 only.

use kube::config::{KubeConfigOptions, Kubeconfig};
use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;

use crate::elections::LEASE;

fn operator(election: LeaderElection, stop: Shutdown, probes: &str) -> Operator {
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Operator::new(election)
        .shutdown(stop)
        .probes(probes, health) // "[::]:8081", or ":8081": IPv6, and IPv4 where there is any
        .lead("controllers", controllers)
}

/// A `kube::runtime::Controller` goes here.
async fn controllers(lead: LeaderContext) -> Result<(), BoxError> {
    lead.stopped().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_works_with_ipv6_alone() {
    let server = TestServer::new();
    let listener = match server.listen("[::1]:0").await {
        Ok(listener) => listener,
        Err(error) => return println!("this machine has no IPv6: {error}"),
    };
    let config = Kubeconfig::from_yaml(&listener.kubeconfig("a")).unwrap();
    let options = KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(config, &options).await.unwrap();
    let election = LeaderElection::builder(config, "default", "l").build();
    let stop = Shutdown::builder().manual().unwrap();
    let (end, state) = (stop.handle(), election.state());
    let replica = tokio::spawn(operator(election, stop, "[::1]:0").run());
    server.until("it leads", |server| server.get(LEASE).is_some()).await;
    while !state.is_leader() {
        tokio::task::yield_now().await;
    }
    end.trigger(Reason::Requested("the end".into()));
    assert_eq!(replica.await.unwrap().exit_code(), 0);
}
