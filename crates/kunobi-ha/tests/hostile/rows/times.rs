//! Leases with odd times. None of them changes what a candidate does.

use serde_json::{Value, json};

use super::{ENDS, Fact, Leader, NOT_TRIED, Row, TYPED, WAITS, raw, remove, set};

const READ: Fact = Fact::Stored("times_that_are_read");
const ODD: Fact = Fact::Stored("odd_specs_are_accepted");
const DIGITS: Fact = Fact::Refused("times_have_exactly_six_digits");
const DIGITS_KEPT: Fact = Fact::Stored("times_have_exactly_six_digits");
const NOT_READ: Fact = Fact::Refused("times_that_are_not_read");

pub(super) fn rows() -> Vec<Row> {
    let renewed =
        |name, fact, body| Row { name, fact, body, candidate: WAITS, leader: Leader::Keeps };
    // A leader knows its term by its acquireTime.
    let acquired = |name, fact, body| Row { name, fact, body, candidate: WAITS, leader: ENDS };
    vec![
        renewed("no renewTime", NOT_TRIED, |lease| remove(lease, "spec", RENEW)),
        renewed("renewTime null", ODD, |lease| set(lease, "spec", RENEW, Value::Null)),
        renewed("renewTime in the year 1", READ, |lease| {
            renew(lease, "0001-01-01T00:00:00.000001Z")
        }),
        renewed("renewTime in the year −1", NOT_READ, |lease| {
            renew(lease, "-0001-01-01T00:00:00.000000Z")
        }),
        renewed("renewTime at the end of the year 9999", DIGITS_KEPT, |lease| {
            renew(lease, "9999-12-31T23:59:59.999999Z")
        }),
        renewed("renewTime in the year 10000", NOT_READ, |lease| {
            renew(lease, "10000-01-01T00:00:00.000000Z")
        }),
        renewed("renewTime with an offset", READ, |lease| {
            renew(lease, "2026-11-22T11:37:00.051743+14:00")
        }),
        renewed("renewTime without a fraction", DIGITS, |lease| {
            renew(lease, "2026-11-22T11:37:00Z")
        }),
        renewed("renewTime with seven digits", NOT_TRIED, |lease| {
            renew(lease, "2026-11-22T11:37:00.0517439Z")
        }),
        renewed("renewTime with nine digits", DIGITS, |lease| {
            renew(lease, "2026-11-22T11:37:00.051743999Z")
        }),
        renewed("renewTime in a leap second", NOT_READ, |lease| {
            renew(lease, "2026-11-22T11:37:60.051743Z")
        }),
        renewed("renewTime in small letters", NOT_READ, |lease| {
            renew(lease, "2026-11-22t11:37:00.051743z")
        }),
        renewed("renewTime empty", NOT_READ, |lease| renew(lease, "")),
        renewed("renewTime that is a word", NOT_READ, |lease| renew(lease, "yesterday")),
        renewed("renewTime of 100,000 characters", NOT_TRIED, |lease| {
            renew(lease, &"9".repeat(100_000))
        }),
        renewed("renewTime that is a number", TYPED, |lease| {
            raw(lease, "spec", RENEW, "1700000000")
        }),
        renewed("renewTime that is a list", NOT_TRIED, |lease| raw(lease, "spec", RENEW, "[[]]")),
        acquired("no acquireTime", NOT_TRIED, |lease| remove(lease, "spec", ACQUIRE)),
        acquired("acquireTime that is a word", NOT_READ, |lease| {
            set(lease, "spec", ACQUIRE, json!("yesterday"))
        }),
        acquired("acquireTime at the end of the year 9999", NOT_TRIED, |lease| {
            set(lease, "spec", ACQUIRE, json!("9999-12-31T23:59:59.999999Z"))
        }),
    ]
}

fn renew(lease: Value, time: &str) -> Vec<u8> {
    set(lease, "spec", RENEW, json!(time))
}

const ACQUIRE: &str = "acquireTime";
const RENEW: &str = "renewTime";
