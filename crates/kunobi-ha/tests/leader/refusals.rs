//! Configurations that can't work, and refusals that an administrator must lift.

use std::time::Duration;

use kunobi_ha::{
    Error, InvalidConfig,
    leader::{Clock, LeaderElection, LeaderElectionBuilder},
};
use kunobi_ha_test::{Faults, Role, TestServer};
use serde_json::json;
use tokio::time::timeout;

use crate::elections::{LEASE, election};

#[tokio::test(start_paused = true)]
async fn a_configuration_that_cannot_work_is_told_before_anything_is_sent() {
    let seconds = Duration::from_secs;
    let server = TestServer::new();
    let refused =
        async |configure: &dyn Fn(LeaderElectionBuilder) -> LeaderElectionBuilder| match configure(
            election(&server, "a"),
        )
        .build()
        .acquire()
        .await
        {
            Err(Error::InvalidConfig(invalid)) => invalid,
            other => panic!("{other:?}"),
        };
    assert_eq!(
        refused(&|e| e.renew_deadline(seconds(15))).await,
        InvalidConfig::RenewDeadlineNotLess { renew: seconds(15), lease: seconds(15) }
    );
    assert_eq!(
        refused(&|e| e.lease_duration(Duration::from_millis(900))).await,
        InvalidConfig::LeaseDurationTooSmall { lease: Duration::from_millis(900) }
    );
    assert_eq!(
        refused(&|e| e.lease_duration(Duration::from_millis(15_500))).await,
        InvalidConfig::LeaseDurationNotWholeSeconds { lease: Duration::from_millis(15_500) }
    );
    assert_eq!(
        refused(&|e| e.lease_duration(seconds(1 << 31))).await,
        InvalidConfig::LeaseDurationTooLarge {
            lease: seconds(1 << 31),
            max_seconds: (1 << 31) - 1
        }
    );
    assert_eq!(
        refused(&|e| e.retry_period(seconds(11))).await,
        InvalidConfig::RetryPeriodTooLong { retry: seconds(11), renew: seconds(10) }
    );
    assert_eq!(
        refused(&|e| e.renew_request_timeout(seconds(11))).await,
        InvalidConfig::RenewRequestTimeoutTooLong { timeout: seconds(11), renew: seconds(10) }
    );
    assert_eq!(refused(&|e| e.retry_period(Duration::ZERO)).await, InvalidConfig::RetryPeriodZero);
    assert_eq!(refused(&|e| e.identity("")).await, InvalidConfig::IdentityEmpty);
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_longest_durations_work() {
    type Change = Box<dyn Fn(LeaderElectionBuilder) -> LeaderElectionBuilder>;
    let (max, longest) = (Duration::MAX, Duration::from_secs(i32::MAX as u64));
    let renew = longest.saturating_sub(Duration::from_nanos(1));
    let changes: [(Change, bool); 5] = [
        (Box::new(move |it| it.observe_timeout(max)), true),
        (Box::new(move |it| it.release_timeout(max)), true),
        (Box::new(move |it| it.create_grace(max)), false),
        (Box::new(move |it| it.lease_duration(longest)), true),
        (
            Box::new(move |it| {
                it.lease_duration(longest)
                    .renew_deadline(renew)
                    .retry_period(renew)
                    .renew_request_timeout(renew)
            }),
            true,
        ),
    ];
    for (index, (change, leads)) in changes.into_iter().enumerate() {
        let server = TestServer::new();
        let leader = change(election(&server, "a")).watch(true).build();
        let (state, bounds) = (leader.state(), leader.bounds().unwrap());
        assert!(bounds.time_to_stop <= longest);
        let acquired = timeout(Duration::from_secs(3_600), leader.acquire()).await;
        assert_eq!(matches!(acquired, Ok(Ok(_))), leads, "{index}");
        let Ok(Ok(guard)) = acquired else { continue };
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(guard.is_leader() && state.time_to_stop() > Duration::ZERO, "{index}");
        assert_eq!(guard.step_down().await, kunobi_ha::leader::Release::Released, "{index}");
    }
}

// rule 12: a refusal of a verb that never worked is an error at once
#[tokio::test(start_paused = true)]
async fn each_missing_verb_is_told_at_once_with_the_role_that_grants_it() {
    for missing in ["get", "create", "update"] {
        let server = TestServer::new();
        let granted = ["get", "create", "update"].into_iter().filter(|verb| *verb != missing);
        let role =
            Role { verbs: granted.map(Into::into).collect(), resource_names: vec!["l".into()] };
        server.set_faults("a", Faults { role: Some(role), ..Faults::default() });
        let error = election(&server, "a").build().acquire().await.unwrap_err();
        let Error::Forbidden { verb, role, message } = error else { panic!("{error}") };
        assert_eq!(verb, missing);
        assert!(role.contains("resourceNames: [\"l\"]") && role.contains("[get, create, update]"));
        assert!(message.contains(&format!("cannot {missing} resource \"leases\"")), "{message}");
    }
}

// rule 7: a create has a name, so that a Role can limit it
#[tokio::test(start_paused = true)]
async fn one_rule_limited_by_name_is_enough_from_an_empty_namespace_on() {
    let server = TestServer::new();
    let role = Role {
        verbs: ["get", "create", "update"].map(Into::into).into(),
        resource_names: vec!["l".into()],
    };
    server.set_faults("a", Faults { role: Some(role), ..Faults::default() });
    let guard = election(&server, "a").build().acquire().await.unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(guard.is_leader());
    assert_eq!(guard.step_down().await, kunobi_ha::leader::Release::Released);
}

// rule 12: a missing namespace is an error at once
#[tokio::test(start_paused = true)]
async fn a_missing_namespace_is_told_at_once() {
    let server = TestServer::new();
    let name = String::from("l");
    let client = crate::elections::client(&server, "a");
    let election = LeaderElection::builder(client, "nowhere".to_owned(), &name);
    let error = election.build().acquire().await.unwrap_err();
    assert!(matches!(error, Error::NamespaceMissing { namespace } if namespace == "nowhere"));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_no_lease_is_told_and_never_written_to() {
    let server = TestServer::new();
    let pod = json!({ "kind": "Pod", "apiVersion": "v1", "metadata": { "name": "l" } });
    server.inject(LEASE, pod.clone());
    let error = election(&server, "a").build().acquire().await.unwrap_err();
    assert!(matches!(&error, Error::NotALease { message } if message.contains("Pod")), "{error}");
    assert_eq!(server.get(LEASE), Some(pod));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up_after_the_observe_timeout() {
    let server = TestServer::new();
    server.set_faults("a", Faults { refuse: true, ..Faults::default() });
    let began = tokio::time::Instant::now();
    let error = election(&server, "a").build().acquire().await.unwrap_err();
    let Error::ObserveTimeout(after, last) = error else { panic!("{error}") };
    assert_eq!(after, Duration::from_secs(300));
    assert!(last.to_string().contains("refused"), "{last}");
    assert!(began.elapsed() < Duration::from_secs(301));
}

#[tokio::test(start_paused = true)]
async fn access_that_is_taken_away_costs_the_term_only_at_its_deadline() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let mut guard = leader.acquire().await.unwrap();
    let none = Role { verbs: vec![], resource_names: vec![] };
    server.set_faults("a", Faults { role: Some(none), ..Faults::default() });
    let began = tokio::time::Instant::now();
    guard.lost().await;
    assert!(began.elapsed() > Duration::from_secs(9));
    assert!(leader.state().last_error().unwrap().contains("forbidden"));
    assert!(server.requests().len() < 30, "{}", server.requests().len());
}

#[tokio::test(start_paused = true)]
async fn names_that_kubernetes_would_not_store_are_told_before_anything_is_sent() {
    let server = TestServer::new();
    let named = |namespace: &str, name: &str| {
        let client = crate::elections::client(&server, "a");
        LeaderElection::builder(client, namespace, name).clock(Clock::tokio())
    };
    for (builder, told) in [
        (named("default", "a/b"), "lease name \"a/b\" cannot be stored"),
        (named("default", "UPPER"), "lease name \"UPPER\" cannot be stored"),
        (named("default", "x?dryRun=All"), "lease name \"x?dryRun=All\" cannot be stored"),
        (named("a.b", "l"), "namespace \"a.b\" cannot exist"),
        (named("default", "l").labels([("app", "a b")]), "label \"app\": \"a b\" cannot"),
        (named("default", "l").identity(" \n"), "identity must not be empty"),
    ] {
        let election = builder.build();
        assert!(election.bounds().unwrap_err().to_string().contains(told));
        let ended = timeout(Duration::from_secs(400), election.acquire()).await;
        let Ok(Err(error)) = ended else { panic!("it contends: {told}") };
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(format!("{error:?}"), error.to_string(), "as main prints it");
    }
    assert!(server.requests().is_empty());
}
