//! Many new connections at the same time.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use crate::{limits::CONNECTIONS, wire::Served};

#[tokio::test]
async fn a_request_that_has_arrived_is_read_before_its_connection_would_make_room() {
    let served = Served::plain().await;
    // The server runs on this thread too, so it sees all of the connections at once.
    let mut kubelet = connect(served.address);
    kubelet.write_all(b"GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n").unwrap();
    let _silent: Vec<_> = (0..CONNECTIONS * 2).map(|_| connect(served.address)).collect();
    let mut answer = String::new();
    let read = tokio::task::spawn_blocking(move || {
        kubelet.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = read.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_thousand_silent_connections_at_once_do_not_keep_a_kubelet_out() {
    let served = Served::plain().await;
    let address = served.address;
    let flood = thread::spawn(move || (0..1_000).map(|_| connect(address)).collect::<Vec<_>>());
    let silent = flood.join().unwrap();
    let probe = tokio::time::timeout(Duration::from_secs(1), served.probe("/livez")).await;
    assert_eq!(probe.expect("a kubelet is answered"), (200, "ok".into()));
    drop(silent);
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).unwrap()
}
