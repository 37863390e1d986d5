//! Any inputs, in any order, at any time: no panic, no belief past its deadline.
//!
//! `cargo +nightly fuzz run elector`

#![no_main]

use std::{num::NonZeroU64, time::Duration};

use arbitrary::Arbitrary;
use kunobi_ha_core::{
    AttemptId, ClockReading, Elector, Input, Instant, Leadership, Lease, LeaseRecord, LeaseTime,
    Observed, Outcome, Refusal, Request, Timestamp, Timing, TimingConfig, Uid, Version,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum What {
    Acquire,
    Applied { back: u8, created: bool },
    Found(Shown),
    Absent { back: u8 },
    Conflict { back: u8 },
    Refused { back: u8 },
    Rejected { back: u8, after: u16 },
    Unknown { back: u8, after: u16 },
    Observed(Shown),
    Deleted,
    StepDown,
    Stop,
    Wake,
}

#[derive(Arbitrary, Debug)]
struct Shown {
    back: u8,
    version: u8,
    uid: bool,
    /// Otherwise something that an attempt of ours would have written.
    foreign: Option<Foreign>,
}

#[derive(Arbitrary, Debug)]
struct Foreign {
    holder: Option<bool>,
    duration: Option<i64>,
    transitions: Option<i64>,
    renewal: u8,
    text: bool,
}

#[derive(Arbitrary, Debug)]
struct Line {
    clock: i32,
    wall: i64,
    digits: u32,
    what: What,
}

fuzz_target!(|lines: Vec<Line>| {
    let timing = Timing::new(TimingConfig::default()).expect("the defaults");
    let mut elector = Elector::new("me", timing, 0).expect("a name");
    let mut sent: Vec<(AttemptId, Request)> = Vec::new();
    let mut now = 1_u64 << 40;
    let mut believes_until = None;
    for line in lines {
        now = now.saturating_add_signed(i64::from(line.clock));
        let instant = Instant::from_nanos(now);
        let reading = ClockReading::new(instant, line.wall, line.digits);
        let step = elector.handle(reading, input(&line.what, &sent));
        match step.publish {
            Some(Leadership::Leading { valid_until, .. }) => believes_until = Some(valid_until),
            Some(_) => believes_until = None,
            None => {}
        }
        assert!(believes_until.is_none_or(|until| instant < until));
        sent.extend(step.send.map(|attempt| (attempt.id, attempt.request)));
    }
});

fn input(what: &What, sent: &[(AttemptId, Request)]) -> Input {
    let at = |back: u8| sent.iter().rev().nth(usize::from(back)).cloned();
    let answer = |back, outcome| match at(back) {
        Some((attempt, _)) => Input::Answered { attempt, outcome },
        None => Input::Wake,
    };
    let seconds = |after: u16| Some(Duration::from_secs(after.into()));
    match what {
        What::Acquire => Input::Acquire,
        What::Applied { back, created } => {
            let version = version(u8::try_from(sent.len()).unwrap_or(u8::MAX), false);
            let record = at(*back).and_then(|(_, request)| written(&request)).unwrap_or_default();
            answer(*back, Outcome::Written { lease: Lease { version, record }, created: *created })
        }
        What::Found(shown) => {
            let (version, record) = show(shown, sent);
            answer(shown.back, Outcome::Found(Lease { version, record }))
        }
        What::Absent { back } => answer(*back, Outcome::Absent),
        What::Conflict { back } => answer(*back, Outcome::Conflict),
        What::Refused { back } => answer(*back, Outcome::Refused(Refusal::Forbidden)),
        What::Rejected { back, after } => {
            answer(*back, Outcome::Rejected { retry_after: seconds(*after) })
        }
        What::Unknown { back, after } => {
            answer(*back, Outcome::Unknown { retry_after: seconds(*after) })
        }
        What::Observed(shown) => {
            let (version, record) = show(shown, sent);
            Input::Observed(Observed::Found(Lease { version, record }))
        }
        What::Deleted => Input::Observed(Observed::Deleted),
        What::StepDown => Input::StepDown,
        What::Stop => Input::Stop,
        What::Wake => Input::Wake,
    }
}

fn show(shown: &Shown, sent: &[(AttemptId, Request)]) -> (Version, LeaseRecord) {
    let record = match &shown.foreign {
        Some(foreign) => LeaseRecord {
            holder: foreign.holder.map(|me| if me { "me" } else { "other" }.into()),
            duration_seconds: foreign.duration,
            acquire_time: LeaseTime::Absent,
            renew_time: if foreign.text {
                LeaseTime::Text("soon".into())
            } else {
                LeaseTime::At(Timestamp::from_unix_micros(foreign.renewal.into()))
            },
            transitions: foreign.transitions,
            ..LeaseRecord::default()
        },
        None => {
            let mut writes = sent.iter().rev().filter_map(|(_, request)| written(request));
            writes.nth(usize::from(shown.back)).unwrap_or_default()
        }
    };
    (version(shown.version, shown.uid), record)
}

fn written(request: &Request) -> Option<LeaseRecord> {
    match request {
        Request::Read => None,
        Request::Create { record, .. } | Request::Update { record, .. } => Some(record.clone()),
    }
}

fn version(number: u8, other: bool) -> Version {
    Version {
        uid: Uid::new(if other { "other" } else { "uid" }).expect("not empty"),
        resource_version: NonZeroU64::MIN.saturating_add(number.into()),
    }
}
