//! How often a follower asks.

use std::time::Duration;

use kunobi_ha_core::Timing;

use crate::bounds::{
    case::{Case, Cast},
    promises::each_case,
    takeovers::settled,
};

const POLLING: Cast = Cast { least: 2, most: 4, watching: false };

#[test]
fn a_follower_asks_at_most_twice_a_tick_where_answers_take_longer_than_its_request_timeout() {
    each_case(POLLING, |case| {
        if case.polls_rarely() {
            return Ok(()); // A bid in vain is followed by a read of its own.
        }
        let case = impatient(case);
        let mut world = settled(&case, 0)?;
        let before: Vec<u64> = world.replicas.iter().map(|replica| replica.reads).collect();
        let ticks = 20;
        // A tick comes after 0.8 retry periods at the earliest, and with no read pending.
        world.run_for(ticks * (case.retry() * 4 / 5).max(case.latency));
        for (index, (replica, before)) in world.replicas.iter().zip(before).enumerate() {
            let reads = replica.reads - before;
            if reads > 2 * (ticks + 1) {
                return Err(format!("replica {index} read {reads} times in {ticks} ticks"));
            }
        }
        Ok(())
    });
}

/// The same case, with a timeout that is shorter than any answer takes.
fn impatient(case: &Case) -> Case {
    let latency = Duration::from_nanos(case.latency).max(case.bounds().steady_latency / 10);
    let config = case.timing.config().clone();
    let renew_request_timeout = Some((latency / 3).max(Duration::from_nanos(1)));
    let timing = Timing::new(config.renew_request_timeout(renew_request_timeout)).unwrap();
    Case { timing, ..case.clone() }.with_latency(latency)
}
