//! A follower whose watch does not bring a stream of events.

use std::time::Duration;

use bytes::Bytes;
use kunobi_ha::leader::DeathCertificates;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::{candidate::is_fit_to_print, log::Log, register::Register, rows};

/// What a watch shows, in pieces as they arrive.
struct Stream {
    name: &'static str,
    pieces: Vec<Bytes>,
}

#[tokio::test(start_paused = true)]
async fn a_follower_takes_over_in_time_whatever_its_watch_shows() {
    let streams = streams();
    println!("{} watch streams", streams.len());
    for Stream { name, pieces } in streams {
        let log = Log::capture();
        let register = Register::default();
        register.serve(rows::held().to_string().into_bytes());
        register.stream(pieces);
        let election = register.election().watch(true).build();
        let began = Instant::now();
        let acquired = timeout(Duration::from_secs(60), election.acquire()).await;
        let _guard = acquired.unwrap_or_else(|_| panic!("{name}: no end")).unwrap();
        let waited = began.elapsed();
        assert!((20..21).contains(&waited.as_secs()), "{name}: {waited:?}");
        assert!((1..=12).contains(&register.watches()), "{name}: {} watches", register.watches());
        assert!(register.unguarded().is_empty(), "{name}");
        is_fit_to_print(name, &log);
    }
}

// rule C3: what is no Pod certifies nothing
#[tokio::test(start_paused = true)]
async fn a_follower_waits_a_lease_out_whatever_the_pod_of_its_holder_shows() {
    let holder = rows::held()["spec"]["holderIdentity"].clone();
    let pod = |end: &str| {
        let line = format!("kunobi-ha/1 n/l {} {end}", holder.as_str().unwrap());
        let ended = json!({ "exitCode": 1, "message": format!("\u{1b}[31m\n{line}\n\u{202e}") });
        let pod = json!({ "metadata": { "name": holder, "namespace": "n" }, "spec": { "hostPID": true,
            "containers": [{ "name": "c" }] }, "status": { "containerStatuses": [
            { "name": "c", "state": { "terminated": ended }, "lastState": { "terminated": 1 } }] } });
        Bytes::from(format!("{{\"type\":\"MODIFIED\",\"object\":{pod}}}\n"))
    };
    let acquired = rows::held()["spec"]["acquireTime"].as_str().unwrap().to_owned();
    let pods = vec![pod("never"), pod("\r"), pod(&acquired), pod(&format!("{acquired}\u{0}"))];
    let pods = Stream { name: "pods", pieces: pods };
    for Stream { name, pieces } in streams().into_iter().chain([pods]) {
        let log = Log::capture();
        let register = Register::default();
        register.serve(rows::held().to_string().into_bytes());
        register.stream(pieces);
        let certificates = DeathCertificates::new().container("c").path("/nowhere/log");
        let election = register.election().death_certificates(certificates).build();
        let began = Instant::now();
        let acquired = timeout(Duration::from_secs(60), election.acquire()).await;
        let _guard = acquired.unwrap_or_else(|_| panic!("{name}: no end")).unwrap();
        let waited = began.elapsed();
        assert!((20..=22).contains(&waited.as_secs()), "{name}: {waited:?}");
        assert!((1..=12).contains(&register.watches()), "{name}: {} watches", register.watches());
        is_fit_to_print(name, &log);
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_may_have_1_mib_with_its_end() {
    for (excess, refused) in [(0, false), (1, true)] {
        let event = format!("{{\"type\":\"ADDED\",\"object\":{}}}", rows::held());
        let blanks = " ".repeat((1 << 20) - 1 - event.len() + excess);
        let register = Register::default();
        register.serve(rows::held().to_string().into_bytes());
        register.stream(vec![format!("{event}{blanks}\n").into()]);
        let _guard = register.election().watch(true).build().acquire().await.unwrap();
        assert_eq!(register.watches() > 1, refused, "{excess}: {}", register.watches());
    }
}

fn streams() -> Vec<Stream> {
    let stream = |name, pieces: &[&[u8]]| {
        let pieces = pieces.iter().map(|piece| Bytes::copy_from_slice(piece)).collect();
        Stream { name, pieces }
    };
    let shown = format!("{{\"type\":\"ADDED\",\"object\":{}}}\n", rows::held());
    let by_bytes: Vec<&[u8]> = shown.as_bytes().chunks(1).collect();
    let megabyte = "x".repeat(1 << 20);
    let crumbs = vec![&b" "[..]; 1 << 20];
    vec![
        stream("nothing", &[]),
        stream("empty pieces", &[b"", b"", b"\n", b""]),
        stream("only new lines", &[b"\n\n\r\n"]),
        stream("an event byte by byte", &by_bytes),
        stream("two events in one piece", &[shown.repeat(2).as_bytes()]),
        stream("no JSON", &[b"\xff\xfe\0\n"]),
        stream("a list", &[b"[]\n"]),
        stream("an event without a type", &[br#"{"object":{}}"#, b"\n"]),
        stream("a type that is a number", &[b"{\"type\":1}\n"]),
        stream("an unheard type", &[b"{\"type\":\"\x1b[31m\"}\n", b"{\"type\":\"CHANGED\"}\n"]),
        stream("an event without an object", &[b"{\"type\":\"ADDED\"}\n"]),
        stream(
            "an object that is not a Lease",
            &[b"{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\"}}\n"],
        ),
        stream("a bookmark without an object", &[b"{\"type\":\"BOOKMARK\"}\n"]),
        stream("a deletion without an object", &[b"{\"type\":\"DELETED\"}\n"]),
        stream("an error", &[br#"{"type":"ERROR","object":{"code":410}}"#, b"\n"]),
        stream("a line that does not end", &[br#"{"type":"ADDED","object":"#]),
        stream("a line of more than 1 MiB", &[megabyte.as_bytes(), b"x", b"x"]),
        stream("a line of 1 MiB byte by byte", &crumbs),
        stream("a line of 4 MiB in one piece", &[megabyte.repeat(4).as_bytes(), b"\n"]),
        stream("an event after nonsense", &[b"?\n", shown.as_bytes()]),
    ]
}
