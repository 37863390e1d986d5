//! Scrapes that arrive at the same time, hang up, or do not read; and encoders that misbehave.

use std::{
    fmt::Write,
    future::Future,
    panic::panic_any,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use kunobi_ha::health_probe::HealthProbe;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    time::{Instant, pause, resume, sleep, timeout},
};

use crate::{
    limits::CONNECTIONS,
    wire::{Answer, Served, Wire, plain},
};

/// An encoder that does not return before it is released, and counts its calls.
#[derive(Clone)]
struct HeldEncoder {
    released: Arc<Mutex<mpsc::Receiver<()>>>,
    calls: Arc<AtomicUsize>,
}

#[tokio::test]
async fn scrapes_at_the_same_time_share_one_run_and_more_are_refused_at_once() {
    let (encoder, release) = HeldEncoder::new();
    let served = Served::of(encoder.clone().served()).await;
    assert_shared_and_limited(served.address, &encoder, release).await;
}

#[tokio::test]
async fn the_limits_of_scrapes_also_hold_in_a_router_of_the_user() {
    let (encoder, release) = HeldEncoder::new();
    let app = encoder.clone().served().into_router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async { axum::serve(listener, app).await });
    assert_shared_and_limited(address, &encoder, release).await;
    serving.abort();
}

#[tokio::test]
async fn an_encoder_that_hangs_delays_no_probe_and_is_called_once() {
    let (encoder, release) = HeldEncoder::new();
    let served = Served::of(encoder.clone().served()).await;
    let mut scrapes = Vec::new();
    for number in 0..CONNECTIONS * 3 {
        let mut wire = served.wire().await;
        wire.send(SCRAPE).await;
        // Every other client hangs up.
        if number % 2 == 0 {
            scrapes.push(wire);
        }
        if number % 8 == 0 {
            let probe = timeout(PATIENCE, served.probe("/livez")).await;
            assert_eq!(probe.expect("a kubelet is answered"), (200, "ok".into()), "{number}");
        }
    }
    assert_eq!(encoder.calls(), 1);
    drop((scrapes, release));
    // The run that hung may not have ended yet.
    let again = async { while served.probe("/metrics").await != (200, "up 1\n".into()) {} };
    timeout(Duration::from_secs(10), again).await.expect("it returns again");
}

#[tokio::test]
async fn clients_that_hang_up_do_not_make_a_busy_encoder_run_twice_at_a_time() {
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (count, max) = (Arc::clone(&running), Arc::clone(&most));
    let served = Served::of(plain().metrics(move || {
        max.fetch_max(count.fetch_add(1, Ordering::AcqRel) + 1, Ordering::AcqRel);
        thread::sleep(Duration::from_millis(20));
        count.fetch_sub(1, Ordering::AcqRel);
        "up 1\n".into()
    }))
    .await;
    for _ in 0..20 {
        for _ in 0..16 {
            served.wire().await.send(SCRAPE).await;
        }
        let probe = timeout(PATIENCE, served.probe("/livez")).await;
        assert_eq!(probe.expect("a kubelet is answered"), (200, "ok".into()));
    }
    assert_eq!(most.load(Ordering::Acquire), 1);
}

#[test]
fn an_encoder_that_hangs_takes_no_thread_of_the_blocking_pool() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().max_blocking_threads(1).build().unwrap();
    let (encoder, _release) = HeldEncoder::new();
    runtime.block_on(async {
        let served = Served::of(encoder.clone().served()).await;
        let mut wire = served.wire().await;
        wire.send(SCRAPE).await;
        in_time(async {
            while encoder.calls() == 0 {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        // Resolving a name needs such a thread, for example.
        in_time(tokio::task::spawn_blocking(|| ())).await.unwrap();
    });
    runtime.shutdown_background();
}

#[tokio::test(start_paused = true)]
async fn a_scrape_waits_for_an_encoder_that_hangs_and_the_next_one_does_not() {
    let (encoder, _release) = HeldEncoder::new();
    let served = Served::of(encoder.served()).await;
    let asked = Instant::now();
    let answer = served.get("/metrics").await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.told(), (503, "the encoder does not return\n".into()));
    assert!(asked.elapsed() >= ENCODER_TIMEOUT, "{:?}", asked.elapsed());
    let asked = Instant::now();
    assert_eq!(served.get("/metrics").await.status, 503);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn after_a_panic_of_the_encoder_the_next_scrape_is_answered() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("what it panicked with panics in its turn");
        }
    }
    let calls = AtomicUsize::new(0);
    let served = Served::of(plain().metrics(move || match calls.fetch_add(1, Ordering::AcqRel) {
        0 => panic!("no registry"),
        1 => panic_any(Bomb),
        _ => "up 1\n".into(),
    }))
    .await;
    for _ in 0..2 {
        assert_eq!(served.probe("/metrics").await, (500, "the encoder panicked\n".into()));
    }
    assert_eq!(served.probe("/metrics").await, (200, "up 1\n".into()));
}

