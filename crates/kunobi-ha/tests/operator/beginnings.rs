//! A configuration that can't work is reported before anything runs, and a signal may come at any
//! time.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kunobi_ha::{
    leader::LeaderElection,
    operator::Operator,
    readiness::{Health, LeaderGate},
    shutdown::Shutdown,
};
use kunobi_ha_test::{Faults, Role, TestServer};
use tokio::{net::TcpListener, time::Instant};

use crate::{
    log::Log,
    setup::{SIGTERM, Setup, assert_about, election, names, s},
};

#[tokio::test(start_paused = true)]
async fn an_election_that_cannot_work_starts_nothing() {
    let server = TestServer::new();
    let report = bare(&server, |operator| operator, s(15)).await;
    assert_eq!(report.exit_code(), 1);
    let why = "invalid leader-election config: renew_deadline (15s) must be strictly less than \
               lease_duration (15s)";
    assert_eq!(names(&report.failures), [why]);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_port_in_use_starts_nothing() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let server = TestServer::new();
    let report = bare(&server, |it| it.probes(address.clone(), Health::builder()), s(10)).await;
    assert_eq!(report.exit_code(), 1);
    assert!(report.failures[0].contains(&address), "{report}");
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn checks_that_cannot_be_built_start_nothing() {
    let server = TestServer::new();
    let health = Health::builder().ready_check("a b", async || Ok(()));
    let report = bare(&server, |it| it.probes("127.0.0.1:0", health), s(10)).await;
    assert_eq!(report.exit_code(), 1);
    assert!(report.failures[0].contains("\"a b\""), "{report}");
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_at_first_contact_ends_the_program_with_the_missing_role() {
    let log = Log::capture();
    let setup = Setup::new();
    let none = Role { verbs: vec![], resource_names: vec![] };
    setup.server.set_faults("a", Faults { role: Some(none), ..Faults::default() });
    let report = setup.run(|operator| operator.lead("work", |_| pending())).end.await.unwrap();
    assert_eq!(report.exit_code(), 1);
    assert!(report.failures[0].contains("not allowed to get the lease"), "{report}");
    assert!(report.failures[0].contains("resourceNames: [\"l\"]"), "{report}");
    // The Role is in what `main` prints, not in the log.
    let told = log.lines("not allowed to get the lease");
    assert!(matches!(&told[..], [line] if line.contains("ERROR")), "{told:?}");
    assert!(log.lines("resourceNames").is_empty());
    let stopped = log.lines("stopped; exit code 1");
    assert!(matches!(&stopped[..], [line] if line.contains("ERROR")), "{stopped:?}");
}

#[tokio::test]
async fn names_that_kubernetes_would_not_store_start_nothing() {
    let log = Log::capture();
    let server = TestServer::new();
    let client = || kube::Client::new(server.service("a"), "default");
    let describe = |name| LeaderElection::builder(client(), "default", name);
    for (election, told) in [
        (describe("a/b"), "lease name \"a/b\" cannot be stored"),
        (describe("l").identity(""), "identity must not be empty"),
    ] {
        let operator = Operator::new(election.build())
            .shutdown(Shutdown::builder().manual().unwrap())
            .probes("127.0.0.1:0", Health::builder());
        let report = operator.run().await;
        assert_eq!(report.exit_code(), 1);
        assert!(report.failures[0].contains(told), "{report}");
    }
    assert!(server.requests().is_empty() && log.lines("probes are served").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_came_before_the_start_starts_nothing() {
    let setup = Setup::new();
    setup.handle.trigger(SIGTERM);
    let ran = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&ran);
    let server = setup.server.clone();
    let replica = setup.run(|operator| {
        operator.always("webhook", move |_| {
            note.store(true, Ordering::Relaxed);
            async { Ok(()) }
        })
    });
    assert_eq!(replica.end.await.unwrap().exit_code(), 0);
    assert!(!ran.load(Ordering::Relaxed) && server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_signal_while_the_server_hangs_is_obeyed_at_once() {
    let setup = Setup::new();
    setup.server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let replica = setup.run(|operator| operator.lead("work", |_| pending()));
    tokio::time::sleep(s(60)).await;
    let began = Instant::now();
    replica.handle.trigger(SIGTERM);
    let report = replica.end.await.unwrap();
    assert_about(began.elapsed(), s(0));
    assert_eq!(report.exit_code(), 0);
    assert!(report.not_released.is_empty(), "there was nothing to release: {report}");
}

#[tokio::test]
async fn probes_are_served_from_before_the_work_until_after_it() {
    let setup = Setup::new();
    let address = {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        free.local_addr().unwrap()
    };
    let health = Health::builder().leader(&setup.state, LeaderGate::ElectionHealthy);
    let replica = setup.run(|operator| {
        operator
            .probes(address.to_string(), health)
            .metrics(|| "up 1\n".into())
            .always("webhook", move |ctx| async move {
                assert_eq!(status(address, "/livez").await?, "200");
                ctx.shutdown().requested().await;
                while status(address, "/readyz").await? != "503" {
                    tokio::task::yield_now().await;
                }
                assert_eq!(status(address, "/livez").await?, "200");
                assert_eq!(status(address, "/metrics").await?, "200");
                Ok(())
            })
            .lead("work", |lead| async move {
                lead.stopped().await;
                Ok(())
            })
    });
    replica.leads().await;
    assert_eq!(status(address, "/leaderz").await.unwrap(), "200");
    assert_eq!(status(address, "/readyz").await.unwrap(), "200");
    let report = replica.stop().await;
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]), "{report}");
    assert!(status(address, "/livez").await.is_err(), "nobody listens any more");
}

/// Runs an operator whose election has this renew deadline.
async fn bare(
    server: &TestServer,
    configure: impl FnOnce(Operator) -> Operator,
    renew_deadline: std::time::Duration,
) -> kunobi_ha::shutdown::Report {
    let election = election(server, "a").renew_deadline(renew_deadline).build();
    let shutdown = Shutdown::builder().manual().unwrap();
    let ran = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&ran);
    let operator = Operator::new(election).shutdown(shutdown).always("webhook", move |_| {
        note.store(true, Ordering::Relaxed);
        pending()
    });
    let report = configure(operator).run().await;
    assert!(!ran.load(Ordering::Relaxed), "nothing runs");
    report
}

/// Requests a path, and returns the status of the answer.
async fn status(address: std::net::SocketAddr, path: &str) -> std::io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.get(9..12).unwrap_or_default().to_owned())
}
