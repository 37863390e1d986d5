//! A replica that can't keep the lease does not pass it around.

use kunobi_ha::operator::OnLost;
use tokio::time::sleep;

use crate::setup::{Replica, Setup, assert_about, s};

#[tokio::test(start_paused = true)]
async fn short_terms_in_a_row_cost_ever_longer_pauses_and_a_long_one_none() {
    let replica = flapping(OnLost::Recontend { backoff: s(0) });
    for term in 1..=8 {
        lose(&replica, term).await;
    }
    let pauses: Vec<_> = pauses(&replica).await;
    for (pause, seconds) in pauses.iter().zip([1, 2, 4, 8, 16, 32, 60, 60]) {
        assert_about(*pause, s(seconds));
    }
    // A term that lasts ends the series of short ones.
    sleep(s(16)).await;
    lose(&replica, 9).await;
    assert_about(self::pauses(&replica).await[8], s(0));
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_pause_is_never_shorter_than_told() {
    let replica = flapping(OnLost::Recontend { backoff: s(3) });
    for term in 1..=4 {
        lose(&replica, term).await;
    }
    for (pause, seconds) in pauses(&replica).await.iter().zip([3, 3, 4, 8]) {
        assert_about(*pause, s(seconds));
    }
    assert_eq!(replica.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_the_pause() {
    for backoff in [s(3_600), std::time::Duration::MAX] {
        let replica = flapping(OnLost::Recontend { backoff });
        lose(&replica, 1).await;
        replica.wait_for(|replica| replica.notes.times("lost").len() == 1).await;
        let began = tokio::time::Instant::now();
        let report = replica.stop().await;
        assert_about(began.elapsed(), s(0));
        assert_eq!(report.exit_code(), 0);
    }
}

/// Notes each term and each loss.
fn flapping(policy: OnLost) -> Replica {
    let setup = Setup::new();
    let (losses, terms) = (setup.notes.clone(), setup.notes.clone());
    setup.run(|operator| {
        operator
            .on_lost(move |_| {
                losses.add("lost");
                policy
            })
            .lead("work", move |lead| {
                terms.add("leads");
                async move {
                    lead.stopped().await;
                    Ok(())
                }
            })
    })
}

/// Takes the Lease away in this term.
async fn lose(replica: &Replica, term: usize) {
    replica.wait_for(|replica| replica.notes.times("leads").len() == term).await;
    replica.give_to("");
    replica.wait_for(|replica| replica.notes.times("lost").len() == term).await;
}

/// Waits for the next term, and returns the time from each loss to the term after it.
async fn pauses(replica: &Replica) -> Vec<std::time::Duration> {
    let losses = replica.notes.times("lost");
    replica.wait_for(|replica| replica.notes.times("leads").len() == losses.len() + 1).await;
    let terms = replica.notes.times("leads");
    losses.iter().zip(&terms[1..]).map(|(lost, leads)| leads.abs_diff(*lost)).collect()
}
