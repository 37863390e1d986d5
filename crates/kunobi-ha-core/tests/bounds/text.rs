//! What a user reads.

use std::time::Duration;

use kunobi_ha_core::{Bounds, Timing, TimingConfig};

fn bounds(config: TimingConfig) -> Bounds {
    Timing::new(config).unwrap().bounds()
}

#[test]
fn the_defaults_promise_what_the_contract_says() {
    let text = bounds(TimingConfig::default()).to_string();
    assert_eq!(
        text,
        "\
crash, polling         next leader within 17s and 3 requests, or 15s and 4 requests if that is longer
crash, watching        next leader within 15s and 2 requests
death told, polling    next leader within 5s and 4 requests, or 3s and 5 requests if that is longer
death told, watching   next leader within 3s and 2 requests
outage of the API      next leader within 250ms and 3 requests
step-down, polling     next leader within 2s and 4 requests, or 5 requests if that is longer
step-down, watching    next leader within 4 requests
lost create            first leader within 17.5s and 3 requests, or 15s and 5 requests if that is longer
  among several        first leader within 17s and 3 requests, or 15s and 4 requests if that is longer
cut off from the API   belief ends after 10s
time to stop work      5s
every request slow     nothing is lost below 5.0s
one request hangs      nothing is lost below 3.3s
one answer is lost     nothing is lost below 2.0s
dead connections       nothing is lost up to 6
clock rate error       below 20.0 %
"
    );
}

#[test]
fn a_timeout_of_ones_own_counts_up_to_half_of_the_deadline() {
    for (timeout, alone) in [(1, "16s and 3 requests"), (10, "20s and 3 requests")] {
        let renew_request_timeout = Some(Duration::from_secs(timeout));
        let bounds = bounds(TimingConfig::default().renew_request_timeout(renew_request_timeout));
        assert_eq!(bounds.lost_create.to_string(), alone);
    }
}

#[test]
fn the_sooner_of_two_waits_is_told() {
    let renew_request_timeout = Some(Duration::from_secs(1));
    let bounds = bounds(TimingConfig::default().renew_request_timeout(renew_request_timeout));
    assert_eq!(bounds.lost_create_among_several.to_string(), "16s and 3 requests");
    assert_eq!(bounds.lost_create_among_several.duration, Duration::from_secs(16));
}

#[test]
fn a_bound_grows_with_the_latency_and_never_overflows() {
    for latency in [0, 1, 1_999, 2_000, 2_001, 4_999].map(Duration::from_millis) {
        let bounds = bounds(TimingConfig::default());
        let crash = bounds.crash_polling.at(latency);
        let read = latency.max(Duration::from_secs(2));
        assert_eq!(crash, Duration::from_secs(15) + read + 3 * latency);
        let second = (2 * latency).clamp(Duration::from_millis(2_500), Duration::from_secs(5));
        assert_eq!(bounds.lost_create.at(latency), Duration::from_secs(15) + second + 3 * latency);
        assert_eq!(bounds.crash_polling.at(Duration::MAX), Duration::MAX);
        assert_eq!(bounds.lost_create_among_several.at(Duration::MAX), Duration::MAX);
    }
}
