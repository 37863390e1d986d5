//! Metrics that are never returned.

use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{limits::CONNECTIONS, world::World};

#[test]
fn an_encoder_that_hangs_holds_up_no_probe_no_thread_of_others_and_no_end() {
    let world = World::new();
    let mut program = world.start("hung-metrics", "a");
    let address = program.probes();
    let scrape = |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        stream
    };
    let scrapes: Vec<_> = (0..CONNECTIONS * 2).map(scrape).collect();
    assert!(program.says("encodes on").ends_with("on kunobi-ha-metrics"));
    let task = program.says("task on");
    assert!(task.contains("on tokio-"), "it runs on the user's runtime: {task}");
    let answer = program.probe("/livez");
    assert_eq!(answer.status, 200);
    assert!(answer.took < Duration::from_millis(500), "{:?}", answer.took);
    drop(scrapes);
    let signalled = Instant::now();
    program.terminate();
    assert_eq!(program.end().code, Some(0));
    assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
    assert_eq!(program.all("encodes on").len(), 1);
}
