//! What a probe costs: from memory, and over loopback beside a bare hyper server that says `ok`.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group};
use http_body_util::Full;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kunobi_ha::{
    health_probe::HealthProbe,
    leader::LeaderElection,
    readiness::{Health, LeaderGate},
};
use socket2::SockRef;
use tokio::{net::TcpListener, runtime::Runtime};

/// Both servers, on one runtime.
struct Servers {
    health: Health,
    probe: SocketAddr,
    bare: SocketAddr,
    _runtime: Runtime,
}

impl Servers {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let health = health();
        let (probe, bare) = runtime.block_on(async {
            let bound = HealthProbe::new(health.clone()).bind("127.0.0.1:0").await.expect("a port");
            let probe = bound.local_addr();
            tokio::spawn(bound.serve_until(std::future::pending()));
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let bare = listener.local_addr().expect("it is bound");
            tokio::spawn(serve_bare(listener));
            (probe, bare)
        });
        while health.probe("/readyz").is_none_or(|answer| answer.status != 200) {
            std::thread::yield_now();
        }
        Self { health, probe, bare, _runtime: runtime }
    }
}

fn probe(criterion: &mut Criterion) {
    let servers = Servers::start();
    let mut group = criterion.benchmark_group("probe");
    group.bench_function("memory", |bencher| bencher.iter(|| servers.health.probe("/readyz")));
    for (name, address) in [("probe", servers.probe), ("bare", servers.bare)] {
        let mut kept = connect(address);
        group.bench_function(format!("{name}, kept connection"), |bencher| {
            bencher.iter(|| ask(&mut kept));
        });
        group.bench_function(format!("{name}, new connection"), |bencher| {
            bencher.iter(|| ask(&mut connect(address)));
        });
    }
    group.finish();
}

/// The election, a flag and a polled check: what a small operator has.
fn health() -> Health {
    let election = LeaderElection::standalone();
    let mut builder = Health::builder()
        .leader(&election.state(), LeaderGate::ElectionHealthy)
        .ready_check("database", async || Ok(()));
    builder.startup_flag("caches").set(true);
    builder.build().expect("its names are good")
}

async fn serve_bare(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = service_fn(async |_| {
            Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from_static(b"ok"))))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("it is open");
    // Or thousands of closed connections would use up the ports.
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("it is open");
    stream
}

fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: p\r\n\r\n").expect("it is open");
    let mut answer = [0; 1024];
    let mut length = 0;
    while !answer[..length].ends_with(b"\r\n\r\nok") {
        let read = stream.read(&mut answer[length..]).expect("it answers");
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer[..length]));
        length += read;
    }
}

/// Asks both servers in turn, so that whatever else the machine does hits both.
fn compare() {
    let servers = Servers::start();
    for kept in [true, false] {
        let mut streams = [connect(servers.probe), connect(servers.bare)];
        let mut took = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (index, address) in [servers.probe, servers.bare].into_iter().enumerate() {
                let began = Instant::now();
                if !kept {
                    streams[index] = connect(address);
                }
                ask(&mut streams[index]);
                took[index].push(began.elapsed());
            }
        }
        for all in &mut took {
            all.sort();
        }
        let [ours, bare] = took.map(|all| (all[ROUNDS / 2], all[ROUNDS * 99 / 100]));
        let ratio = ours.0.as_secs_f64() / bare.0.as_secs_f64();
        let kind = if kept { "kept" } else { "new" };
        println!(
            "{kind} connection: median {:?}, p99 {:?}; bare hyper: median {:?}, p99 {:?}; ratio {ratio:.2}",
            ours.0, ours.1, bare.0, bare.1
        );
        assert!(ours.0 < Duration::from_millis(1), "a probe takes a millisecond or more");
    }
}

criterion_group!(benches, probe);

fn main() {
    compare();
    benches();
    Criterion::default().configure_from_args().final_summary();
}

const ROUNDS: usize = 5_000;
