//! Which budgets fit into the grace period, and what is reported if they don't.

use std::time::Duration;

use kunobi_ha::shutdown::{Budgets, Reason, Shutdown};

#[tokio::test]
async fn the_defaults_add_up_to_the_grace_period() {
    let budgets = Shutdown::builder().manual().unwrap().budgets();
    assert_eq!(budgets, Budgets::default());
    let phases =
        [budgets.unready_delay, budgets.drain, budgets.abort, budgets.release, budgets.stop];
    assert_eq!(phases, [0, 24, 2, 3, 1].map(s));
    assert_eq!((budgets.grace_period, phases.iter().sum()), (s(30), s(30)));
}

#[test]
fn a_sum_that_does_not_fit_is_printed() {
    let too_long = Shutdown::builder().unready_delay(s(5)).drain_budget(s(25)).abort_budget(s(2));
    assert_eq!(
        too_long.manual().unwrap_err().to_string(),
        "the shutdown does not fit into the grace period of 30s: unready delay 5s + drain 25s + \
         abort 2s + release 3s + stop 1s = 36s; raise terminationGracePeriodSeconds or lower the \
         budgets"
    );
    let no_time = Shutdown::builder().grace_period(s(10)).unready_delay(s(5));
    assert_eq!(
        no_time.manual().unwrap_err().to_string(),
        "a grace period of 10s leaves no time to drain: unready delay, abort, release and stop \
         take 11s"
    );
}

#[test]
fn drain_takes_what_the_others_leave_and_a_smaller_one_is_kept() {
    let drain =
        |builder: kunobi_ha::shutdown::ShutdownBuilder| builder.manual().unwrap().budgets().drain;
    assert_eq!(drain(Shutdown::builder().grace_period(s(60)).unready_delay(s(5))), s(49));
    assert_eq!(drain(Shutdown::builder().release_budget(s(1)).stop_budget(s(2))), s(25));
    assert_eq!(drain(Shutdown::builder().drain_budget(s(3))), s(3));
    assert_eq!(drain(Shutdown::builder().drain_budget(s(24))), s(24));
}

#[tokio::test(start_paused = true)]
async fn the_longest_grace_period_works_and_what_is_longer_is_refused() {
    for grace in [Duration::MAX, Duration::from_millis(u64::MAX), s(366 * 24 * 60 * 60)] {
        let refused = Shutdown::builder().grace_period(grace).manual().unwrap_err();
        assert!(refused.to_string().contains("too long: 31536000s at most"), "{refused}");
        assert_eq!(format!("{refused:?}"), refused.to_string());
    }
    for budget in [
        Shutdown::builder().unready_delay(Duration::MAX),
        Shutdown::builder().drain_budget(Duration::MAX),
        Shutdown::builder().stop_budget(Duration::MAX),
    ] {
        assert!(budget.manual().is_err());
    }
    let longest = Shutdown::builder().grace_period(s(365 * 24 * 60 * 60)).manual().unwrap();
    let handle = longest.handle();
    handle.trigger(Reason::Requested("test".into()));
    assert!(handle.remaining().is_some());
    assert_eq!(longest.finished().await.exit_code(), 0);
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
