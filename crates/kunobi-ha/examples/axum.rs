//! Probes in the axum router of the program, and a handler that only the leader answers.
//!
//! ```text
//! cargo run --example axum             # http://127.0.0.1:8080/hello; Ctrl-C ends it
//! cargo run --example axum -- --demo   # two replicas and their answers; ends by itself
//! ```

use std::{env, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kunobi_ha::{
    BoxError, LeaderState,
    health_probe::HealthProbe,
    leader::LeaderElection,
    operator::{Context, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Reason, Report, Shutdown},
};
use kunobi_ha_test::TestServer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

#[derive(Clone)]
struct AppState {
    leader: LeaderState,
}

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?;
    tracing_subscriber::fmt().with_target(false).init();
    if env::args().any(|argument| argument == "--demo") {
        return demo(stop).await;
    }
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    // With a cluster: `LeaderElection::from_env(config)?.build()`.
    replica(LeaderElection::standalone(), stop, listener).await
}

async fn replica(
    election: LeaderElection,
    stop: Shutdown,
    listener: TcpListener,
) -> Result<Report, BoxError> {
    let leader = election.state();
    let health = Health::builder().leader(&leader, LeaderGate::ElectionHealthy).build()?;
    let app = Router::new()
        .route("/hello", get(hello))
        .route("/answer", get(answer))
        .with_state(AppState { leader })
        .merge(HealthProbe::new(health.clone()).into_router());
    Ok(Operator::new(election)
        .shutdown(stop)
        .always("http", move |context| serve(context, listener, app))
        // A program that serves probes by itself has to do this. `Operator::probes` does it too.
        .always("readiness", move |context| async move {
            context.shutdown().requested().await;
            health.begin_shutdown();
            Ok(())
        })
        .run()
        .await)
}

async fn serve(context: Context, listener: TcpListener, app: Router) -> Result<(), BoxError> {
    println!("serving on http://{}", listener.local_addr()?);
    let serving = axum::serve(listener, app).with_graceful_shutdown(context.draining());
    // A client that sends half a request would hold up axum for as long as it likes.
    let overdue = async {
        context.draining().await;
        sleep(Duration::from_secs(5)).await;
    };
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        () = overdue => Ok(()),
    }
}

async fn hello() -> &'static str {
    "hello\n"
}

/// Answers on the leader alone.
async fn answer(State(state): State<AppState>) -> Response {
    if state.leader.is_leader() {
        return "42\n".into_response();
    }
    let leader = state.leader.leader_identity().unwrap_or_else(|| "nobody".into());
    let retry = [(header::RETRY_AFTER, "2")];
    (StatusCode::SERVICE_UNAVAILABLE, retry, format!("ask {leader}\n")).into_response()
}

/// Runs two replicas against one API server, and sends requests to both.
async fn demo(stop: Shutdown) -> Result<Report, BoxError> {
    let server = TestServer::new();
    let (mut addresses, mut ends, mut replicas) = (Vec::new(), Vec::new(), Vec::new());
    // The process ends soon after the report of the installed shutdown, so the last replica has that one.
    for (name, stop) in [("a", Shutdown::builder().manual()?), ("b", stop)] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = kube::Client::new(server.service(name), "default");
        let election = LeaderElection::builder(client, "default", "axum").identity(name).build();
        addresses.push(listener.local_addr()?.to_string());
        ends.push(stop.handle());
        replicas.push(tokio::spawn(replica(election, stop, listener)));
        until(addresses.last().map_or("", |address| address), "/readyz", 200).await?;
        // A replica is ready before anybody leads: the first one is to lead.
        until(&addresses[0], "/leaderz", 200).await?;
    }
    for (address, only_leader) in addresses.iter().zip([200, 503]) {
        for (path, expected) in
            [("/hello", 200), ("/readyz", 200), ("/leaderz", only_leader), ("/answer", only_leader)]
        {
            let (status, body) = ask(address, path).await?;
            println!("{address}{path}: {status} {}", body.trim_end());
            assert_eq!(status, expected, "{address}{path}");
        }
    }
    println!("the leader leaves; the other takes over");
    ends[0].trigger(Reason::Requested("the demo".into()));
    until(&addresses[1], "/answer", 200).await?;
    ends[1].trigger(Reason::Requested("the demo".into()));
    let mut last = None;
    for replica in replicas {
        let report = replica.await??;
        assert_eq!(report.released, ["lease".into()]);
        assert_eq!(report.exit_code(), 0);
        last = Some(report);
    }
    last.ok_or_else(|| "no replica ran".into())
}

async fn until(address: &str, path: &str, status: u16) -> Result<(), BoxError> {
    let answered = async {
        while !matches!(ask(address, path).await, Ok((answer, _)) if answer == status) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let late = |_| format!("{address}{path} did not answer {status}");
    Ok(timeout(Duration::from_secs(10), answered).await.map_err(late)?)
}

async fn ask(address: &str, path: &str) -> Result<(u16, String), BoxError> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    let status = response.split(' ').nth(1).ok_or("no status")?.parse()?;
    let body = response.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
