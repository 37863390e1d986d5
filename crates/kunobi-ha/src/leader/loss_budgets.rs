//! How leader work is stopped after a loss.

use std::time::Duration;

use kunobi_ha_core::StepDownReason;

/// How long each phase of stopping leader work may take after a loss.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LossBudgets {
    /// How long work may take to end by itself.
    pub(crate) drain: Duration,
    /// How long aborted work may take to be gone.
    pub(crate) abort: Duration,
}

impl LossBudgets {
    /// Divides the time that is `left` until another replica can lead. `margin` is the whole of it,
    /// as it is when a term has just ended.
    ///
    /// If nothing is left, another replica may lead already, and work is aborted at once.
    pub(crate) fn after(reason: StepDownReason, left: Duration, margin: Duration) -> Self {
        let abort = LONGEST_ABORT.min(margin / 2);
        // More than the whole is left only by a clock that went back.
        let left = left.min(margin);
        match reason {
            StepDownReason::RenewDeadlineExceeded if !left.is_zero() => {
                Self { drain: left.saturating_sub(abort), abort: abort.min(left) }
            }
            _ => Self { drain: Duration::ZERO, abort },
        }
    }
}

/// As long as a shutdown gives to aborted work.
const LONGEST_ABORT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_gone_before_another_replica_can_lead() {
        // What is left, of what margin: how long it may go on, and how long an abort may take.
        for (left, margin, drain, abort) in
            [(5_000, 5_000, 3_000, 2_000), (1_500, 5_000, 0, 1_500), (1_000, 1_000, 500, 500)]
        {
            let reason = StepDownReason::RenewDeadlineExceeded;
            let budgets = LossBudgets::after(reason, ms(left), ms(margin));
            assert_eq!(budgets, LossBudgets { drain: ms(drain), abort: ms(abort) });
            assert!(budgets.drain + budgets.abort <= ms(left));
        }
    }

    #[test]
    fn where_another_replica_may_lead_already_work_is_aborted_at_once() {
        let at_once = LossBudgets { drain: ms(0), abort: ms(2_000) };
        for reason in [StepDownReason::HolderChanged, StepDownReason::Rewound] {
            assert_eq!(LossBudgets::after(reason, ms(5_000), ms(5_000)), at_once);
        }
        let late = StepDownReason::RenewDeadlineExceeded;
        assert_eq!(LossBudgets::after(late, ms(0), ms(5_000)), at_once);
    }

    #[test]
    fn a_clock_that_went_back_gives_no_more_time_than_there_is() {
        let reason = StepDownReason::RenewDeadlineExceeded;
        let budgets = LossBudgets::after(reason, ms(3_600_000), ms(5_000));
        assert_eq!(budgets, LossBudgets { drain: ms(3_000), abort: ms(2_000) });
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }
}
