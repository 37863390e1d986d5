//! A TCP proxy that can hold back the bytes of one side, or refuse connections. It sees ciphertext
//! only.

use std::{io, net::SocketAddr, path::PathBuf};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use control_plane::Plane;

/// A proxy in front of one server. Connections end with it.
///
/// Bytes that are held back are not lost: they are passed on as soon as they may be, however late.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    server: String,
    requests: watch::Sender<bool>,
    answers: watch::Sender<bool>,
    door: Door,
}

#[derive(Debug)]
enum Door {
    Open(JoinHandle<()>),
    /// A bound socket that does not listen: connections are refused, and nobody else gets the port.
    Shut(TcpSocket),
}

impl Proxy {
    /// Starts one that lets everything through to `server`, a URL.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub async fn start(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (requests, answers) = (watch::Sender::new(true), watch::Sender::new(true));
        let server = server.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let accepting = tokio::spawn(accept(
            listener,
            server.clone(),
            requests.subscribe(),
            answers.subscribe(),
        ));
        Ok(Self { address, server, requests, answers, door: Door::Open(accepting) })
    }

    /// Ends all connections, and refuses new ones.
    ///
    /// # Errors
    ///
    /// Somebody else got the port.
    pub async fn refuse(&mut self) -> io::Result<()> {
        if let Door::Open(accepting) = &mut self.door {
            accepting.abort();
            let _ = accepting.await;
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            socket.bind(self.address)?;
            self.door = Door::Shut(socket);
        }
        Ok(())
    }

    /// Takes connections again.
    ///
    /// # Errors
    ///
    /// It can't listen.
    pub fn admit(&mut self) -> io::Result<()> {
        let (requests, answers) = (self.requests.subscribe(), self.answers.subscribe());
        let server = self.server.clone();
        // What takes its place for a moment is dropped with the old door.
        let closed = Door::Open(tokio::spawn(async {}));
        self.door = match std::mem::replace(&mut self.door, closed) {
            Door::Shut(socket) => {
                let listener = socket.listen(BACKLOG)?;
                Door::Open(tokio::spawn(accept(listener, server, requests, answers)))
            }
            open @ Door::Open(_) => open,
        };
        Ok(())
    }

    /// Writes a kubeconfig of the administrator that leads through the proxy.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn kubeconfig(&self, plane: &Plane, name: &str) -> io::Result<PathBuf> {
        self.kubeconfig_of("admin", plane, name)
    }

    /// Writes a kubeconfig of an identity that leads through the proxy.
    ///
    /// # Errors
    ///
    /// There is no such identity, or the file can't be written.
    pub fn kubeconfig_of(&self, identity: &str, plane: &Plane, name: &str) -> io::Result<PathBuf> {
        let text = std::fs::read_to_string(plane.kubeconfig(identity)?)?;
        let path = plane.directory().join(format!("{name}.kubeconfig"));
        let here = format!("https://{}", self.address);
        std::fs::write(&path, text.replace(plane.servers()[0].as_str(), &here))?;
        Ok(path)
    }

    /// Lets requests through, or holds them back.
    pub fn let_requests(&self, through: bool) {
        self.requests.send_replace(through);
    }

    /// Lets answers through, or holds them back.
    pub fn let_answers(&self, through: bool) {
        self.answers.send_replace(through);
    }

    /// Holds everything back.
    pub fn cut(&self) {
        self.let_requests(false);
        self.let_answers(false);
    }

    /// Lets everything through, also what was held back.
    pub fn heal(&self) {
        self.let_requests(true);
        self.let_answers(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Door::Open(accepting) = &self.door {
            accepting.abort();
        }
    }
}

async fn accept(
    listener: TcpListener,
    server: String,
    may_ask: watch::Receiver<bool>,
    may_answer: watch::Receiver<bool>,
) {
    // Dropped with this task, and with it every connection.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (server, may_ask, may_answer) = (server.clone(), may_ask.clone(), may_answer.clone());
        connections.spawn(async move {
            if let Ok(server) = TcpStream::connect(server).await {
                relay(client, server, may_ask, may_answer).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn relay(
    client: TcpStream,
    server: TcpStream,
    may_ask: watch::Receiver<bool>,
    may_answer: watch::Receiver<bool>,
) {
    // Small messages must not wait for an acknowledgement.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(pump(from_client, to_server, may_ask), pump(from_server, to_client, may_answer));
}

/// Passes bytes on, and the end of them.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut gate: watch::Receiver<bool>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if gate.wait_for(|open| *open).await.is_err() {
            return;
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            let _ = to.shutdown().await;
            return;
        }
    }
}

const BACKLOG: u32 = 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn what_is_held_goes_on_its_way_later() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let proxy = Proxy::start(&url).await.unwrap();
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (mut served, _) = listener.accept().await.unwrap();

        proxy.let_requests(false);
        client.write_all(b"ask").await.unwrap();
        served.write_all(b"say").await.unwrap();
        let mut said = [0; 3];
        client.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"say", "the other direction is open");
        let held = timeout(Duration::from_millis(50), served.read_exact(&mut said)).await;
        assert!(held.is_err(), "a request went through");

        proxy.heal();
        served.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"ask");
    }

    #[tokio::test]
    async fn what_is_refused_ends_and_is_admitted_later() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let mut proxy = Proxy::start(&url).await.unwrap();
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (_served, _) = listener.accept().await.unwrap();

        proxy.refuse().await.unwrap();
        assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0, "the connection goes on");
        let refused = TcpStream::connect(proxy.address).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);

        proxy.admit().unwrap();
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (mut served, _) = listener.accept().await.unwrap();
        client.write_all(b"ask").await.unwrap();
        let mut said = [0; 3];
        served.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"ask");
    }
}
