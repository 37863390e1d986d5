//! What a loss of one election does to the others.

use kunobi_ha::{
    operator::{LeaderWork, OnLost},
    shutdown::Reason,
};
use kunobi_ha_test::{Faults, TestServer};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::pair::{Pair, drains, holder, lease, noting, wait_for};
use crate::{
    log::Log,
    setup::{Notes, SIGTERM, names, s},
};

#[tokio::test(start_paused = true)]
async fn a_loss_after_which_one_contends_again_leaves_the_other_untouched() {
    let notes = Notes::new();
    let again = OnLost::Recontend { backoff: s(1) };
    let pair = Pair::run(
        |l| l.lead("work", noting(&notes, "reports begins", "reports ends")).on_lost(again),
        // This one has the policy of the operator, which would end the program.
        |l| l.lead("work", noting(&notes, "cleanup begins", "cleanup ends")),
    )
    .await;
    let term = pair.cleanup.term();
    pair.give("reports", "");
    wait_for(|| notes.times("reports ends").len() == 1).await;
    wait_for(|| notes.times("reports begins").len() == 2).await;
    sleep(s(30)).await;
    assert!(!pair.end.is_finished() && pair.reports.is_leader());
    assert_eq!((pair.cleanup.is_leader(), pair.cleanup.term()), (true, term));
    assert_eq!(notes.times("cleanup begins").len(), 1);
    assert!(notes.times("cleanup ends").is_empty());
    let report = pair.stop().await;
    assert_eq!((report.exit_code(), report.lost.clone()), (0, None));
    assert_eq!(names(&report.released), ["reports", "cleanup"]);
}

#[tokio::test(start_paused = true)]
async fn a_loss_after_which_the_program_exits_ends_all_and_releases_the_others() {
    let log = Log::capture();
    let pair = Pair::run(|l| l.lead("work", drains(0)), |l| l.lead("work", drains(2))).await;
    let server = pair.server.clone();
    pair.give("reports", "x");
    let report = pair.end.await.unwrap();
    let why = "reports: the lease has another holder";
    assert_eq!(report.reason, Reason::LeadershipLost(why.into()));
    assert_eq!((report.exit_code(), report.lost.as_deref()), (4, Some(why)));
    assert_eq!((names(&report.released), report.not_released.len()), (vec!["cleanup"], 0));
    assert_eq!((holder(&server, "reports"), holder(&server, "cleanup")), (json!("x"), json!("")));
    assert!(!log.lines("leadership was lost: reports: the lease has another holder").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_loss_after_which_the_program_exits_withdraws_what_another_is_taking_over() {
    let (server, notes) = (TestServer::new(), Notes::new());
    let guard = lease(&server, "b", "cleanup").build().acquire().await.unwrap();
    let pair = Pair::with(
        &server,
        |l| l.lead("work", drains(0)),
        |l| l.lead("work", noting(&notes, "cleanup begins", "cleanup ends")),
        |operator| operator,
    );
    wait_for(|| pair.reports.is_leader()).await;
    server.set_faults("a/cleanup", Faults { latency_after_ms: 2500, ..Faults::default() });
    guard.step_down().await;
    wait_for(|| holder(&server, "cleanup") == json!("a")).await;
    // The answer to that write is under way.
    server.heal("a/cleanup");
    pair.give("reports", "x");
    let report = pair.end.await.unwrap();
    assert_eq!((report.exit_code(), names(&report.released)), (4, vec!["cleanup"]), "{report}");
    assert_eq!((holder(&server, "reports"), holder(&server, "cleanup")), (json!("x"), json!("")));
    assert!(notes.all().is_empty(), "{:?}", notes.all());
}

#[tokio::test(start_paused = true)]
async fn the_policy_of_the_operator_holds_for_each_election_that_has_none() {
    let pair = Pair::with(
        &TestServer::new(),
        |l| l.lead("work", drains(0)),
        |l| l.lead("work", drains(0)).on_lost(OnLost::Exit),
        |operator| operator.on_lost(OnLost::Recontend { backoff: s(1) }),
    );
    pair.lead().await;
    pair.give("reports", "");
    wait_for(|| !pair.reports.is_leader()).await;
    pair.lead().await;
    pair.give("cleanup", "x");
    let report = pair.end.await.unwrap();
    assert_eq!(report.lost.as_deref(), Some("cleanup: the lease has another holder"));
    assert_eq!((report.exit_code(), names(&report.released)), (4, vec!["reports"]));
}

#[tokio::test(start_paused = true)]
async fn losses_of_both_during_the_shutdown_are_both_in_the_report() {
    let pair = Pair::run(|l| l.lead("work", drains(20)), |l| l.lead("work", drains(20))).await;
    pair.handle.trigger(SIGTERM);
    pair.give("reports", "x");
    pair.give("cleanup", "y");
    let report = pair.end.await.unwrap();
    let mut lost: Vec<_> = report.lost.as_deref().unwrap().split("; ").collect();
    lost.sort_unstable();
    let why = ["cleanup", "reports"].map(|name| format!("{name}: the lease has another holder"));
    assert_eq!(lost, why);
    assert_eq!((report.exit_code(), report.released.len()), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_loss_during_the_shutdown_does_not_keep_the_other_from_being_released() {
    let again = OnLost::Recontend { backoff: s(0) };
    let pair =
        Pair::run(|l| l.lead("work", drains(9)).on_lost(again), |l| l.lead("work", drains(5)))
            .await;
    let server = pair.server.clone();
    pair.handle.trigger(SIGTERM);
    sleep(s(1)).await;
    pair.give("reports", "x");
    let report = pair.end.await.unwrap();
    assert_eq!(report.reason, SIGTERM);
    assert_eq!(report.lost.as_deref(), Some("reports: the lease has another holder"));
    assert_eq!((report.exit_code(), names(&report.released)), (4, vec!["cleanup"]));
    assert_eq!((holder(&server, "reports"), holder(&server, "cleanup")), (json!("x"), json!("")));
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_one_leaves_the_other_untouched() {
    let (log, notes) = (Log::capture(), Notes::new());
    let server = TestServer::new();
    server.set_faults("a/reports", Faults { cut_requests: true, ..Faults::default() });
    let pair = Pair::with(
        &server,
        |l| l.lead("work", drains(0)),
        |l| l.lead("work", noting(&notes, "cleanup begins", "cleanup ends")),
        |operator| operator,
    );
    sleep(s(330)).await;
    assert!(!log.lines("leader election reports: failed to observe").is_empty());
    assert!(!pair.end.is_finished() && pair.cleanup.is_leader() && !pair.reports.is_leader());
    server.heal("a/reports");
    pair.lead().await;
    assert_eq!(notes.all(), ["cleanup begins"]);
    assert_eq!(pair.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_may_end_the_program_when_nothing_of_it_makes_progress() {
    for of_all in [false, true] {
        let server = TestServer::new();
        server.set_faults("a/reports", Faults { cut_requests: true, ..Faults::default() });
        let work = |l: LeaderWork| l.lead("work", drains(0));
        let pair = Pair::with(
            &server,
            |l| if of_all { work(l) } else { work(l).exit_on_observe_timeout() },
            work,
            |operator| if of_all { operator.exit_on_observe_timeout() } else { operator },
        );
        let report = timeout(s(600), pair.end).await.unwrap().unwrap();
        assert!(report.failures[0].starts_with("leader election reports: failed to"), "{report}");
        assert_eq!((report.exit_code(), names(&report.released)), (1, vec!["cleanup"]));
    }
}
