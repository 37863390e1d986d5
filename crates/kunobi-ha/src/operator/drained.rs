//! The end of leader work that was told to stop while its replica goes on.

use tokio::time::timeout;

use crate::{
    journal::error,
    shutdown::{Budgets, Tally, WorkGroup},
};

/// How the work of a term ended that was told to stop.
pub(super) enum Drained {
    /// These did not end by themselves, and are gone.
    CutOff(Tally),
    /// All of it ended by itself.
    Ended,
    /// These were aborted, and still run.
    Stuck(Tally),
}

/// Waits for the end of the work of a term, and of what has to end before its Lease is released, for as
/// long as a shutdown would. Aborts what is left of the work.
pub(super) async fn drain(work: WorkGroup, others: WorkGroup, budgets: Budgets) -> Drained {
    let all = async {
        work.idle().await;
        others.idle().await;
    };
    if timeout(budgets.drain, all).await.is_err() {
        let mut running = work.running();
        running.extend(&others.running());
        error!("drain budget of {:?} spent; still running: {running}", budgets.drain);
        work.abort();
        if timeout(budgets.abort, work.idle()).await.is_err() {
            return Drained::Stuck(work.running());
        }
    }
    let mut unfinished = work.unfinished();
    unfinished.extend(&others.unfinished());
    if unfinished.is_empty() { Drained::Ended } else { Drained::CutOff(unfinished) }
}
