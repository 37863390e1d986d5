//! rule 9: which records are those of this elector.

use kunobi_ha_core::{Input, LeaseRecord, LeaseTime, Outcome, Timestamp};

use crate::transitions::{
    phases::leading,
    probe::{Probe, WALL, found},
};

/// The same term, renewed later.
fn renewed(record: &LeaseRecord) -> LeaseRecord {
    let later = Timestamp::from_unix_micros(WALL + 500_000_000);
    LeaseRecord { renew_time: LeaseTime::At(later), ..record.clone() }
}

/// Stops, contends again, waits for its own record, and takes the Lease over at this version.
fn lead_again(probe: &mut Probe, seen: &Outcome, version: u64) {
    probe.at(probe.now + 10, Input::Stop);
    probe.at(probe.now + 10, Input::Acquire);
    probe.writes_at(seen);
    let won = probe.written(version, false);
    probe.answer(probe.now + 10, won);
    assert!(probe.leads(), "{}", probe.brief());
}

// rule 9: a record is ours if this elector tried to write its uid and acquireTime
#[test]
fn a_late_renewal_of_any_of_our_terms_in_a_lease_is_no_collision() {
    let mut probe = leading();
    let mut version = 7;
    for _ in 0..4 {
        let ours = probe.record();
        lead_again(&mut probe, &found(version, ours), version + 1);
        version += 1;
    }
    let ours = probe.record();
    probe.at(probe.now + 10, Input::Stop);
    probe.at(probe.now + 10, Input::Acquire);
    probe.answer(probe.now + 10, found(version, ours.clone()));
    probe.wake_to_send();
    probe.answer(probe.now + 10, found(version + 1, renewed(&ours)));
    assert_eq!(probe.last.notices, []);
}
