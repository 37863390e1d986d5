//! Silent connections neither keep a kubelet out nor keep the process from ending.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use crate::{
    http,
    limits::{CONNECTIONS, HEADER_TIMEOUT},
    world::{World, eventually, now},
};

#[test]
fn a_kubelet_is_answered_beside_200_half_open_connections() {
    let world = World::new();
    let mut program = world.start("leader", "a");
    let address = program.probes();
    program.says("works in term");

    let done = AtomicBool::new(false);
    let (closed, answers) = thread::scope(|scope| {
        let kubelet = scope.spawn(|| probe_until(address, &done));
        let closed = closing_times(&half_open(address, HALF_OPEN));
        done.store(true, Ordering::Release);
        (closed, kubelet.join().unwrap())
    });
    let room = closed.iter().filter(|took| **took < HEADER_TIMEOUT / 2).count();
    let last = *closed.iter().max().unwrap();
    let slowest = *answers.iter().max().unwrap();
    println!("{HALF_OPEN} half-open connections: {room} made room, the last closed after {last:?}");
    println!("{} probes meanwhile, the slowest took {slowest:?}", answers.len());
    assert!(room >= HALF_OPEN - CONNECTIONS);
    assert!(last >= HEADER_TIMEOUT / 2 && last < HEADER_TIMEOUT * 2);
    assert!(answers.len() > 20);

    let streams = half_open(address, CONNECTIONS / 2);
    assert_eq!(program.probe("/livez").status, 200, "all were accepted before");
    let signalled = program.terminate();
    let closed = thread::scope(|scope| {
        let closed = scope.spawn(|| closing_times(&streams));
        let end = program.end();
        let took = end.at - signalled;
        println!("the shutdown took {took:?} with {} half-open connections", streams.len());
        assert_eq!(end.code, Some(0));
        assert!(took < HEADER_TIMEOUT / 2, "{took:?}");
        closed.join().unwrap()
    });
    println!("they were closed within {:?}", closed.iter().max().unwrap());
    assert!(program.all("did not end in time").is_empty());
    assert_eq!(world.releases().len(), 1);
}

/// Opens connections that begin a request and then send nothing more.
fn half_open(address: SocketAddr, number: usize) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        // The oldest may be closed already.
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Half: ");
        stream.set_nonblocking(true).unwrap();
        stream
    };
    (0..number).map(open).collect()
}

/// Waits until all are closed; tells how long each one took.
fn closing_times(streams: &[TcpStream]) -> Vec<Duration> {
    let begun = now();
    let mut took = vec![None; streams.len()];
    eventually("all are closed", || {
        for (mut stream, took) in streams.iter().zip(&mut took) {
            if took.is_none() && is_closed(&mut stream) {
                *took = Some(now() - begun);
            }
        }
        took.iter().copied().collect()
    })
}

fn is_closed(stream: &mut impl Read) -> bool {
    match stream.read(&mut [0; 512]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

/// Probes as a kubelet does; tells how long each answer took.
fn probe_until(address: SocketAddr, done: &AtomicBool) -> Vec<Duration> {
    let mut answers = Vec::new();
    while !done.load(Ordering::Acquire) {
        for path in ["/livez", "/readyz"] {
            let answer = http::get(address, path).expect("it is answered within a second");
            assert_eq!((answer.status, &*answer.body), (200, "ok"));
            answers.push(answer.took);
        }
        thread::sleep(BETWEEN_PROBES);
    }
    answers
}

const HALF_OPEN: usize = 200;
const BETWEEN_PROBES: Duration = Duration::from_millis(100);
