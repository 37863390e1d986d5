//! Stories: what is seen when, and what is said then.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    lease::Lease,
    say,
    track::{Track, What},
};

/// What is seen at a time, in seconds from the start.
pub(super) enum Sight {
    /// The Lease, renewed.
    Lease(Value),
    Gone,
    Away,
    Back,
    /// Nothing: time passes up to then, and the track is woken whenever it wants to be.
    Nothing,
}

pub(super) fn is(sights: &[(f64, Sight)], wanted: &str) {
    let wanted: Vec<&str> = wanted.lines().map(str::trim).collect();
    assert_eq!(told(sights), wanted);
}

/// Plays a story, and returns what is said.
pub(super) fn told(sights: &[(f64, Sight)]) -> Vec<String> {
    let start = Instant::now();
    let mut told = Vec::new();
    let mut track: Option<Track> = None;
    for (seconds, sight) in sights {
        let now = start + Duration::from_secs_f64(*seconds);
        let mut tell =
            |at: Instant, happened: Vec<What>| {
                let seconds = (at - start).as_secs_f64();
                told.extend(happened.iter().map(|what| {
                    format!("{seconds:.2} {} {}", say::word(what).0, say::sentence(what))
                }));
            };
        let Some(track) = &mut track else {
            let Sight::Lease(lease) = sight else { panic!("it begins with a Lease") };
            let lease = Lease::read(lease);
            tell(now, vec![What::Found { lease: Some(Box::new(lease.clone())), age: None }]);
            track = Some(Track::begin(Some(lease), now));
            continue;
        };
        while let Some(at) = track.wake_at().filter(|at| *at < now) {
            let happened = track.passed(at);
            assert!(!happened.is_empty(), "it was woken for nothing");
            tell(at, happened);
        }
        match sight {
            Sight::Lease(lease) => tell(now, track.saw(Lease::read(lease), now)),
            Sight::Gone => tell(now, track.gone(now)),
            Sight::Away => track.looks_away(),
            Sight::Back => track.looks_again(now),
            Sight::Nothing => {}
        }
    }
    told
}

/// A Lease that is found, and renewed that often.
pub(super) fn rhythm(holder: &str, every: f64, times: u32) -> Vec<(f64, Sight)> {
    (0..=times)
        .map(|number| (every * f64::from(number), renewed(holder, u64::from(number) + 1)))
        .collect()
}

pub(super) fn held(holder: &str, version: u64) -> Sight {
    renewed(holder, version)
}

pub(super) fn renewed(holder: &str, version: u64) -> Sight {
    Sight::Lease(lease(holder, version, 0))
}

pub(super) fn renewed_of(holder: &str, version: u64, term: u64) -> Sight {
    let mut lease = lease(holder, version, term);
    lease["spec"]["leaseTransitions"] = 4.into();
    Sight::Lease(lease)
}

/// A term that begins with this write.
pub(super) fn begun(holder: &str, version: u64, transitions: u64) -> Sight {
    let mut lease = lease(holder, version, version);
    lease["spec"]["leaseTransitions"] = transitions.into();
    Sight::Lease(lease)
}

pub(super) fn released(version: u64, successor: Option<&str>) -> Sight {
    let mut lease = lease("", version, version);
    if let Some(successor) = successor {
        let text = format!("{successor} {}", lease["spec"]["acquireTime"].as_str().unwrap());
        lease["metadata"]["annotations"] = json!({ "kunobi.ninja/successor": text });
    }
    Sight::Lease(lease)
}

pub(super) fn lease(holder: &str, version: u64, term: u64) -> Value {
    json!({
        "metadata": { "namespace": "shop", "name": "orders", "uid": "u", "resourceVersion": version.to_string() },
        "spec": {
            "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": 3,
            "acquireTime": format!("2026-11-27T09:00:{term:02}.000000Z"),
            "renewTime": format!("2026-11-27T10:00:{version:02}.000000Z"),
        },
    })
}
