//! Credentials that change or go.

use std::time::{Duration, Instant};

use kunobi_ha::leader::StepDownReason;

use crate::{
    DEADLINE, SLACK,
    cluster::{Cluster, poll},
    field::Field,
    is_part,
    report::{report, seconds},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_whose_token_is_refused_makes_way() {
    let cluster = Cluster::shared("tokens").await;
    let field = Field::led(&cluster, "revoked", &["a", "b@1"], |it| it).await;
    let began = Instant::now();
    cluster.order("revoke-token a");
    let (after, reason) = field.end_of(0, began).await;
    assert_eq!(reason, StepDownReason::RenewDeadlineExceeded);
    assert!(after < TRUST + DEADLINE + SLACK * 2, "{after:?}");
    let error = field.state(0).last_error().expect("it says why");
    assert!(error.contains("401"), "{error}");
    field.leader_but(0).await;
    let back = back(&cluster, &field).await;
    let happened = format!("401 until RenewDeadlineExceeded after {}{back}", seconds(after));
    report(&field, "token revoked (401)", &happened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_leader_whose_token_is_replaced_reads_the_new_one() {
    if is_part() {
        println!("only in scope all: kube reads a token file once a minute");
        return;
    }
    let cluster = Cluster::shared("tokens").await;
    let field = Field::led(&cluster, "rotated", &["a", "b@1"], |it| it).await;
    let began = Instant::now();
    let back = back(&cluster, &field).await;
    let lost = field.terms()[0].ended;
    let fate = lost.map_or("the leader goes on".into(), |(at, reason)| {
        format!("{reason:?} after {}", seconds(at - began))
    });
    report(&field, "token rotated, the old one refused", &format!("{fate}{back}"));
}

/// Gives a candidate a new token, and waits until it is served again and leads when asked to.
async fn back(cluster: &Cluster, field: &Field<'_>) -> String {
    cluster.order("rotate-token a");
    if is_part() {
        return String::new();
    }
    let rotated = Instant::now();
    let owner = field.state(0);
    // The servers may go on to trust the old one for a while.
    let refused = |error: Option<String>| error.is_some_and(|error| error.contains("401"));
    let first = poll("a 401", || refused(owner.last_error()).then(|| rotated.elapsed())).await;
    let served =
        poll("an answer", || owner.last_error().is_none().then(|| rotated.elapsed())).await;
    assert!(served < RELOAD + SLACK, "{served:?}");
    let other = field.leader_but(0).await;
    field.step_down(other).await;
    poll("its turn", || owner.is_leader().then_some(())).await;
    format!(
        "; new token: 401 from {} on, served again after {}, then leads when the other steps down",
        seconds(first),
        seconds(served)
    )
}

/// How long an API server may trust a token that it has seen.
const TRUST: Duration = Duration::from_secs(10);
/// How often kube reads the file. A candidate that is refused asks at least every 30 s.
const RELOAD: Duration = Duration::from_secs(50 + 30);
