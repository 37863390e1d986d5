//! What a process writes into the termination message of its container (rule C1).
#![cfg(target_os = "linux")]

use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io::Write,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use http::{Method, Request};
use http_body::Body;
use kunobi_ha::leader::{Clock, DeathCertificates, LeaderElection, Release};
use kunobi_ha_test::{ClientService, TestServer};
use tokio::time::{advance, sleep};
use tower_service::Service;

use crate::{
    elections::{clocked, election},
    log::Log,
    pods::Pod,
};

/// Notes what is in a file whenever a write is sent.
#[derive(Clone)]
struct Recorder {
    inner: ClientService,
    file: PathBuf,
    seen: Arc<Mutex<Vec<String>>>,
}

impl<B> Service<Request<B>> for Recorder
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Display,
{
    type Response = <ClientService as Service<Request<B>>>::Response;
    type Error = <ClientService as Service<Request<B>>>::Error;
    type Future = <ClientService as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<B>>::poll_ready(&mut self.inner, context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.method() == Method::PUT {
            self.seen.lock().unwrap().push(fs::read_to_string(&self.file).unwrap());
        }
        self.inner.call(request)
    }
}

// rule C1: in the file before the first write is sent, and until a release
#[tokio::test(start_paused = true)]
async fn the_certificate_is_in_the_file_whenever_a_write_of_its_term_is_sent() {
    let server = TestServer::new();
    let pod = Pod::new(&server, "a").await;
    let seen = Arc::default();
    let (inner, file) = (server.service("a"), pod.message.clone());
    let client = kube::Client::new(Recorder { inner, file, seen: Arc::clone(&seen) }, "default");
    let election = LeaderElection::builder(client, "default", "l")
        .clock(Clock::tokio())
        .identity("a")
        .death_certificates(pod.certificates())
        .build();
    for _ in 0..3 {
        let guard = election.acquire().await.unwrap();
        sleep(s(5)).await;
        assert_eq!(guard.step_down().await, Release::Released);
        sleep(ms(1)).await;
        assert_eq!(pod.read(), "", "the log is shown again");
    }
    let writes: Vec<_> = server.history().into_iter().filter(|write| write.client == "a").collect();
    let seen = seen.lock().unwrap();
    assert_eq!(writes.len(), seen.len());
    for (write, there) in writes.iter().zip(&*seen) {
        let spec = &write.object["spec"];
        let holder = spec["holderIdentity"].as_str().unwrap();
        let line = format!("kunobi-ha/1 default/l a {}", spec["acquireTime"].as_str().unwrap());
        let expected = there.starts_with('\n') && there.lines().any(|there| there == line);
        assert!(holder.is_empty() || expected, "{line}: {there:?}");
    }
}

/// Fills a pipe in the end, so that the thread that reads it is free: it reads so much.
struct Full(PathBuf);

impl Drop for Full {
    fn drop(&mut self) {
        let pipe = OpenOptions::new().read(true).write(true).open(&self.0);
        let _ = pipe.and_then(|mut pipe| pipe.write_all(&vec![b'x'; 1 << 16]));
    }
}

// rule C1: a file that blocks holds a takeover up for R/4
#[tokio::test(start_paused = true)]
async fn a_file_that_can_not_be_written_in_time_delays_a_takeover_by_a_quarter_of_a_retry_period() {
    let server = TestServer::new();
    let pod = Pod::new(&server, "a").await;
    fs::remove_file(&pod.message).unwrap();
    assert!(Command::new("mkfifo").arg(&pod.message).status().unwrap().success());
    let _full = Full(pod.message.clone());
    let election = pod.candidate().build();
    let state = election.state();
    let waiting = tokio::spawn(async move { election.acquire().await.unwrap() });
    // While a thread blocks, the paused clock stands still.
    let writes = || server.requests().iter().filter(|request| request.method == "PUT").count();
    for _ in 0..49 {
        advance(ms(10)).await;
        assert_eq!(writes(), 0);
    }
    for _ in 0..10 {
        advance(ms(10)).await;
    }
    assert_eq!(writes(), 1);
    let _guard = waiting.await.unwrap();
    assert_eq!(state.stats().death_certificate_problems, 1);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_missing_is_said_once_and_costs_no_leadership() {
    let log = Log::capture();
    let server = TestServer::new();
    let pod = Pod::new(&server, "a").await;
    fs::remove_file(&pod.message).unwrap();
    let election = pod.candidate().build();
    for _ in 0..3 {
        let guard = election.acquire().await.unwrap();
        sleep(s(5)).await;
        assert_eq!(guard.step_down().await, Release::Released);
    }
    assert_eq!(election.state().stats().death_certificate_problems, 3);
    assert_eq!(log.lines("nobody will know at once if this process dies").len(), 1);
    assert!(!pod.message.exists(), "it is made by the kubelet, or not at all");
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_no_pod_certifies_nothing_and_is_told_of_once() {
    let log = Log::capture();
    let server = TestServer::new();
    let pod = Pod::new(&server, "a").await;
    let election = pod.candidate().identity("Not_a_Pod").build();
    for _ in 0..2 {
        let guard = election.acquire().await.unwrap();
        assert_eq!(pod.read(), "");
        guard.step_down().await;
    }
    assert_eq!(log.lines("its identity is no name of a pod: set POD_NAME").len(), 1);
    assert_eq!(election.state().stats().death_certificate_problems, 1);
}

// rule C1: the elections of one process share its file
#[tokio::test(start_paused = true)]
async fn a_process_that_leads_twice_certifies_both_terms() {
    let server = TestServer::new();
    let pod = Pod::new(&server, "a").await;
    let led = |lease| {
        let election = clocked(&server, "a", lease).identity("a");
        election.death_certificates(pod.certificates()).build()
    };
    let (first, second) = (led("l"), led("m"));
    let (first, second) = (first.acquire().await.unwrap(), second.acquire().await.unwrap());
    let certified = pod.read();
    assert!(
        certified.contains("default/l a ") && certified.contains("default/m a "),
        "{certified}"
    );
    assert_eq!(first.step_down().await, Release::Released);
    sleep(ms(1)).await;
    let certified = pod.read();
    assert!(
        !certified.contains("default/l a ") && certified.contains("default/m a "),
        "{certified}"
    );
    drop(second);
}

#[tokio::test]
async fn a_container_without_a_name_is_an_error_that_says_what_to_do() {
    let server = TestServer::new();
    let election = election(&server, "a").death_certificates(DeathCertificates::new()).build();
    let error = election.bounds().unwrap_err().to_string();
    assert!(error.contains("DeathCertificates::container or HA_DEATH_CERTIFICATES"), "{error}");
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
