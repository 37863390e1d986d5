//! Clients over TCP.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use http::{Request, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{TestServer, handler::Caller};
use crate::{kubeconfig::kubeconfig, request::body};

/// A server that listens on a port until this is dropped.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

impl TestServer {
    /// Listens on an address; port 0 picks a free one. The bearer token of a client is its name; a
    /// client without a token is `anonymous`.
    ///
    /// # Errors
    ///
    /// The address can't be bound.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Listener> {
        let address = address.to_socket_addrs()?.next().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "no address to listen on")
        })?;
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(self.clone(), listener));
        Ok(Listener { address, accepting })
    }
}

impl Listener {
    /// Returns the address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a kubeconfig (as JSON, which is YAML) with which a client of this name connects.
    #[must_use]
    pub fn kubeconfig(&self, client: &str) -> String {
        kubeconfig(self.address, client)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(server: TestServer, listener: TcpListener) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of file descriptors, for example: that does not pass at once.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                number += 1;
                connections.spawn(serve(server.clone(), stream, number));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(server: TestServer, stream: TcpStream, connection: u64) {
    // Nagle's algorithm would add latency to that of the faults.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let server = server.clone();
        async move {
            let (parts, body) = request.into_parts();
            let token = parts
                .headers
                .get(header::AUTHORIZATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.strip_prefix("Bearer "));
            let client = token.unwrap_or("anonymous").to_owned();
            let body = body::read(body).await?;
            server.handle(Caller { client, connection }, parts, body).await
        }
    });
    // An error of the service breaks the connection: the client sees it as refused or reset.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
