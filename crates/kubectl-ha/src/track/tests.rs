//! What is seen, and what is said to have happened: a table of stories.

mod story;
mod wishes;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use self::story::{
    Sight::{self, Away, Back, Gone, Nothing},
    begun, held, is, lease, released, renewed, renewed_of, rhythm, told,
};
use crate::{
    lease::Lease,
    track::{Track, What},
};

#[test]
fn renewals_are_told_and_late_ones_are_said_to_be_late() {
    let mut sights = rhythm("a", 2.0, 5);
    sights.extend([(14.5, Nothing), (15.0, renewed("a", 7)), (17.0, renewed("a", 8))]);
    is(
        &sights,
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a
         4.00 renewed by a
         6.00 renewed by a
         8.00 renewed by a
         10.00 renewed by a
         14.00 slow a has not renewed for 4.00s, usually every 2.00s; 11.00s are left
         15.00 renewed by a, after 5.00s
         17.00 renewed by a",
    );
}

#[test]
fn a_leader_that_dies_is_slow_then_missed_and_the_gap_is_measured_when_it_is_taken_over() {
    let mut sights = rhythm("a", 2.0, 4);
    sights.extend([(23.5, Nothing), (23.8, begun("b", 9, 4))]);
    is(
        &sights,
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a
         4.00 renewed by a
         6.00 renewed by a
         8.00 renewed by a
         12.00 slow a has not renewed for 4.00s, usually every 2.00s; 11.00s are left
         18.00 slow a has not renewed for 10.00s, usually every 2.00s; 5.00s are left
         23.00 missed a has not renewed for 15.00s: its 15s are over, and others may take over
         23.80 taken over by b from a: 15.80s after the last renewal, 0.80s without a holder",
    );
}

// A look at the server takes a moment, in which another one can take over.
#[test]
fn that_the_duration_ran_out_is_told_even_if_the_takeover_is_seen_first() {
    let start = Instant::now();
    let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
    let read = |sight: Sight| {
        let Sight::Lease(lease) = sight else { panic!("a Lease") };
        Lease::read(&lease)
    };
    let mut track = Track::begin(Some(read(held("a", 1))), at(0.0));
    track.saw(read(renewed("a", 2)), at(2.0));
    let happened = track.saw(read(begun("b", 3, 4)), at(17.05));
    assert_eq!(happened.iter().map(What::name).collect::<Vec<_>>(), ["missed", "taken-over"]);
}

#[test]
fn what_was_found_may_be_older_than_the_look() {
    is(
        &[(0.0, held("a", 1)), (16.0, Nothing), (17.0, begun("b", 2, 4))],
        "0.00 found held by a; duration 15s; 3 transitions
         10.00 slow a has not renewed for 10.00s; 5.00s are left
         15.00 missed a has not renewed for 15.00s: its 15s are over, and others may take over
         17.00 taken over by b from a: 17.00s after the last renewal, 2.00s without a holder (not all of it was seen)",
    );
}

#[test]
fn a_takeover_before_the_duration_was_over_is_told() {
    let mut sights = rhythm("a", 2.0, 2);
    sights.push((6.0, begun("b", 9, 4)));
    let told = told(&sights);
    let last = told.last().unwrap();
    let words = "6.00 taken over by b from a: 2.00s after the last renewal, 13.00s before its duration was over";
    assert_eq!(last, words);
}

#[test]
fn a_release_and_the_takeover_after_it_are_measured() {
    let mut sights = rhythm("a", 2.0, 1);
    sights.extend([
        (3.0, released(5, Some("b"))),
        (3.25, begun("b", 6, 4)),
        (5.0, renewed_of("b", 7, 6)),
    ]);
    is(
        &sights,
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a
         3.00 released by a, which names b as its successor
         3.25 taken over by b from a: 0.25s without a holder
         5.00 renewed by b",
    );
}