#[tokio::test]
async fn clients_that_do_not_read_their_metrics_are_cut_off() {
    let text = "a".repeat(LARGE);
    let served = Served::of(plain().metrics(move || text.clone())).await;
    let mut lazy = Vec::new();
    for _ in 0..SCRAPES {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(SCRAPE.as_bytes()).await.unwrap();
        // Wait until the answer begins.
        stream.readable().await.unwrap();
        lazy.push(stream);
    }
    assert_eq!(served.get("/metrics").await.status, 503);
    pause();
    sleep(WRITE_TIMEOUT * 2).await;
    resume();
    assert_eq!(served.get("/metrics").await.status, 200);
    for mut stream in lazy {
        let mut read = Vec::new();
        // A reset is an end as well.
        let _ = stream.read_to_end(&mut read).await;
        assert!(read.len() < LARGE, "{} bytes", read.len());
    }
}

#[tokio::test]
async fn a_large_text_arrives_whole_and_a_head_request_is_told_its_length() {
    let mut text = String::new();
    for number in 0..LARGE / 8 {
        writeln!(text, "{number:07}").unwrap();
    }
    let expected = text.clone();
    let served = Served::of(plain().metrics(move || text.clone())).await;
    let mut wire = served.wire().await;
    assert!(wire.get("/metrics").await.body == expected);
    let head = wire.ask("HEAD", "/metrics").await;
    assert_eq!(head.header("content-length"), Some(&*LARGE.to_string()));
    assert_eq!(wire.get("/livez").await.body, "ok");
}

async fn assert_shared_and_limited(
    address: std::net::SocketAddr,
    encoder: &HeldEncoder,
    release: mpsc::Sender<()>,
) {
    let (tell, mut answers) = tokio::sync::mpsc::unbounded_channel::<Answer>();
    for _ in 0..=SCRAPES {
        let tell = tell.clone();
        tokio::spawn(async move {
            let answer = Wire::open(address).await.get("/metrics").await;
            tell.send(answer).unwrap();
        });
    }
    let refused = in_time(answers.recv()).await.unwrap();
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(refused.body, "too many scrapes at a time\n");
    drop(release);
    for _ in 0..SCRAPES {
        let answer = in_time(answers.recv()).await.unwrap();
        assert_eq!(answer.told(), (200, "up 1\n".into()));
    }
    assert_eq!(encoder.calls(), 1);
}

async fn in_time<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(5), future).await.expect("it comes at once")
}

impl HeldEncoder {
    fn new() -> (Self, mpsc::Sender<()>) {
        let (release, released) = mpsc::channel();
        (Self { released: Arc::new(Mutex::new(released)), calls: Arc::default() }, release)
    }

    fn served(self) -> HealthProbe {
        plain().metrics(move || {
            self.calls.fetch_add(1, Ordering::AcqRel);
            // Wait until the test releases it.
            let _ = self.released.lock().unwrap().recv();
            "up 1\n".into()
        })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Acquire)
    }
}

const SCRAPE: &str = "GET /metrics HTTP/1.1\r\nHost: probe\r\n\r\n";
/// The default timeout of a kubelet's probe.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many scrapes are answered at a time, as documented.
const SCRAPES: usize = 4;
/// How long a scrape waits for the encoder, as documented.
const ENCODER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to read its metrics, as documented.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// More than the buffers of the kernel hold.
const LARGE: usize = 16 << 20;
