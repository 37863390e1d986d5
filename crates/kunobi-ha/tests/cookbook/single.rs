//! One replica: the runner without an election, and the first test of a handover.

use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;

use crate::elections::election;

fn operator(election: LeaderElection, stop: Shutdown, probes: &str) -> Operator {
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Operator::new(election).shutdown(stop).probes(probes, health).lead("controllers", controllers)
}

/// A `kube::runtime::Controller` goes here.
async fn controllers(lead: LeaderContext) -> Result<(), BoxError> {
    lead.stopped().await;
    Ok(())
}

fn choose(replicas: u32, elected: impl FnOnce() -> LeaderElection) -> LeaderElection {
    if replicas == 1 { LeaderElection::standalone() } else { elected() }
}

#[tokio::test]
async fn one_replica_leads_without_an_api_server() {
    let election = choose(1, || unreachable!("there is one"));
    let stop = Shutdown::builder().manual().unwrap();
    let (end, state) = (stop.handle(), election.state());
    let replica = tokio::spawn(operator(election, stop, "127.0.0.1:0").run());
    while !state.is_leader() {
        tokio::task::yield_now().await;
    }
    end.trigger(Reason::Requested("the end".into()));
    assert_eq!(replica.await.unwrap().exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_next_replica_leads_after_a_crash() {
    let server = TestServer::new();
    let a = choose(2, || election(&server, "a").build()).acquire().await.unwrap();
    let b = election(&server, "b").build();
    let began = tokio::time::Instant::now();
    let (guard, ()) = tokio::join!(b.acquire(), async { drop(a) }); // as a crash: without a release
    assert!(guard.unwrap().is_leader());
    assert!(began.elapsed() <= b.bounds().unwrap().crash_polling.duration);
}
