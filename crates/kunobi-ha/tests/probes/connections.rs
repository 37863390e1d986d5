//! Whoever says nothing never keeps a kubelet out, nor a process alive.

use std::time::Duration;

use axum::{Router, routing::get};
use kunobi_ha::{
    health_probe::{CONNECTIONS, HealthProbe},
    readiness::Health,
};
use tokio::time::{Instant, timeout};

use crate::wire::{Served, Wire};

#[tokio::test]
async fn the_oldest_silent_connection_makes_room_for_a_new_one() {
    let served = Served::plain().await;
    let mut silent = half_open(&served, CONNECTIONS).await;
    let asked = Instant::now();
    assert_eq!(served.probe("/readyz").await, (200, "ok".into()));
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    timeout(Duration::from_secs(1), silent[0].closed()).await.expect("the oldest is closed");
    // The others still may end their head.
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
async fn after_the_end_nobody_listens() {
    let served = Served::plain().await;
    let address = served.address;
    served.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let again = HealthProbe::new(Health::builder().build().unwrap());
    assert_eq!(again.bind(&address.to_string()).await.unwrap().local_addr(), address);
}

#[tokio::test]
async fn answers_under_way_are_ended_before_the_end() {
    let slow = Router::new().route(
        "/slow",
        get(async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "at last"
        }),
    );
    let served = Served::of(HealthProbe::new(Health::builder().build().unwrap()).merge(slow)).await;
    let mut wire = served.wire().await;
    wire.send("GET /slow HTTP/1.1\r\nHost: p\r\n\r\n").await;
    // Once this is answered, the one before it has been accepted, and most likely read.
    assert_eq!(served.get("/livez").await.status, 200);
    let end = served.stop();
    assert_eq!(wire.answer(false).await.body, "at last");
    end.await;
}

#[tokio::test]
async fn answers_that_never_come_delay_the_end_by_less_than_a_second_even_if_there_is_no_room_left()
{
    let stuck = Router::new().route("/stuck", get(std::future::pending::<&str>));
    let served =
        Served::of(HealthProbe::new(Health::builder().build().unwrap()).merge(stuck)).await;
    let mut wires = Vec::new();
    for _ in 0..=CONNECTIONS {
        let mut wire = served.wire().await;
        wire.send("GET /stuck HTTP/1.1\r\nHost: p\r\n\r\n").await;
        wires.push(wire);
        tokio::task::yield_now().await;
    }
    let stopped = Instant::now();
    timeout(Duration::from_secs(5), served.stop()).await.expect("it ends although nobody leaves");
    assert!(stopped.elapsed() < Duration::from_secs(1), "{:?}", stopped.elapsed());
}

/// Opens connections that never complete their head, and waits until they are accepted.
async fn half_open(served: &Served, count: usize) -> Vec<Wire> {
    let mut wires = Vec::new();
    for _ in 0..count {
        let mut wire = served.wire().await;
        wire.send("GET /livez HTTP/1.1\r\nHost: p\r\n").await;
        wires.push(wire);
    }
    wires
}
