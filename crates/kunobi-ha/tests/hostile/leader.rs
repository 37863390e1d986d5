//! A leader whose Lease is replaced by each row.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::{
    candidate::{foreign, is_fit_to_print},
    log::Log,
    register::Register,
    rows::{self, Leader, Row},
};

#[tokio::test(start_paused = true)]
async fn a_leader_that_polls_does_what_each_row_says() {
    rows::each(|row| meets(row, false)).await;
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_watches_does_what_each_row_says() {
    rows::each(|row| meets(row, true)).await;
}

async fn meets(row: Row, watch: bool) {
    let name = row.name;
    let log = Log::capture();
    let register = Register::default();
    let election = register.election().watch(watch).build();
    let mut guard = election.acquire().await.unwrap();
    sleep(Duration::from_secs(3)).await;
    let mut lease = register.lease().unwrap();
    lease["metadata"]["resourceVersion"] = "100".into();
    lease["unheard"] = serde_json::json!({ "of": [1] });
    register.serve((row.body)(lease));
    let (served, writes) = (register.lease(), register.writes().len());
    let replaced = Instant::now();
    match (row.leader, timeout(Duration::from_secs(60), guard.lost()).await) {
        (Leader::Keeps, Err(_)) => {
            let after = &register.writes()[writes..];
            assert!(guard.is_leader() && after.len() > 25, "{name}: {} writes", after.len());
            for written in after {
                assert_eq!(foreign(written), foreign(served.as_ref().unwrap()), "{name}");
                assert_eq!(written["spec"]["leaseDurationSeconds"], 15, "{name}");
            }
        }
        (Leader::Ends(expected), Ok(reason)) => {
            assert_eq!(reason, expected, "{name}");
            assert!(replaced.elapsed() <= Duration::from_secs(10), "{name}");
            assert_eq!(
                register.writes().len(),
                writes,
                "{name}: it wrote over what is not its own"
            );
        }
        (expected, lost) => panic!("{name}: {lost:?} instead of {expected:?}"),
    }
    assert!(register.unguarded().is_empty(), "{name}: {:?}", register.unguarded());
    is_fit_to_print(name, &log);
}
