//! A client that says nothing neither keeps a kubelet out nor a process alive.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::{
    limits::CONNECTIONS,
    wire::{Served, Wire, plain},
};

#[tokio::test]
async fn the_oldest_silent_connection_makes_room_for_a_new_one() {
    let served = Served::plain().await;
    let mut silent = half_open(&served, CONNECTIONS).await;
    let asked = Instant::now();
    assert_eq!(served.probe("/readyz").await, (200, "ok".into()));
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    timeout(Duration::from_secs(1), silent[0].closed()).await.expect("the oldest is closed");
    // The other connections may still end their heads.
    for wire in &mut silent[1..] {
        wire.send("\r\n").await;
        assert_eq!(wire.answer(false).await.body, "ok");
    }
}

#[tokio::test]
async fn two_hundred_half_open_connections_do_not_delay_a_probe() {
    let served = Served::plain().await;
    let mut kubelet = Duration::ZERO;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.extend(half_open(&served, 10).await);
        let asked = Instant::now();
        assert_eq!(served.probe("/livez").await, (200, "ok".into()));
        kubelet = kubelet.max(asked.elapsed());
    }
    assert!(kubelet < Duration::from_secs(1), "{kubelet:?}");
}

#[tokio::test]
async fn half_open_connections_do_not_delay_the_end() {
    let served = Served::plain().await;
    let mut silent = half_open(&served, 10).await;
    let mut idle = served.wire().await;
    assert_eq!(idle.get("/livez").await.status, 200);
    let stopped = Instant::now();
    let end = served.stop();
    idle.closed().await;
    assert!(stopped.elapsed() < Duration::from_millis(500), "{:?}", stopped.elapsed());
    end.await;
    assert!(stopped.elapsed() < Duration::from_millis(1_500), "{:?}", stopped.elapsed());
    for wire in &mut silent {
        wire.closed().await;
    }
}

#[tokio::test]
async fn after_the_end_the_port_is_free() {
    let served = Served::plain().await;
    let address = served.address;
    served.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(plain().bind(&address.to_string()).await.unwrap().local_addr(), address);
}

/// Opens connections, and sends a part of a head on each.
async fn half_open(served: &Served, count: usize) -> Vec<Wire> {
    let mut wires = Vec::new();
    for _ in 0..count {
        let mut wire = served.wire().await;
        wire.send("GET /livez HTTP/1.1\r\nHost: p\r\n").await;
        wires.push(wire);
    }
    wires
}
