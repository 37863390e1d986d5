//! Any bytes on a connection to the probe server: it answers HTTP or nothing, closes, and goes on.
//!
//! `0xff` and a number repeat the line before, so that long heads are short to write.

use std::{
    cell::Cell,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::OnceLock,
    thread,
    time::Duration,
};

use kunobi_ha::{health_probe::HealthProbe, readiness::Health};
use tokio::runtime::Builder;

/// What a client does after it has sent all.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// It closes its side. The server owes it no answer then, and closes the other side.
    Closes,
    Waits,
}

pub(crate) fn run(bytes: &[u8]) {
    thread_local! {
        static COUNT: Cell<u32> = const { Cell::new(0) };
    }
    let sent = unfold(bytes);
    let answer = exchange(&sent, End::Closes);
    let text = std::str::from_utf8(&answer).expect("text");
    let evil = |char: char| char.is_control() && !matches!(char, '\r' | '\n');
    assert!(!text.contains(evil), "{text:?}");
    if let Some(status) = first_status(text) {
        assert!(STATUSES.contains(&status), "{text}");
        let is_refused = status == 431 || status == 400;
        assert!(is_refused || !has_too_much(&sent), "{status} for {} bytes", sent.len());
    }
    let count = COUNT.get();
    COUNT.set(count.wrapping_add(1));
    if count.is_multiple_of(64) {
        let text = exchange(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", End::Waits);
        let text = String::from_utf8_lossy(&text);
        assert!(
            text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\nok"),
            "{text:?}"
        );
    }
}

fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut sent = Vec::new();
    let mut parts = bytes.split(|byte| *byte == 0xff);
    sent.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        let (times, rest) = part.split_first().unwrap_or((&0, &[]));
        let end = sent.len().saturating_sub(1);
        let begin = sent[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = sent[begin..].to_vec();
        let times = usize::from(*times).min(LONGEST / line.len().max(1));
        sent.extend(line.repeat(times));
        sent.extend_from_slice(rest);
    }
    sent
}

/// Sends all, and returns all that came before the connection was closed.
fn exchange(sent: &[u8], end: End) -> Vec<u8> {
    let mut stream = TcpStream::connect(server()).expect("it accepts connections");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    // The server may have closed it already: that is an end as well.
    let written = stream.write_all(sent);
    if written.is_ok() && end == End::Closes {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        let kind = error.kind();
        assert_eq!(kind, std::io::ErrorKind::ConnectionReset, "it does not close: {error}");
    }
    answer
}

/// Tells whether the first head is longer than 9 KiB, or has more than 32 headers.
fn has_too_much(sent: &[u8]) -> bool {
    let begin = sent.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or_default();
    let mut length = 0;
    let mut headers = 0_usize;
    for line in sent[begin..].split_inclusive(|byte| *byte == b'\n').skip(1) {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        length += line.len();
        headers += 1;
    }
    length > 9 * 1024 || headers > 32
}

fn first_status(text: &str) -> Option<u16> {
    let line = text.strip_prefix("HTTP/1.")?;
    assert!(line.starts_with(['0', '1']), "{line}");
    line.get(2..5)?.parse().ok()
}

fn server() -> SocketAddr {
    static SERVER: OnceLock<SocketAddr> = OnceLock::new();
    *SERVER.get_or_init(|| {
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut health = Health::builder();
                let _ready = health.ready_flag("ready");
                let health = health.build().expect("one check");
                let probe = HealthProbe::new(health).metrics(|| "up 1\n".into());
                let bound = probe.bind("127.0.0.1:0").await.expect("a port");
                tell.send(bound.local_addr()).expect("it is waited for");
                bound.serve_until(std::future::pending()).await;
            });
        });
        told.recv().expect("it starts")
    })
}

const STATUSES: [u16; 8] = [100, 200, 400, 404, 405, 414, 431, 503];
const LONGEST: usize = 16 * 1024;
/// Longer than the time that the server gives a client to send a head.
const PATIENCE: Duration = Duration::from_secs(8);
