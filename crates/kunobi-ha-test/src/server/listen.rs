//! Clients over TCP.

#[cfg(feature = "tls")]
mod tls;

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use http::{HeaderMap, Request, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

#[cfg(feature = "tls")]
use self::tls::Tls;
use super::TestServer;
use crate::{access::User, kubeconfig::kubeconfig, request::body};

/// A server that listens on a port until this is dropped.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    transport: Transport,
    accepting: tokio::task::JoinHandle<()>,
}

/// What is between HTTP and TCP.
#[derive(Clone, Debug)]
enum Transport {
    Plain,
    #[cfg(feature = "tls")]
    Tls(Tls),
}

impl TestServer {
    /// Listens on an address; port 0 picks a free one. The bearer token of a client is its name; a
    /// client without a token is `anonymous`. At `/_ha` there is a page for people, and [more](crate#over-http) for tests in
    /// other processes.
    ///
    /// # Errors
    ///
    /// The address can't be bound.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Listener> {
        let listener = bind(address).await?;
        self.serve(listener, Transport::Plain)
    }

    fn serve(&self, listener: TcpListener, transport: Transport) -> io::Result<Listener> {
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(self.clone(), listener, transport.clone()));
        Ok(Listener { address, transport, accepting })
    }
}

impl Listener {
    /// Returns the address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a kubeconfig (as JSON, which is YAML) with which a client of this name connects: with
    /// its name as the token, and over TLS with the certificate of the authority.
    #[must_use]
    pub fn kubeconfig(&self, client: &str) -> String {
        match &self.transport {
            Transport::Plain => kubeconfig(self.address, client),
            #[cfg(feature = "tls")]
            Transport::Tls(tls) => tls.kubeconfig(self.address, client),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    let address = address
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no address to listen on"))?;
    TcpListener::bind(address).await
}

async fn accept(server: TestServer, listener: TcpListener, transport: Transport) {
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
                // Nagle's algorithm would add latency to that of the faults.
                let _ = stream.set_nodelay(true);
                connections.spawn(transport.clone().connected(server.clone(), stream, number));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Transport {
    async fn connected(self, server: TestServer, stream: TcpStream, connection: u64) {
        match self {
            Self::Plain => serve(server, stream, None, connection).await,
            #[cfg(feature = "tls")]
            Self::Tls(tls) => {
                // A client that does not trust the authority has hung up.
                if let Ok((stream, user)) = tls.accept(stream).await {
                    serve(server, stream, user, connection).await;
                }
            }
        }
    }
}

async fn serve<S>(server: TestServer, stream: S, certified: Option<User>, connection: u64)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (server, certified) = (server.clone(), certified.clone());
        async move {
            let (parts, body) = request.into_parts();
            let caller = server.caller(certified, token(&parts.headers), connection);
            let body = body::read(body).await?;
            server.handle(caller, parts, body).await
        }
    });
    // An error of the service breaks the connection: the client sees it as refused or reset.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
