//! What the durations of an election promise, where the defaults do not show it.

use core::time::Duration;

use kunobi_ha_core::{Bounds, Timing, TimingConfig};

use crate::transitions::probe::seconds;

fn bounds(change: impl FnOnce(TimingConfig) -> TimingConfig) -> Bounds {
    Timing::new(change(TimingConfig::default())).unwrap().bounds()
}

#[test]
fn a_crash_takes_one_request_more_where_followers_read_less_than_twice_a_lease() {
    for (millis, requests) in [(7_000, 3), (7_500, 3), (7_501, 4), (9_000, 4)] {
        let bounds = bounds(|config| config.retry_period(Duration::from_millis(millis)));
        assert_eq!(bounds.crash_polling.requests, requests, "{millis} ms");
    }
}

#[test]
fn the_latencies_that_lose_nothing_are_those_of_the_contract() {
    let tenths = |n: u64| Duration::from_millis(n * 100);
    // R, min(D - R, D/2), min((D - R)/2, D/3) and min((D - R)/4, D/5) in tenths of a second.
    for (retry, steady, hung, lost) in [(10, 45, 30, 18), (40, 45, 25, 12), (80, 10, 5, 2)] {
        let bounds = bounds(|config| config.renew_deadline(seconds(9)).retry_period(tenths(retry)));
        let floor = |duration: Duration| duration.as_millis() / 100;
        assert_eq!(floor(bounds.steady_latency), steady);
        assert_eq!(floor(bounds.hung_request_latency), hung);
        assert_eq!(floor(bounds.lost_answer_latency), lost);
    }
}

// rule 10: the hedge follows after at most half of what is left
#[test]
fn a_leader_survives_fewer_dead_connections_where_its_second_request_is_late() {
    let dead = |retry: u64, timeout: Option<u64>| {
        let (retry, timeout) = (Duration::from_millis(retry), timeout.map(seconds));
        bounds(|config| config.retry_period(retry).renew_request_timeout(timeout)).dead_connections
    };
    assert_eq!(dead(2_000, Some(10)), 5);
    assert_eq!(dead(500, None), 9);
    assert_eq!(dead(8_000, None), 0);
}

#[test]
fn an_error_of_the_clock_rate_is_told_with_one_decimal() {
    let bounds = bounds(|config| config.lease_duration(seconds(137)).renew_deadline(seconds(107)));
    assert!(bounds.to_string().ends_with("below 12.2 %\n"), "{bounds}");
}
