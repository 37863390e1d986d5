//! A candidate that is served each row from the beginning on.

use std::time::Duration;

use kunobi_ha::{Error, leader::Release};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    log::Log,
    register::Register,
    rows::{self, Candidate, Row},
};

#[tokio::test(start_paused = true)]
async fn a_candidate_that_polls_does_what_each_row_says() {
    rows::each(|row| meets(row, false)).await;
}

/// Whatever a watch shows first, polling goes on.
#[tokio::test(start_paused = true)]
async fn a_candidate_that_watches_does_what_each_row_says() {
    rows::each(|row| meets(row, true)).await;
}

async fn meets(row: Row, watch: bool) {
    let name = row.name;
    let log = Log::capture();
    let register = Register::default();
    register.serve((row.body)(rows::held()));
    let served = register.lease();
    let election = register.election().watch(watch).build();
    let began = Instant::now();
    let acquired = timeout(Duration::from_secs(4_000), election.acquire()).await;
    let acquired = acquired.unwrap_or_else(|_| panic!("{name}: no end"));
    match (row.candidate, acquired) {
        (Candidate::Leads { after, transitions }, Ok(guard)) => {
            let waited = began.elapsed();
            let after = Duration::from_secs(after);
            let in_time = waited >= after && waited < after + Duration::from_millis(20);
            assert!(in_time, "{name}: {waited:?}");
            sleep(Duration::from_secs(5)).await;
            assert!(guard.is_leader(), "{name}");
            assert_eq!(guard.step_down().await, Release::Released, "{name}");
            writes_keep_what_was_served(name, &served.unwrap(), &register.writes(), transitions);
        }
        (Candidate::GivesUp(why), Err(Error::ObserveTimeout(_, last))) => {
            assert!(last.to_string().contains(why), "{name}: {last}");
            assert!(register.writes().is_empty(), "{name}");
            assert!((100..400).contains(&register.reads()), "{name}: {} reads", register.reads());
        }
        (Candidate::Refuses(why), Err(Error::NotALease { message })) => {
            assert!(message.contains(why), "{name}: {message}");
            assert!(began.elapsed() < Duration::from_millis(20), "{name}");
            assert!(register.writes().is_empty(), "{name}");
        }
        (expected, Ok(_)) => panic!("{name}: leads instead of {expected:?}"),
        (expected, Err(error)) => panic!("{name}: {error} instead of {expected:?}"),
    }
    assert!(register.unguarded().is_empty(), "{name}: {:?}", register.unguarded());
    // One that is silent is opened again after 90 s.
    let most = 20 + usize::try_from(began.elapsed().as_secs() / 90).unwrap();
    assert!(register.watches() < most, "{name}: {} watches", register.watches());
    is_fit_to_print(name, &log);
}

/// A takeover, renewals and a release: each keeps all that the election does not own.
fn writes_keep_what_was_served(name: &str, served: &Value, writes: &[Value], transitions: i64) {
    assert!(writes.len() >= 3, "{name}: {} writes", writes.len());
    let (release, claims) = writes.split_last().unwrap();
    for written in claims {
        let spec = &written["spec"];
        assert_eq!(spec["holderIdentity"], "me", "{name}");
        assert_eq!(spec["leaseDurationSeconds"], 15, "{name}");
        assert_eq!(spec["leaseTransitions"], transitions, "{name}");
    }
    assert_eq!(release["spec"]["holderIdentity"], "", "{name}");
    assert_eq!(release["spec"]["leaseDurationSeconds"], 1, "{name}");
    for written in writes {
        for time in ["acquireTime", "renewTime"] {
            let time = written["spec"][time].as_str().unwrap();
            assert!(time.len() == 27 && time.ends_with('Z'), "{name}: {time}");
        }
        assert_eq!(written["metadata"]["uid"], served["metadata"]["uid"], "{name}");
        assert_eq!(foreign(written), foreign(served), "{name}");
    }
    let taken = &writes[0]["metadata"]["resourceVersion"];
    assert_eq!(taken, &served["metadata"]["resourceVersion"], "{name}");
}

/// Returns what the election does not own.
pub(crate) fn foreign(lease: &Value) -> Value {
    let mut lease = lease.clone();
    for owned in ["managedFields", "resourceVersion", "uid"] {
        lease["metadata"].as_object_mut().unwrap().remove(owned);
    }
    let Some(spec) = lease.get_mut("spec").and_then(Value::as_object_mut) else {
        lease["spec"] = json!({});
        return lease;
    };
    for owned in OWNED {
        spec.remove(owned);
    }
    lease
}

/// No text of a Lease or an answer makes a line of the log long, or two lines of one.
pub(crate) fn is_fit_to_print(name: &str, log: &Log) {
    for line in log.lines("") {
        assert!(line.len() < 1_500, "{name}: {} bytes: {line:.200}", line.len());
        let evil = |char: char| char.is_control() || matches!(char, '\u{202e}' | '\u{2028}');
        assert!(!line.contains(evil), "{name}: {line:?}");
        let levels = ["TRACE ", "DEBUG ", "INFO ", "WARN ", "ERROR "];
        assert!(levels.iter().any(|level| line.starts_with(level)), "{name}: {line:?}");
    }
}

const OWNED: [&str; 5] =
    ["acquireTime", "holderIdentity", "leaseDurationSeconds", "leaseTransitions", "renewTime"];
