//! Any body, as the answer to any request: reading is total, and shows what was served.

use jiff::Timestamp as Time;
use kunobi_ha::leader::hostile;
use kunobi_ha_core::{Lease, LeaseRecord, LeaseTime, Outcome, Refusal, Verb};
use serde_json::{Value, value::RawValue};

use crate::lease::{is_lease, seen};

pub(crate) fn run(body: &[u8]) {
    for verb in [Verb::Get, Verb::Create, Verb::Update] {
        for status in [200, 201] {
            let (outcome, told) = hostile::understand(verb, status, body);
            is_short(told.as_deref());
            is_what_was_served(verb, status, body, &outcome);
        }
    }
    for status in [401, 403, 404, 422, 429, 500] {
        let (outcome, told) = hostile::understand(Verb::Update, status, body);
        is_short(told.as_deref());
        is_no_success(&outcome);
    }
}

fn is_what_was_served(verb: Verb, status: u16, body: &[u8], outcome: &Outcome) {
    let lease = match outcome {
        Outcome::Found(lease) => {
            assert_eq!(verb, Verb::Get);
            lease
        }
        Outcome::Written { lease, created } => {
            assert_ne!(verb, Verb::Get);
            assert_eq!(*created, status == 201);
            lease
        }
        Outcome::Refused(Refusal::NotALease) => {
            serde_json::from_slice::<&RawValue>(body).expect("it is JSON");
            assert!(verb == Verb::Get && seen(body).is_none_or(|seen| !is_lease(&seen)));
            return;
        }
        Outcome::Unknown { retry_after: None } => {
            assert!(seen(body).is_none_or(|seen| verb != Verb::Get && !is_lease(&seen)));
            return;
        }
        other => panic!("{other:?}"),
    };
    let seen = seen(body).expect("it can be read");
    assert!(is_lease(&seen));
    shows(&seen, lease);
}

/// Compares field by field, in the words of the API rather than of the code.
fn shows(value: &Value, lease: &Lease) {
    let Lease { version, record, .. } = lease;
    let LeaseRecord {
        holder,
        duration_seconds,
        acquire_time,
        renew_time,
        transitions,
        strategy,
        preferred_holder,
    } = record;
    let metadata = &value["metadata"];
    assert_eq!(metadata["uid"], version.uid.as_str());
    assert_eq!(metadata["resourceVersion"], version.resource_version.to_string());
    let spec = &value["spec"];
    let text = |field: &str| spec[field].as_str();
    let number = |field: &str| spec[field].as_i64();
    assert_eq!(holder.as_deref(), text("holderIdentity").filter(|holder| !holder.is_empty()));
    assert_eq!(*duration_seconds, number("leaseDurationSeconds"));
    assert_eq!(*transitions, number("leaseTransitions"));
    assert_eq!(strategy.as_deref(), text("strategy"));
    assert_eq!(preferred_holder.as_deref(), text("preferredHolder"));
    is_time(text("acquireTime"), acquire_time);
    is_time(text("renewTime"), renew_time);
    // These are what rules 4 and 9 are about: neither panics, whatever was served.
    assert!(record.duration().is_none_or(|duration| !duration.is_zero()));
    assert!(record.transitions() >= 0);
}

/// Two times are equal exactly when their texts are.
fn is_time(text: Option<&str>, time: &LeaseTime) {
    match (text, time) {
        (None, LeaseTime::Absent) => {}
        (Some(text), LeaseTime::Text(kept)) => assert_eq!(text, &**kept),
        (Some(text), LeaseTime::At(time)) => {
            let micros = i64::try_from(time.as_unix_micros()).expect("it was read");
            let time = Time::from_microsecond(micros).expect("it was read");
            assert_eq!(text, format!("{time:.6}"));
        }
        (text, time) => panic!("{text:?} was read as {time:?}"),
    }
}

fn is_no_success(outcome: &Outcome) {
    match outcome {
        Outcome::Found(_) | Outcome::Written { .. } => panic!("{outcome:?}"),
        Outcome::Refused(refusal) => assert_ne!(*refusal, Refusal::NotALease),
        Outcome::Absent
        | Outcome::Conflict
        | Outcome::MethodNotAllowed
        | Outcome::Rejected { .. }
        | Outcome::Unknown { .. } => {}
    }
}

/// What is told of an answer fits on a line of a log.
fn is_short(told: Option<&str>) {
    if let Some(told) = told {
        assert!(told.len() < 600, "{} bytes", told.len());
        assert!(!told.contains(char::is_control), "{told:?}");
    }
}