#[test]
fn deletion_and_creation_are_told() {
    is(
        &[
            (0.0, held("a", 1)),
            (2.0, Gone),
            (2.1, Gone),
            (3.5, begun("b", 9, 0)),
            (5.0, released(10, None)),
            (6.0, Gone),
        ],
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 deleted while a held it
         3.50 created by b: 1.50s without a holder
         5.00 released by b
         6.00 deleted while nobody held it",
    );
}

#[test]
fn a_new_term_of_the_same_holder_is_no_renewal() {
    is(
        &[(0.0, held("a", 1)), (2.0, renewed("a", 2)), (4.0, begun("a", 3, 4))],
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a
         4.00 taken over by a again: 2.00s after the last renewal, 13.00s before its duration was over",
    );
}

#[test]
fn nothing_is_late_while_nobody_can_look() {
    let mut sights = rhythm("a", 2.0, 3);
    sights.extend([
        (7.0, Away),
        (60.0, Back),
        (62.0, renewed("a", 40)),
        (66.0, renewed("a", 41)),
        (68.0, renewed("a", 42)),
    ]);
    is(
        &sights,
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a
         4.00 renewed by a
         6.00 renewed by a
         62.00 renewed by a
         66.00 renewed by a
         68.00 renewed by a",
    );
    // From then on the duration counts, and what happened before is not known.
    let mut sights = rhythm("a", 2.0, 1);
    sights.extend([(7.0, Away), (60.0, Back), (76.0, Nothing), (77.0, begun("b", 9, 4))]);
    let told = told(&sights);
    assert_eq!(told[2], "70.00 slow a has not renewed for 68s; 5.00s are left");
    assert_eq!(
        told[3],
        "75.00 missed a has not renewed for 73s: its 15s are over, and others may take over"
    );
    assert!(told[4].ends_with("(not all of it was seen)"), "{}", told[4]);
}

#[test]
fn an_older_state_and_other_changes_say_nothing() {
    let mut labelled = lease("a", 2, 0);
    labelled["metadata"]["labels"] = json!({ "a": "b" });
    labelled["metadata"]["resourceVersion"] = "30".into();
    let mut longer = lease("a", 3, 0);
    longer["spec"]["leaseDurationSeconds"] = 30.into();
    is(
        &[
            (0.0, held("a", 1)),
            (2.0, renewed("a", 2)),
            (3.0, held("a", 1)),
            (3.5, Sight::Lease(labelled)),
            (4.0, Sight::Lease(longer.clone())),
        ],
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a",
    );
    longer["metadata"]["resourceVersion"] = "31".into();
    let sights = [(0.0, held("a", 1)), (2.0, renewed("a", 2)), (4.0, Sight::Lease(longer))];
    assert_eq!(told(&sights)[2..], ["4.00 changed duration from 15s to 30s", "4.00 renewed by a"]);
}

// kube-lease-manager writes twice for each renewal.
#[test]
fn two_writes_of_one_renewal_are_no_rhythm() {
    let mut sights = vec![(0.0, held("a", 1))];
    for number in 1..6_u32 {
        let (at, version) = (3.0 * f64::from(number), u64::from(2 * number));
        sights.extend([(at, renewed("a", version)), (at + 0.01, renewed("a", version + 1))]);
    }
    sights.push((22.0, Nothing));
    // A rhythm is from the second write of one renewal to the first one of the next: 2.99 s.
    let words = "20.99 slow a has not renewed for 5.98s, usually every 2.99s; 9.02s are left";
    assert_eq!(told(&sights).last().unwrap(), words);
}

#[test]
fn a_lease_without_a_duration_never_runs_out() {
    let mut endless = lease("a", 1, 0);
    endless["spec"]["leaseDurationSeconds"] = Value::Null;
    let told = told(&[(0.0, Sight::Lease(endless)), (900.0, Nothing)]);
    assert_eq!(told, ["0.00 found held by a; 3 transitions"]);
}
