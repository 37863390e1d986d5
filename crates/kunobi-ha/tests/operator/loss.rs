//! Leadership is lost, and work has to be gone before another replica can lead.

use std::time::Duration;

use kunobi_ha::{leader::StepDownReason, operator::OnLost, shutdown::Reason};
use kunobi_ha_test::Faults;
use serde_json::json;
use tokio::time::sleep;

use crate::setup::{LEASE, Setup, Trace, assert_about, endless, holder, names, s};

#[tokio::test(start_paused = true)]
async fn another_holder_aborts_leader_work_at_once_and_ends_the_process() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("controllers", move |lead| {
            let (notes, trace) = (notes.clone(), Trace(notes.clone(), "gone"));
            async move {
                let stopped = lead.stopped();
                let watched = notes.clone();
                tokio::spawn(async move {
                    stopped.await;
                    watched.add("told");
                });
                endless(trace).await
            }
        })
    });
    replica.leads().await;
    replica.give_to("x");
    let (server, notes) = (replica.server.clone(), replica.notes.clone());
    let report = replica.end.await.unwrap();
    assert!(notes.time("gone").abs_diff(notes.time("told")) <= Duration::from_millis(1));
    assert!(matches!(report.reason, Reason::LeadershipLost(_)), "{:?}", report.reason);
    assert!(report.to_string().contains("the lease has another holder"), "{report}");
    assert_eq!((report.exit_code(), report.failures.len()), (4, 0));
    assert!(report.released.is_empty() && report.not_released.is_empty(), "{report}");
    assert_eq!(holder(&server), json!("x"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_leaves_time_to_stop_but_not_longer_than_the_lease_less_the_abort() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("controllers", move |lead| {
            let (notes, trace) = (notes.clone(), Trace(notes.clone(), "gone"));
            async move {
                let stopped = lead.stopped();
                let watched = notes.clone();
                tokio::spawn(async move {
                    stopped.await;
                    watched.add("told");
                });
                endless(trace).await
            }
        })
    });
    replica.leads().await;
    sleep(s(5)).await;
    replica.server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let renewed = Duration::from_micros(replica.server.history().last().unwrap().at_us);
    let notes = replica.notes.clone();
    let report = replica.end.await.unwrap();
    // Work is told to stop D after the last renewal. Of the L - D of 5 s, the abort has 2 s.
    assert_about(notes.time("told").abs_diff(renewed), s(10));
    assert_about(notes.time("gone").abs_diff(renewed), s(13));
    assert_eq!(report.exit_code(), 4);
    assert!(report.released.is_empty());
}

#[tokio::test(start_paused = true)]
async fn work_that_ends_within_that_time_is_not_aborted() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.lead("controllers", move |lead| {
            let notes = notes.clone();
            async move {
                lead.stopped().await;
                lead.track(sleep(Duration::from_millis(2_500))).await;
                notes.add("ended");
                Ok(())
            }
        })
    });
    replica.leads().await;
    replica.server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let (server, notes) = (replica.server.clone(), replica.notes.clone());
    let report = replica.end.await.unwrap();
    assert_eq!(notes.all(), ["ended"]);
    assert_eq!((report.exit_code(), names(&report.failures).len()), (4, 0));
    assert_eq!(holder(&server), json!("a"), "what is lost is never released");
}

#[tokio::test(start_paused = true)]
async fn an_error_under_a_loss_is_no_failure_but_a_panic_is() {
    let stopped = |panics: bool| {
        Setup::new().run(move |operator| {
            operator.lead("controllers", move |lead| async move {
                // A write may well fail when another replica leads.
                lead.stopped().await;
                assert!(!panics, "not prepared for that");
                Err("conflict".into())
            })
        })
    };
    for (panics, code) in [(false, 4), (true, 1)] {
        let replica = stopped(panics);
        replica.leads().await;
        replica.server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
        let report = replica.end.await.unwrap();
        assert_eq!((report.exit_code(), report.failures.is_empty()), (code, !panics), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_of_the_reason_may_choose() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator
            .on_lost(move |reason| {
                notes.add(format!("{reason:?}"));
                match reason {
                    StepDownReason::RenewDeadlineExceeded => OnLost::Recontend { backoff: s(1) },
                    _ => OnLost::Exit,
                }
            })
            .lead("controllers", |lead| async move {
                lead.stopped().await;
                Ok(())
            })
    });
    replica.leads().await;
    replica.server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    replica.wait_for(|replica| !replica.notes.all().is_empty()).await;
    replica.server.heal("a");
    replica.leads().await;
    assert!(!replica.end.is_finished());
    replica.give_to("x");
    let notes = replica.notes.clone();
    assert_eq!(replica.end.await.unwrap().exit_code(), 4);
    assert_eq!(notes.all(), ["RenewDeadlineExceeded", "HolderChanged"]);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_is_no_loss() {
    let replica = Setup::new().run(|operator| {
        operator.lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        })
    });
    replica.leads().await;
    assert!(replica.server.delete(LEASE));
    sleep(s(30)).await;
    assert!(replica.state.is_leader() && !replica.end.is_finished());
    let report = replica.stop().await;
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]));
}
