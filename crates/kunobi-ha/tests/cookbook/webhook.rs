//! Every replica answers a webhook, and one of them reconciles.

use axum::{Router, routing::post};
use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::elections::{LEASE, election};

fn operator(
    election: LeaderElection,
    stop: Shutdown,
    probes: &str,
    webhook: TcpListener,
) -> Operator {
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Operator::new(election)
        .shutdown(stop)
        .probes(probes, health)
        .always("webhook", |all| async move {
            let router = Router::new().route("/validate", post(async || "allowed"));
            let serving = axum::serve(webhook, router).with_graceful_shutdown(all.draining());
            Ok(serving.await?)
        })
        .lead("controllers", controllers)
}

/// A `kube::runtime::Controller` goes here.
async fn controllers(lead: LeaderContext) -> Result<(), BoxError> {
    lead.stopped().await;
    Ok(())
}

#[tokio::test]
async fn a_standby_answers_as_the_leader_does() {
    let server = TestServer::new();
    let (mut ends, mut addresses, mut replicas) = (Vec::new(), Vec::new(), Vec::new());
    for name in ["a", "b"] {
        let webhook = TcpListener::bind("127.0.0.1:0").await.unwrap();
        addresses.push(webhook.local_addr().unwrap());
        let stop = Shutdown::builder().manual().unwrap();
        ends.push(stop.handle());
        let election = election(&server, name).build();
        let state = election.state();
        replicas
            .push((state, tokio::spawn(operator(election, stop, "127.0.0.1:0", webhook).run())));
        server.until("a leads", |server| server.get(LEASE).is_some()).await;
    }
    for (address, (state, _)) in addresses.iter().zip(&replicas) {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let request =
            b"POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        connection.write_all(request).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("allowed"), "{answer}");
        assert_eq!(state.is_leader(), address == &addresses[0]);
    }
    for (end, (_, replica)) in ends.iter().zip(replicas) {
        end.trigger(Reason::Requested("the end".into()));
        assert_eq!(replica.await.unwrap().exit_code(), 0);
    }
}
