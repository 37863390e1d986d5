//! How soon a follower leads that is told of a death, and what news do that are not true.

use kunobi_ha_core::{Input, LeaseTime, Notice, Takeover, TimingConfig};

use crate::endurance::{
    fleet::{Fleet, name},
    world::{SECOND, nanos},
};

// rule C7
#[test]
fn a_follower_that_is_told_of_a_death_leads_soon() {
    let timing = TimingConfig::default();
    let retry = nanos(timing.retry_period);
    for (watches, unchanged) in [(true, retry * 3 / 2), (false, retry * 5 / 2)] {
        let mut slowest = 0;
        for phase in 0..60 {
            let mut fleet = led_for(70 * SECOND + phase * 37 % 60 * retry / 60, watches, 3);
            let news = fleet.crash(0);
            // The kubelet looks once a second, and news take their time.
            let after = phase * 3 * SECOND / 60;
            fleet.tell_later(1, after, news);
            let (limit, died) = (after.max(unchanged) + 3 * ROUND_TRIP, fleet.now);
            let leads = fleet.run_until(died + limit, |fleet| fleet.leader().is_some());
            let what = format!("{phase}: {} ns, {:?}", fleet.now - died, fleet.terms);
            assert!(leads && fleet.terms[1].how == Takeover::Died, "{what}");
            slowest = slowest.max(fleet.terms[1].at - died);
        }
        println!("watching {watches}: at most {} ms after the death", slowest / (SECOND / 1000));
    }
}

// rule C5: a single replica is back as soon
#[test]
fn a_container_that_is_started_again_leads_soon() {
    let mut fleet = led_for(100 * SECOND, false, 1);
    let news = fleet.crash(0);
    fleet.start(0, SECOND);
    fleet.tell_later(0, SECOND + SECOND / 5, news);
    let limit = fleet.now + SECOND + nanos(TimingConfig::default().retry_period) * 3 / 2;
    assert!(fleet.run_until(limit + 3 * ROUND_TRIP, |fleet| fleet.leader().is_some()));
}

// rule C7 (a): what is told may be wrong, and a leader that renews stays
#[test]
fn a_leader_that_renews_is_not_overthrown_by_false_news() {
    for watches in [false, true] {
        for round_trip in [SECOND / 50, SECOND / 4, SECOND] {
            let mut fleet = Fleet::new(TimingConfig::default(), &[round_trip; 3], watches);
            fleet.run_for(5 * SECOND);
            let LeaseTime::At(acquire_time) = fleet.stored.as_ref().unwrap().record.acquire_time
            else {
                panic!("{:?}", fleet.stored);
            };
            let leader = fleet.leader().unwrap();
            for nth in 0..600 {
                let news = || Input::HolderDied { holder: name(leader).into(), acquire_time };
                fleet.tell_later(nth % 3, 0, news());
                fleet.run_for(SECOND / 2 + SECOND / 100);
            }
            let what = format!("{watches}, {round_trip} ns: {:?}", fleet.terms);
            assert_eq!((fleet.terms.len(), fleet.leader()), (1, Some(leader)), "{what}");
            // rule C4: the leader says that it is not so
            let told =
                |(who, notice): &(usize, Notice)| (*who, notice) == (leader, &Notice::ToldDead);
            assert!(fleet.told.iter().any(told), "{what}");
        }
    }
}

fn led_for(time: u64, watches: bool, replicas: usize) -> Fleet {
    let mut fleet = Fleet::new(TimingConfig::default(), &vec![ROUND_TRIP; replicas], watches);
    fleet.run_for(time);
    assert_eq!(fleet.leader(), Some(0));
    fleet
}

const ROUND_TRIP: u64 = SECOND / 50;
