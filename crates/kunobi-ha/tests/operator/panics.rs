//! Panics where there is no future yet, and in a policy.

use std::future::{Ready, pending};

use kunobi_ha::{BoxError, operator::OnLost};
use serde_json::json;

use crate::setup::{Setup, holder, names};

#[tokio::test(start_paused = true)]
async fn leader_work_that_panics_before_there_is_a_future_releases_nothing() {
    let work = |_| -> Ready<Result<(), BoxError>> { panic!("no configuration") };
    let replica = Setup::new().run(|operator| operator.lead("controllers", work));
    let server = replica.server.clone();
    let report = replica.end.await.unwrap();
    assert_eq!(names(&report.failures), ["controllers panicked: no configuration"]);
    assert_eq!((report.exit_code(), names(&report.not_released)), (1, vec!["lease"]));
    assert_eq!(holder(&server), json!("a"));
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_panics_ends_the_program() {
    let choose = |_| -> OnLost { panic!("no idea") };
    let replica = Setup::new().run(|operator| operator.on_lost(choose).lead("work", |_| pending()));
    replica.leads().await;
    replica.give_to("intruder");
    let report = replica.end.await.unwrap();
    assert_eq!(report.exit_code(), 1);
    let told = ["the policy for a lost leadership panicked: no idea"];
    assert_eq!(names(&report.failures), told);
}
