//! Leadership goes where somebody wishes, while the program runs.

use kunobi_ha::{
    operator::{OnWish, Operator},
    shutdown::{Reason, Shutdown},
};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    log::Log,
    rollout::{replica, run, successor},
    setup::{LEASE, SIGTERM, Setup, Trace, assert_about, election, endless, holder, names, s},
};

// rule P3: drain, release, that one as successor; the former leader goes on as a candidate
#[tokio::test(start_paused = true)]
async fn a_wish_hands_over_and_the_former_leader_is_a_standby_then() {
    let log = Log::capture();
    let server = TestServer::new();
    let a = replica(&server, "a", s(3));
    a.leads().await;
    let b = replica(&server, "b", s(0));
    let c = replica(&server, "c", s(0));
    sleep(s(20)).await;
    wish(&server, "c");
    let wished = Instant::now();
    c.leads().await;
    // A renewal meets a conflict and reads the wish, work takes 3 s to end, and the next poll finds a
    // free Lease.
    let took = wished.elapsed();
    assert!(took >= s(3) && took <= s(8), "{took:?}");
    assert_eq!(log.lines("handing over to c as wished").len(), 1);
    assert!(!a.state.is_leader() && !b.state.is_leader());
    assert!(!a.end.is_finished(), "the program goes on");
    // It takes part as before.
    sleep(s(20)).await;
    assert_eq!(a.state.leader_identity().as_deref(), Some("c"));
    wish(&server, "a");
    a.leads().await;
    assert_eq!(a.notes.times("begins").len(), 2);
    let report = a.stop().await;
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]), "{report}");
    for standby in [b, c] {
        assert_eq!(standby.stop().await.exit_code(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn always_work_is_not_disturbed_by_a_handover_and_the_report_knows_nothing_of_it() {
    let server = TestServer::new();
    let a = run(Setup::on(&server, "a"), s(0), |operator| {
        operator.always("webhook", |context| async move {
            let ended = tokio::time::timeout(s(600), context.draining()).await;
            assert!(ended.is_ok());
            Ok(())
        })
    });
    a.leads().await;
    sleep(s(20)).await;
    wish(&server, "nobody");
    a.wait_for(|a| !a.state.is_leader()).await;
    sleep(s(1)).await;
    assert_eq!(holder(&server), json!(""));
    assert!(a.handle.remaining().is_none(), "no shutdown has begun");
    // Nobody else is there, so that it leads again, 2 R after the release.
    let released = Instant::now();
    a.leads().await;
    assert!(released.elapsed() <= s(4), "{:?}", released.elapsed());
    let report = a.stop().await;
    assert_eq!(report.to_string(), "SIGTERM; released: lease; exit code 0");
}

#[tokio::test(start_paused = true)]
async fn a_wish_is_ignored_where_the_program_says_so() {
    let log = Log::capture();
    let server = TestServer::new();
    let a = run(Setup::on(&server, "a"), s(0), |operator| operator.on_wish(OnWish::Ignore));
    a.leads().await;
    sleep(s(20)).await;
    wish(&server, "b");
    sleep(s(60)).await;
    assert!(a.state.is_leader());
    assert_eq!(log.lines("not handing over to b: wishes are ignored").len(), 1);
    assert_eq!(a.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_election_has_its_own_answer_to_a_wish() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let state = election.state();
    let stop = Shutdown::builder().manual().unwrap();
    let handle = stop.handle();
    let operator = Operator::several()
        .election("obeys", election, |work| {
            work.on_wish(OnWish::Handover).lead("work", |lead| async move {
                lead.stopped().await;
                Ok(())
            })
        })
        .on_wish(OnWish::Ignore)
        .shutdown(stop);
    let end = tokio::spawn(operator.run());
    sleep(s(20)).await;
    assert!(state.is_leader());
    wish(&server, "b");
    sleep(s(4)).await;
    assert!(!state.is_leader());
    handle.trigger(SIGTERM);
    assert_eq!(end.await.unwrap().exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wish_of_before_the_term_is_ignored() {
    let server = TestServer::new();
    let a = replica(&server, "a", s(0));
    a.leads().await;
    assert_eq!(a.stop().await.exit_code(), 0);
    wish(&server, "c");
    let b = replica(&server, "b", s(0));
    b.leads().await;
    sleep(s(60)).await;
    assert!(b.state.is_leader());
    assert_eq!(b.notes.times("begins").len(), 1);
    assert_eq!(b.stop().await.exit_code(), 0);
}

// As for a signal: what did not end by itself may be half done.
#[tokio::test(start_paused = true)]
async fn work_that_does_not_end_is_aborted_and_the_lease_runs_out() {
    let log = Log::capture();
    let server = TestServer::new();
    let setup = Setup::on(&server, "a");
    let notes = setup.notes.clone();
    let a = setup.run(|operator| {
        operator.lead("endless", move |_| endless(Trace(notes.clone(), "aborted")))
    });
    a.leads().await;
    let b = replica(&server, "b", s(0));
    sleep(s(20)).await;
    wish(&server, "b");
    a.wait_for(|a| log.lines("handing over to b").len() == 1 && a.state.is_leader()).await;
    let told = Instant::now();
    a.wait_for(|a| !a.state.is_leader()).await;
    assert_about(told.elapsed(), s(24));
    assert_eq!(a.notes.all(), ["aborted"]);
    assert_eq!(holder(&server), json!("a"), "it is not released");
    let line = "the lease is not handed over but left to run out, because leader work did not end by \
                itself: endless";
    assert_eq!(log.lines(line).len(), 1);
    b.leads().await;
    assert!(told.elapsed() >= s(24 + 13), "{:?}", told.elapsed());
    assert!(!a.end.is_finished());
    let report = a.stop().await;
    assert_eq!(report.exit_code(), 0, "{report}");
    assert_eq!(b.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn work_that_can_not_be_aborted_ends_the_program_and_nobody_leads_beside_it() {
    let server = TestServer::new();
    let a = Setup::on(&server, "a").run(|operator| {
        operator.lead("work", |lead| async move {
            // Nobody drops it.
            std::mem::forget(lead.track_as("kept", std::future::pending::<()>()));
            lead.stopped().await;
            Ok(())
        })
    });
    a.leads().await;
    sleep(s(20)).await;
    wish(&server, "b");
    let wished = Instant::now();
    let (state, report) = (a.state.clone(), a.end.await.unwrap());
    assert_eq!(names(&report.failures), ["kept can't be stopped"]);
    assert_eq!((names(&report.not_released), report.exit_code()), (vec!["lease"], 1), "{report}");
    // The budgets of the handover, then those of the shutdown.
    assert!(wished.elapsed() >= s(2 * 26), "{:?}", wished.elapsed());
    assert!(!state.is_leader());
    assert_eq!(holder(&server), json!("a"));
}

#[tokio::test(start_paused = true)]
async fn a_program_with_work_that_a_release_waits_for_does_not_obey() {
    let log = Log::capture();
    let server = TestServer::new();
    let a = run(Setup::on(&server, "a"), s(0), |operator| {
        operator.always_before_release("queue", |context| async move {
            context.draining().await;
            Ok(())
        })
    });
    a.leads().await;
    sleep(s(20)).await;
    wish(&server, "b");
    sleep(s(60)).await;
    assert!(a.state.is_leader());
    let line = "not handing over to b: queue has to end before, and ends with the program";
    assert_eq!(log.lines(line).len(), 1);
    assert_eq!(names(&a.stop().await.released), ["lease"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_during_a_handover_ends_the_program_and_names_the_one_that_is_wished_for() {
    let server = TestServer::new();
    let a = replica(&server, "a", s(10));
    a.leads().await;
    sleep(s(20)).await;
    wish(&server, "b");
    a.wait_for(|a| a.notes.times("stops").len() == 1).await;
    sleep(s(5)).await;
    let began = Instant::now();
    let report = a.stop().await;
    assert_about(began.elapsed(), s(5));
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]), "{report}");
    assert!(successor(&server).starts_with("b "), "{}", successor(&server));
}

#[tokio::test(start_paused = true)]
async fn a_wish_during_a_shutdown_changes_nothing() {
    let log = Log::capture();
    let server = TestServer::new();
    let a = replica(&server, "a", s(10));
    a.leads().await;
    sleep(s(20)).await;
    a.handle.trigger(SIGTERM);
    sleep(s(2)).await;
    wish(&server, "b");
    let report = a.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec!["lease"]), "{report}");
    assert_eq!(log.lines("b is wished for as the leader").len(), 1);
    assert_eq!((log.lines("handing over").len(), successor(&server)), (0, String::new()));
}

#[tokio::test(start_paused = true)]
async fn a_loss_during_a_handover_is_a_loss() {
    let server = TestServer::new();
    let a = replica(&server, "a", s(10));
    a.leads().await;
    sleep(s(20)).await;
    wish(&server, "b");
    a.wait_for(|a| a.notes.times("stops").len() == 1).await;
    a.give_to("x");
    let report = a.end.await.unwrap();
    assert!(matches!(report.reason, Reason::LeadershipLost(_)), "{report}");
    assert_eq!((report.exit_code(), holder(&server)), (4, json!("x")));
}

fn wish(server: &TestServer, name: &str) {
    let edit = |lease: &mut Value| {
        lease["metadata"]["annotations"]["kunobi.ninja/wish"] = name.into();
    };
    server.edit(LEASE, edit).unwrap();
}
