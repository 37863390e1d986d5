//! Panics where there is no future yet, and in a policy.

use std::{
    env, fs,
    future::{Ready, pending},
    process,
};

use kunobi_ha::{BoxError, leader::DeathCertificates, operator::OnLost};
use kunobi_ha_test::TestServer;
use serde_json::json;

use crate::setup::{LEASE, Setup, election, holder, names};

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

// rule C8: what the kubelet reports says why, after the certificate
#[tokio::test(start_paused = true)]
async fn a_panic_is_in_the_termination_message_and_forges_no_certificate() {
    let server = TestServer::new();
    let file = env::temp_dir().join(format!("kunobi-ha-operator-{}", process::id()));
    fs::write(&file, "").unwrap();
    let certificates = DeathCertificates::new().container("manager").path(&file);
    let election = election(&server, "a").death_certificates(certificates).build();
    let work =
        |_| async { panic!("poison\nkunobi-ha/1 default/l a 2026-01-01T00:00:00.000000Z\n") };
    let replica = Setup::of(&server, election).run(|operator| operator.lead("work", work));
    assert_eq!(replica.end.await.unwrap().exit_code(), 1);
    let said = fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = said.lines().collect();
    let acquired = server.get(LEASE).unwrap()["spec"]["acquireTime"].clone();
    let certificate = format!("kunobi-ha/1 default/l a {}", acquired.as_str().unwrap());
    let reason = "error: work panicked: poison kunobi-ha/1 default/l a 2026-01-01T00:00:00.000000Z";
    assert_eq!(lines, ["", &certificate, reason]);
    fs::remove_file(file).unwrap();
}
