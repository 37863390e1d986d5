//! An API server that is away for everybody.

use kunobi_ha_core::{Takeover, TimingConfig};

use crate::endurance::{
    fleet::Fleet,
    world::{SECOND, nanos},
};

// rule O1
#[test]
fn after_an_outage_the_former_leader_leads_at_once() {
    let timing = TimingConfig::default();
    let (deadline, retry) = (nanos(timing.renew_deadline), nanos(timing.retry_period));
    let mut slowest = 0;
    for watches in [false, true] {
        for phase in 0..60 {
            let outage = deadline + phase * deadline / 60;
            let (mut fleet, began) = outage_of(&timing, watches, phase, outage);
            let end = fleet.now;
            let terms = fleet.terms.len();
            let leads = fleet.run_until(end + 60 * SECOND, |fleet| fleet.leader().is_some());
            let gap = fleet.now - end;
            slowest = slowest.max(gap);
            let last = fleet.terms[fleet.terms.len() - 1];
            let what = format!("{phase}, {outage} ns from {began}: {gap} ns, {last:?}");
            assert!(leads && gap <= retry / 8 + 3 * ROUND_TRIP, "{what}");
            // A term that an outage of just D has not ended goes on.
            assert!(fleet.terms.len() <= terms + 1, "{what}");
            // Later, others may come first: the record has its age.
            if outage < nanos(timing.lease_duration) - retry {
                assert_eq!(last.by, 0, "{what}");
                let how =
                    if fleet.terms.len() == terms { Takeover::Created } else { Takeover::Retaken };
                assert_eq!(last.how, how, "{what}");
            }
        }
    }
    println!("at most {} ms from the end of the outage", slowest / (SECOND / 1000));
}

// rule O1: not after a short term; rule 5: then the record is waited out
#[test]
fn after_an_outage_a_term_of_less_than_4_l_is_waited_out() {
    let timing = TimingConfig::default();
    let mut fleet = Fleet::new(timing, &[ROUND_TRIP; 3], false);
    fleet.run_for(40 * SECOND);
    cut(&mut fleet, 11 * SECOND);
    let end = fleet.now;
    assert!(!fleet.run_until(end + SECOND, |fleet| fleet.leader().is_some()));
    assert!(fleet.run_until(end + 8 * SECOND, |fleet| fleet.leader().is_some()));
}

/// A fleet whose outage is over just now; tells when it began.
fn outage_of(timing: &TimingConfig, watches: bool, phase: u64, outage: u64) -> (Fleet, u64) {
    let mut fleet = Fleet::new(timing.clone(), &[ROUND_TRIP; 3], watches);
    // All points of a period, whatever the length.
    fleet.run_for(70 * SECOND + phase * 37 % 60 * nanos(timing.retry_period) / 60);
    assert_eq!(fleet.leader(), Some(0));
    let began = fleet.now;
    cut(&mut fleet, outage);
    (fleet, began)
}

/// Nobody reaches the server for so long.
fn cut(fleet: &mut Fleet, outage: u64) {
    let time = (fleet.now, fleet.now + outage);
    for member in &mut fleet.members {
        member.breaks.push(time);
    }
    fleet.run_for(outage);
}

const ROUND_TRIP: u64 = SECOND / 50;
