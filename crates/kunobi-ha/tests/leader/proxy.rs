//! A machine on the way to the API server, which can lose power.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::AbortHandle,
};

pub(crate) struct Proxy {
    address: SocketAddr,
    counts: Arc<Counts>,
    accepting: AbortHandle,
}

#[derive(Default)]
struct Counts {
    opened: AtomicUsize,
    /// Connections up to this one are dead.
    silent: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&counts)));
        Self { address, counts, accepting: accepting.abort_handle() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were opened.
    pub(crate) fn opened(&self) -> usize {
        self.counts.opened.load(SeqCst)
    }

    /// Makes all connections that are open now pass nothing on and stay open. Later ones work.
    pub(crate) fn silence(&self) {
        self.counts.silent.store(self.opened(), SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, counts: Arc<Counts>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let number = counts.opened.fetch_add(1, SeqCst) + 1;
        let server = TcpStream::connect(server).await.unwrap();
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let ((from_client, to_client), (from_server, to_server)) =
            (client.into_split(), server.into_split());
        tokio::spawn(pump(from_client, to_server, number, Arc::clone(&counts)));
        tokio::spawn(pump(from_server, to_client, number, Arc::clone(&counts)));
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, number: usize, counts: Arc<Counts>) {
    let mut buffer = [0; 16 << 10];
    loop {
        let length = from.read(&mut buffer).await.unwrap_or(0);
        if number <= counts.silent.load(SeqCst) {
            // Both ends stay open: nothing comes back, not even a reset.
            return std::future::pending().await;
        }
        if length == 0 || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
