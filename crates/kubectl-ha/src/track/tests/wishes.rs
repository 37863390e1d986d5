//! What is said of wishes.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::story::{Sight, begun, held, is, lease, released, renewed, rhythm, told};
use crate::{
    lease::Lease,
    say,
    track::{Track, What},
};

#[test]
fn a_wish_that_is_withdrawn_is_told() {
    let wished = |wish: Value, version| {
        let mut lease = lease("a", version, 0);
        lease["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": wish });
        Sight::Lease(lease)
    };
    let mut sights = rhythm("a", 2.0, 1);
    sights.extend([
        (3.0, wished("b".into(), 30)),
        (3.5, wished("c".into(), 31)),
        (4.0, wished(Value::Null, 32)),
        (5.0, wished("".into(), 33)),
    ]);
    let told = told(&sights);
    let lines: Vec<_> = told.iter().filter(|line| !line.contains("renewed")).skip(1).collect();
    assert_eq!(
        lines,
        [
            "3.00 wished for b as the leader",
            "3.50 wished for c as the leader",
            "4.00 withdrawn the wish for c as the leader",
        ]
    );
}

#[test]
fn a_wish_that_is_granted_is_a_handover() {
    let wished = |wish: &str, version| {
        let mut lease = lease("a", 2, 0);
        lease["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": wish });
        lease["metadata"]["resourceVersion"] = format!("{version}").into();
        Sight::Lease(lease)
    };
    let granted = [
        (0.0, held("a", 1)),
        (2.0, renewed("a", 2)),
        (3.0, wished("b", 30)),
        (4.0, released(40, None)),
        (4.5, begun("b", 50, 4)),
    ];
    is(
        &granted,
        "0.00 found held by a; duration 15s; 3 transitions
         2.00 renewed by a
         3.00 wished for b as the leader
         4.00 released by a
         4.50 handed over to b from a as wished: 0.50s without a holder",
    );
    let other = [
        (0.0, held("a", 1)),
        (2.0, renewed("a", 2)),
        (3.0, wished("b", 30)),
        (4.0, released(40, None)),
        (7.0, begun("c", 50, 4)),
    ];
    assert_eq!(told(&other).last().unwrap(), "7.00 taken over by c from a: 3.00s without a holder");
}

// It was asked for, and the leader crashed before it obeyed.
#[test]
fn a_takeover_without_a_release_is_no_handover() {
    let mut wished = lease("a", 2, 0);
    wished["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": "b" });
    let start = Instant::now();
    let read = |sight: Sight| {
        let Sight::Lease(lease) = sight else { panic!("a Lease") };
        Lease::read(&lease)
    };
    let mut track = Track::begin(Some(read(held("a", 1))), start);
    track.saw(Lease::read(&wished), start + Duration::from_secs(2));
    let happened = track.saw(read(begun("b", 30, 4)), start + Duration::from_secs(18));
    assert_eq!(happened.iter().map(What::name).collect::<Vec<_>>(), ["missed", "taken-over"]);
    assert_eq!(
        say::sentence(&happened[1]),
        "by b from a, for which somebody had asked: 16.00s after the last renewal, 1.00s without a holder"
    );
    let fields = say::fields(&happened[1]);
    assert_eq!((&fields["wished"], &fields["from"]), (&json!(true), &json!("a")));
}
