//! A server on its own port, and a client that sees every byte.

use std::{future::Future, net::SocketAddr};

use kunobi_ha::{
    health_probe::HealthProbe,
    readiness::{Health, HealthBuilder},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

/// A probe server. It stops when it is told, or with the test.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// A connection of a client.
pub(crate) struct Wire(BufReader<TcpStream>);

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Returns a probe server without checks, to be bound.
pub(crate) fn plain() -> HealthProbe {
    HealthProbe::new(Health::builder().build().unwrap())
}

impl Served {
    pub(crate) async fn new(health: HealthBuilder) -> Self {
        Self::of(HealthProbe::new(health.build().unwrap())).await
    }

    pub(crate) async fn of(probe: HealthProbe) -> Self {
        Self::at(probe, "127.0.0.1:0").await
    }

    pub(crate) async fn at(probe: HealthProbe, address: &str) -> Self {
        let bound = probe.bind(address).await.unwrap();
        let address = bound.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(bound.serve_until(async { drop(stopped.await) }));
        Self { address, stop, serving }
    }

    pub(crate) async fn plain() -> Self {
        Self::of(plain()).await
    }

    pub(crate) async fn wire(&self) -> Wire {
        Wire::open(self.address).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.wire().await.get(path).await
    }

    /// Returns the status and the body, which is all that a kubelet reads.
    pub(crate) async fn probe(&self, path: &str) -> (u16, String) {
        self.get(path).await.told()
    }

    /// Stops, and waits for the end.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        drop(self.stop);
        async { self.serving.await.unwrap() }
    }
}

impl Wire {
    pub(crate) async fn open(address: impl tokio::net::ToSocketAddrs) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path).await
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str) -> Answer {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: probe\r\n\r\n")).await;
        self.answer(method == "HEAD").await
    }

    /// Reads one answer. The answer to a HEAD has no body.
    pub(crate) async fn answer(&mut self, to_head: bool) -> Answer {
        let status = self.line().await;
        let status = status.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("{status:?}"));
        let status = status[..3].parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        if !to_head {
            let mut body = vec![0; length];
            self.0.read_exact(&mut body).await.unwrap();
            answer.body = String::from_utf8(body).unwrap();
        }
        answer
    }

    /// Waits until the server closes the connection. Returns what the server sent before that.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = self.0.read_to_end(&mut rest).await;
        rest
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end_matches("\r\n").to_owned()
    }
}

impl Answer {
    /// Returns the status and the body, which is all that a kubelet reads.
    pub(crate) fn told(self) -> (u16, String) {
        (self.status, self.body)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}
