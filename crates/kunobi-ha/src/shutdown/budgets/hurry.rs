//! What a second signal cuts.

use std::{sync::OnceLock, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Budgets;

/// Whether the budgets are cut, and since when.
#[derive(Debug, Default)]
pub(crate) struct Hurry {
    asked: CancellationToken,
    since: OnceLock<Instant>,
}

impl Hurry {
    /// Cuts the budgets. The first call counts.
    pub(crate) fn begin(&self) {
        self.since.get_or_init(Instant::now);
        self.asked.cancel();
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.asked.is_cancelled()
    }

    /// Sleeps for a budget, but in a hurry only until `allowed` after the hurry began.
    pub(crate) async fn sleep(&self, budget: Duration, allowed: Duration) {
        let hurried = async {
            self.asked.cancelled().await;
            let since = self.since.get().copied().unwrap_or_else(Instant::now);
            sleep_until(since + allowed).await;
        };
        tokio::select! {
            () = sleep(budget) => {}
            () = hurried => {}
        }
    }

    /// Waits for `work`, for as long as [`sleep`](Self::sleep) lasts; tells whether it has ended.
    pub(crate) async fn within(
        &self,
        (budget, allowed): (Duration, Duration),
        work: impl Future<Output = ()>,
    ) -> bool {
        tokio::select! {
            biased;
            () = work => true,
            () = self.sleep(budget, allowed) => false,
        }
    }
}

/// Returns how long work may take in a hurry to end by itself: what follows, the abort, has to fit into
/// [`HURRY`].
pub(crate) fn time_to_drain(budgets: &Budgets) -> Duration {
    HURRY.saturating_sub(budgets.abort.min(ABORT))
}

/// How long after the second signal all work has ended, or was aborted and has ended.
pub(crate) const HURRY: Duration = Duration::from_secs(3);
/// How much of that the abort may take. Work that yields ends at once.
const ABORT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shutdown::budgets::BudgetConfig;

    #[test]
    fn work_in_a_hurry_has_what_the_abort_leaves_of_three_seconds() {
        for (abort, drain) in [(2_000, 2_000), (500, 2_500), (10_000, 2_000)] {
            let config = BudgetConfig {
                grace_period: Duration::from_secs(60),
                abort: Duration::from_millis(abort),
                ..BudgetConfig::default()
            };
            let budgets = Budgets::new(&config).unwrap();
            assert_eq!(time_to_drain(&budgets), Duration::from_millis(drain));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hurry_shortens_a_budget_and_never_lengthens_it() {
        let second = Duration::from_secs(1);
        for (begins, budget, allowed, lasts) in [(2, 10, 3, 5), (2, 4, 3, 4), (9, 4, 3, 4)] {
            let (hurry, began) = (Hurry::default(), Instant::now());
            tokio::join!(
                async {
                    sleep(begins * second).await;
                    hurry.begin();
                },
                async {
                    hurry.sleep(budget * second, allowed * second).await;
                    assert_eq!(began.elapsed(), lasts * second);
                }
            );
        }
    }
}
