//! A replica that is slow, or cut off now and then, does not keep the Lease from a healthy one.
//!
//! rule O2: a slow replica takes nothing back, and one whose network flaps does it once an hour

use kunobi_ha_core::{Takeover, TimingConfig};

use crate::endurance::{fleet::Fleet, world::SECOND};

// rule 5: an own record is waited out, counted from the answer of the last success
#[test]
fn beside_a_slow_replica_a_healthy_one_leads_nearly_all_the_time() {
    for (watches, round_trip) in [(false, 5), (false, 9), (false, 11), (true, 9), (true, 11)] {
        let rounds = [HEALTHY, round_trip * SECOND];
        let mut fleet = Fleet::new(TimingConfig::default(), &rounds, watches);
        // The slow one comes first.
        fleet.members[0].breaks = vec![(0, 60 * SECOND)];
        fleet.run_for(60 * SECOND);
        healthy_leads(&mut fleet, &format!("a round trip of {round_trip} s, watching {watches}"));
    }
}

// rule O1: what was prompt once is not for ever
#[test]
fn a_leader_that_becomes_slow_loses_the_lease_to_a_healthy_replica() {
    for (watches, round_trip) in [(false, 9), (false, 11), (true, 9), (true, 11)] {
        let mut fleet = Fleet::new(TimingConfig::default(), &[HEALTHY; 2], watches);
        fleet.members[0].breaks = vec![(0, 100 * SECOND)];
        fleet.run_for(100 * SECOND);
        assert_eq!(fleet.leader(), Some(1));
        fleet.members[1].round_trip = round_trip * SECOND;
        healthy_leads(&mut fleet, &format!("{round_trip} s from 100 s on, watching {watches}"));
    }
}

fn healthy_leads(fleet: &mut Fleet, what: &str) {
    fleet.run_for(1_200 * SECOND);
    let led = fleet.led(0) / SECOND;
    println!("{what}: the healthy replica leads {led} s of 1,200 s");
    assert!(led >= 1_150, "{what}: {led} s, {:?}", fleet.terms);
    // So O1 has no part in it.
    assert_eq!(retaken(fleet), 0, "{what}");
}

// rule O1: once an hour
#[test]
fn a_replica_whose_network_flaps_takes_the_lease_back_once_an_hour() {
    // Who polls sees the last renewal later than its author, and is later when that record has aged.
    for (watches, length, least) in
        [(true, 11, 7_000), (true, 14, 7_000), (false, 20, 7_000), (false, 11, 0)]
    {
        let mut fleet = Fleet::new(TimingConfig::default(), &[2 * HEALTHY, HEALTHY], watches);
        let breaks = (1..96).map(|nth| (nth * 75 * SECOND, (nth * 75 + length) * SECOND));
        fleet.members[0].breaks = breaks.collect();
        fleet.run_for(7_200 * SECOND);
        let (healthy, early) = (fleet.led(1) / SECOND, retaken(&fleet));
        println!(
            "breaks of {length} s, watching {watches}: the healthy replica leads {healthy} s of 7,200 s, {early} retaken"
        );
        assert!(early <= 2, "{:?}", fleet.terms);
        assert!(healthy >= least, "{healthy} s: {:?}", fleet.terms);
    }
}

/// How often a lost Lease was taken back early.
fn retaken(fleet: &Fleet) -> usize {
    fleet.terms.iter().filter(|term| term.how == Takeover::Retaken).count()
}

const HEALTHY: u64 = SECOND / 50;
