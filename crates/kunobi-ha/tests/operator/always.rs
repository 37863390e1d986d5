//! Work of every replica.

use std::future::pending;

use kunobi_ha::operator::OnLost;
use kunobi_ha_test::{Request, TestServer};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::setup::{SIGTERM, Setup, Trace, assert_about, election, endless, names, s};

#[tokio::test(start_paused = true)]
async fn it_survives_a_loss() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator
            .on_lost(OnLost::Recontend { backoff: s(1) })
            .always("webhook", move |ctx| async move {
                notes.add("begins");
                assert!(!ctx.leader_state().is_leader());
                ctx.draining().await;
                notes.add("told");
                Ok(())
            })
            .lead("controllers", |lead| async move {
                lead.stopped().await;
                Ok(())
            })
    });
    for _ in 0..3 {
        replica.leads().await;
        replica.give_to("");
        replica.wait_for(|replica| !replica.state.is_leader()).await;
        assert_eq!(replica.notes.all(), ["begins"]);
    }
    let notes = replica.notes.clone();
    assert_eq!(replica.stop().await.exit_code(), 0);
    assert_eq!(notes.all(), ["begins", "told"]);
}

#[tokio::test(start_paused = true)]
async fn it_may_return_at_any_time_but_not_fail() {
    let replica = Setup::new().run(|operator| {
        operator.always("once", |_| async { Ok(()) }).lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        })
    });
    sleep(s(60)).await;
    assert!(replica.state.is_leader() && !replica.end.is_finished());
    assert_eq!(replica.stop().await.exit_code(), 0);

    let replica = Setup::new()
        .run(|operator| operator.always("webhook", |_| async { Err("no certificate".into()) }));
    let report = replica.end.await.unwrap();
    assert_eq!(
        (report.exit_code(), names(&report.failures)),
        (1, vec!["webhook failed: no certificate"])
    );
}

#[tokio::test(start_paused = true)]
async fn it_is_aborted_if_it_does_not_stop_when_the_lease_is_released_long_since() {
    let setup = Setup::new();
    let notes = setup.notes.clone();
    let replica = setup.run(|operator| {
        operator.always("webhook", move |_| endless(Trace(notes, "aborted"))).lead(
            "controllers",
            |lead| async move {
                lead.stopped().await;
                Ok(())
            },
        )
    });
    replica.leads().await;
    replica.handle.trigger(SIGTERM);
    let (began, notes) = (Instant::now(), replica.notes.clone());
    replica.wait_for(|replica| replica.holder() == json!("")).await;
    assert_about(began.elapsed(), s(0));
    let report = replica.end.await.unwrap();
    assert_about(began.elapsed(), s(24));
    assert_eq!((notes.all(), report.exit_code()), (vec!["aborted".to_owned()], 3));
    assert_eq!(names(&report.stuck), ["webhook"]);
    assert_eq!(names(&report.released), ["lease"]);
}

#[tokio::test(start_paused = true)]
async fn a_standby_that_shuts_down_stops_contending_first() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let guard = leader.acquire().await.unwrap();
    let replica = Setup::on(&server, "b").run(|operator| {
        operator
            .always("webhook", |ctx| async move {
                ctx.draining().await;
                sleep(s(10)).await;
                Ok(())
            })
            .lead("controllers", |_| pending())
    });
    sleep(s(20)).await;
    let of_standby = |server: &TestServer| {
        server.requests().iter().filter(|request: &&Request| request.client == "b").count()
    };
    assert!(of_standby(&server) >= 10);
    replica.handle.trigger(SIGTERM);
    sleep(s(1)).await;
    let asked = of_standby(&server);
    // It does not take over a Lease that it would not use.
    guard.step_down().await;
    let report = replica.end.await.unwrap();
    assert_eq!(of_standby(&server), asked);
    assert_eq!(report.exit_code(), 0);
    assert!(report.released.is_empty() && report.not_released.is_empty(), "{report}");
    assert_eq!(crate::setup::holder(&server), json!(""));
}
