//! Two replicas with the shipped Role, from an empty namespace on.

use std::time::{Duration, Instant};

use kunobi_ha::leader::{LeaderElectionBuilder, Release};

use crate::{
    audit::{Asked, count, table},
    installation::{Installation, LEASE, NAME, RETRY, until},
};

#[tokio::test]
async fn one_rule_limited_by_name_is_enough() {
    let asked = live("defaults", |election| election).await;
    assert_verbs(&asked, &[("get", "leases"), ("update", "leases")]);
}

#[tokio::test]
async fn a_watch_needs_one_verb_more() {
    let asked = live("watch", |election| election.watch(true)).await;
    assert_verbs(&asked, &[("get", "leases"), ("update", "leases"), ("watch", "leases")]);
    let selector = format!("fieldSelector=metadata.name%3D{NAME}");
    let mut watches = asked.iter().filter(|asked| asked.verb == "watch");
    assert!(watches.all(|watch| watch.uri.contains(&selector) && watch.code == 200));
}

#[tokio::test]
async fn events_need_one_rule_more() {
    let asked = live("events", |election| election.events(true)).await;
    assert_verbs(&asked, &[("create", "events"), ("get", "leases"), ("update", "leases")]);
}

/// Checks that exactly these requests were sent, all for the one Lease and all with success, and that
/// one PUT created it.
fn assert_verbs(asked: &[Asked], expected: &[(&str, &str)]) {
    let mut verbs: Vec<_> =
        asked.iter().map(|asked| (asked.verb.as_str(), asked.resource.as_str())).collect();
    verbs.sort_unstable();
    verbs.dedup();
    assert_eq!(verbs, expected);
    for request in asked.iter().filter(|asked| asked.resource == "leases") {
        let is_first_look = request.verb == "get" && request.code == 404;
        assert!(is_first_look || matches!(request.code, 200 | 201), "{request:?}");
        assert!(request.verb == "watch" || request.name == NAME, "{request:?}");
    }
    let created = |asked: &&Asked| asked.resource == "leases" && asked.code == 201;
    assert_eq!(asked.iter().filter(created).count(), 1);
}

/// Acquire, renew, step down, take over from a release and from a crash.
async fn live(
    render: &str,
    configure: impl Fn(LeaderElectionBuilder) -> LeaderElectionBuilder,
) -> Vec<Asked> {
    let installation = Installation::of(render).await;
    assert!(installation.lease(NAME).await.is_null());
    let [a, b] = ["a", "b"].map(|name| configure(installation.election(name)).build());

    let begun = Instant::now();
    let guard = a.acquire().await.unwrap();
    let (created, first) = (begun.elapsed(), guard.term());
    let follower = tokio::spawn(async move { b.acquire().await });
    let renewals = std::sync::Mutex::new(std::collections::BTreeSet::new());
    until("it renews", async || {
        let time = installation.lease(NAME).await["spec"]["renewTime"].to_string();
        let mut renewals = renewals.lock().unwrap();
        renewals.insert(time);
        (renewals.len() > 3).then_some(())
    })
    .await;
    assert!(guard.is_leader() && !follower.is_finished());

    let begun = Instant::now();
    assert_eq!(guard.step_down().await, Release::Released);
    let guard = follower.await.unwrap().unwrap();
    let (handed_over, second) = (begun.elapsed(), guard.term());
    let follower = tokio::spawn(async move { a.acquire().await });
    // It waits two periods after its own release, and then reads. No renewal is cut off.
    tokio::time::sleep(RETRY * 9 / 2).await;
    let begun = Instant::now();
    drop(guard);
    let guard = follower.await.unwrap().unwrap();
    let (taken_over, third) = (begun.elapsed(), guard.term());
    assert!(first.fence() < second.fence() && second.fence() < third.fence());
    assert_eq!(guard.step_down().await, Release::Released);
    let lease = installation.lease(NAME).await;
    assert_eq!(
        (&lease["spec"]["holderIdentity"], &lease["spec"]["leaseTransitions"]),
        (&"".into(), &2.into())
    );

    let watches = render == "watch";
    let release_bound = if watches { Duration::from_millis(500) } else { RETRY + REQUESTS };
    let crash_bound = LEASE + if watches { REQUESTS } else { RETRY + REQUESTS };
    assert!(handed_over < release_bound * 2 && taken_over < crash_bound * 2);
    // The last renewal was half a period old.
    assert!(taken_over + RETRY + REQUESTS > LEASE, "{taken_over:?}");
    if render == "events" {
        until("the last event is written", async || {
            (installation.events().await.len() == 6).then_some(())
        })
        .await;
    }
    let asked = installation.asked();
    println!(
        "\n| {render} | {created:.1?} | {handed_over:.1?} of {release_bound:.1?} | \
         {taken_over:.1?} of {crash_bound:.1?} | {} |",
        table(&count(&asked))
    );
    asked
}

/// Two retry periods, on a machine that has other things to do.
const REQUESTS: Duration = Duration::from_millis(200);
