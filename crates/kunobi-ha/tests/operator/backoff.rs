//! A replica that can't keep the lease does not pass it around.

use kunobi_ha::operator::OnLost;
use tokio::time::sleep;

use crate::stage::{Show, Stage, assert_about, s};

#[tokio::test(start_paused = true)]
async fn short_terms_in_a_row_cost_ever_longer_pauses_and_a_long_one_none() {
    let show = flapping(OnLost::Recontend { backoff: s(0) });
    for term in 1..=8 {
        lose(&show, term).await;
    }
    let pauses: Vec<_> = pauses(&show).await;
    for (pause, seconds) in pauses.iter().zip([1, 2, 4, 8, 16, 32, 60, 60]) {
        assert_about(*pause, s(seconds));
    }
    // A term that lasts forgives it all.
    sleep(s(16)).await;
    lose(&show, 9).await;
    assert_about(self::pauses(&show).await[8], s(0));
    assert_eq!(show.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_pause_is_never_shorter_than_told() {
    let show = flapping(OnLost::Recontend { backoff: s(3) });
    for term in 1..=4 {
        lose(&show, term).await;
    }
    for (pause, seconds) in pauses(&show).await.iter().zip([3, 3, 4, 8]) {
        assert_about(*pause, s(seconds));
    }
    assert_eq!(show.stop().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_the_pause() {
    for backoff in [s(3_600), std::time::Duration::MAX] {
        let show = flapping(OnLost::Recontend { backoff });
        lose(&show, 1).await;
        show.wait_for(|show| show.notes.times("lost").len() == 1).await;
        let began = tokio::time::Instant::now();
        let report = show.stop().await;
        assert_about(began.elapsed(), s(0));
        assert_eq!(report.exit_code(), 0);
    }
}

/// Notes each term and each loss.
fn flapping(policy: OnLost) -> Show {
    let stage = Stage::new();
    let (losses, terms) = (stage.notes.clone(), stage.notes.clone());
    stage.run(|operator| {
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

/// Takes the lease away in this term.
async fn lose(show: &Show, term: usize) {
    show.wait_for(|show| show.notes.times("leads").len() == term).await;
    show.give_to("");
    show.wait_for(|show| show.notes.times("lost").len() == term).await;
}

/// Returns the time from each loss to the next term, the coming one included.
async fn pauses(show: &Show) -> Vec<std::time::Duration> {
    let losses = show.notes.times("lost");
    show.wait_for(|show| show.notes.times("leads").len() == losses.len() + 1).await;
    let terms = show.notes.times("leads");
    losses.iter().zip(&terms[1..]).map(|(lost, leads)| leads.abs_diff(*lost)).collect()
}
