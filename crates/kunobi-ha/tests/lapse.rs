//! Work that hears from the clock that its term is over, before the election says so.

use std::time::Duration;

use kunobi_ha::{
    BoxError,
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    shutdown::{Report, Shutdown, exit_code},
};
use kunobi_ha_test::{Faults, TestServer};

// rule 3: every reader compares the clock with the deadline
#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_ensure_is_a_loss_and_no_failure() {
    let report = cut_off(|lead| {
        while lead.ensure().is_ok() {}
        Ok(lead.ensure()?)
    })
    .await;
    assert_eq!(report.exit_code(), exit_code::LEADERSHIP_LOST, "{report}: {:?}", report.failures);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_returns_because_its_term_is_over_is_not_done() {
    let report = cut_off(|lead| {
        while lead.ensure().is_ok() {}
        Ok(())
    })
    .await;
    assert_eq!(report.exit_code(), exit_code::LEADERSHIP_LOST, "{report}");
}

/// Leads, is cut off, and compares the clock with its deadline all the time.
async fn cut_off(work: fn(LeaderContext) -> Result<(), BoxError>) -> Report {
    let server = TestServer::new();
    let client = kube::Client::new(server.service("a"), "default");
    let election = LeaderElection::builder(client, "default", "lapse")
        .lease_duration(Duration::from_secs(2))
        .renew_deadline(Duration::from_secs(1))
        .retry_period(Duration::from_millis(200))
        .build();
    Operator::new(election)
        .shutdown(Shutdown::builder().manual().expect("the default budgets fit"))
        .lead("work", move |lead| {
            server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
            async move { tokio::task::spawn_blocking(move || work(lead)).await? }
        })
        .run()
        .await
}
