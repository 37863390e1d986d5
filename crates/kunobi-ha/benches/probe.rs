//! Measures what a probe costs: from memory; over loopback, compared with a bare hyper server that
//! answers `ok`; and while clients misuse `/metrics`. Also measures how much memory those clients
//! take.

use std::{
    fs,
    future::pending,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
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

/// The probe server and the bare one, on one runtime.
struct Servers {
    health: Health,
    probe: SocketAddr,
    bare: SocketAddr,
    _runtime: Runtime,
}

impl Servers {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (health, probe, bare) = runtime.block_on(async {
            let health = health().await;
            let bound = HealthProbe::new(health.clone()).bind("127.0.0.1:0").await.expect("a port");
            let probe = bound.local_addr();
            tokio::spawn(bound.serve_until(pending()));
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let bare = listener.local_addr().expect("it is bound");
            tokio::spawn(serve_bare(listener));
            (health, probe, bare)
        });
        while health.probe("/readyz").is_none_or(|answer| answer.status != 200) {
            thread::yield_now();
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

/// Measures probes while scrapes wait for an encoder that never returns.
fn under_hung_scrapes(criterion: &mut Criterion) {
    let served = Served::with(|| {
        loop {
            thread::park();
        }
    });
    let _scrapes = scrape_and_never_read(served.address);
    criterion.bench_function("probe, new connection, beside hung scrapes", |bencher| {
        bencher.iter(|| ask(&mut connect(served.address)));
    });
}

/// The checks of a small operator: an election, a flag and a polled check.
async fn health() -> Health {
    let election = LeaderElection::standalone();
    let guard = election.acquire().await.expect("nobody else wants it");
    let mut builder = Health::builder()
        .leader(&election.state(), LeaderGate::ElectionHealthy)
        .ready_check("database", async || Ok(()));
    builder.startup_flag("caches").set(true);
    // The election leads: a standby without a leader would not stay ready until the last measurement.
    tokio::spawn(async move {
        let _guard = guard;
        pending::<()>().await;
    });
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
    // Otherwise thousands of closed connections would use up the ports.
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

/// Asks both servers in turn, so that other load of the machine affects both alike.
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

/// Counts the probes that fail while scrapes wait for an encoder that never returns. As a kubelet,
/// it gives up after a second.
fn count_failures() {
    let served = Served::with(|| {
        loop {
            thread::park();
        }
    });
    let _scrapes = scrape_and_never_read(served.address);
    let mut took: Vec<_> = (0..PROBES).filter_map(|_| served.probe().ok()).collect();
    took.sort();
    let failed = PROBES - took.len();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    println!(
        "beside {CLIENTS} hung scrapes: {failed} of {PROBES} probes failed, median {median:?}"
    );
    println!("threads: {:?}", status_of("Threads"));
}

/// Measures memory while clients ask for metrics and never read them.
fn measure_memory() {
    let served = Served::with(|| "a".repeat(LARGE));
    let before = status_of("VmHWM");
    let _scrapes = scrape_and_never_read(served.address);
    let deadline = Instant::now() + Duration::from_secs(3);
    while Instant::now() < deadline {
        served.probe().ok();
        thread::sleep(Duration::from_millis(50));
    }
    let after = status_of("VmHWM");
    println!(
        "{CLIENTS} scrapes of 8 MiB that are not read: peak of memory {before} before, {after} after"
    );
}

/// A probe server with metrics.
struct Served {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Served {
    fn with(encode: impl Fn() -> String + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let address = runtime.block_on(async {
            let probe = HealthProbe::new(health().await).metrics(encode);
            let bound = probe.bind("127.0.0.1:0").await.expect("a port");
            let address = bound.local_addr();
            tokio::spawn(bound.serve_until(pending()));
            address
        });
        Self { address, runtime: Some(runtime) }
    }

    fn probe(&self) -> io::Result<Duration> {
        let began = Instant::now();
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: p\r\n\r\n")?;
        let read = stream.read(&mut [0; 1024])?;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(began.elapsed()) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Dropping it would wait for an encoder that never returns.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn scrape_and_never_read(address: SocketAddr) -> Vec<TcpStream> {
    let scrape = |_| {
        let mut stream = connect(address);
        // The server may have closed it already.
        let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: p\r\n\r\n");
        stream
    };
    let scrapes = (0..CLIENTS).map(scrape).collect();
    thread::sleep(Duration::from_millis(500));
    scrapes
}

/// Returns a value of `/proc/self/status`; an empty text where there is no such file.
fn status_of(key: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

criterion_group!(benches, probe, under_hung_scrapes);

fn main() {
    compare();
    count_failures();
    measure_memory();
    benches();
    Criterion::default().configure_from_args().final_summary();
}

const ROUNDS: usize = 5_000;
const CLIENTS: usize = 300;
const PROBES: usize = 20;
/// The default timeout of a kubelet's probe.
const PATIENCE: Duration = Duration::from_secs(1);
const LARGE: usize = 8 << 20;
