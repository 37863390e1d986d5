//! Any inputs, in any order, at any time: no panic, no belief past its deadline, and each call is a step of
//! the protocol's table.
//!
//! Each input is 16 bytes: how the clock moves (4), what happens (1), which attempt it is about (1), and
//! ten for the rest. So a mutation of a byte changes one thing.

#[path = "../../tests/spec/spec.rs"]
mod spec;

use std::{num::NonZeroU64, time::Duration};

use kunobi_ha_core::{
    AttemptId, ClockReading, Elector, Input, Instant, Leadership, Lease, LeaseRecord, LeaseTime,
    Observed, Outcome, Refusal, Request, Timestamp, Timing, TimingConfig, Uid, Version,
};

/// One input, as bytes.
struct Line<'a> {
    bytes: &'a [u8; LENGTH],
    /// What the elector has sent so far, newest last.
    sent: &'a [(AttemptId, Request)],
}

/// How many calls there were, and how many of them were judged by the table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    pub(crate) made: u64,
    pub(crate) judged: u64,
}

pub(crate) fn run(bytes: &[u8]) -> Calls {
    let mut calls = Calls::default();
    let (create_grace, bytes) = match bytes.split_first() {
        Some((first, rest)) if *first % 2 == 1 => (Duration::from_secs(15), rest),
        Some((_, rest)) => (Duration::ZERO, rest),
        None => return calls,
    };
    let mut config = TimingConfig::default();
    config.create_grace = create_grace;
    let mut monitor = spec::Monitor::new("me", &config);
    let timing = Timing::new(config);
    let mut elector = Elector::new("me", timing.expect("the defaults"), 0).expect("a name");
    let mut sent: Vec<(AttemptId, Request)> = Vec::new();
    let mut now = 1_u64 << 40;
    let mut believes_until = None;
    for bytes in bytes.as_chunks().0 {
        let line = Line { bytes, sent: &sent };
        now = now.saturating_add_signed(line.clock());
        let instant = Instant::from_nanos(now);
        let reading = ClockReading::new(instant, line.wall(), line.number(12).unsigned_abs());
        let input = line.input();
        let step = elector.handle(reading, input.clone());
        if let Err(violation) = monitor.watch(instant, &input, &step) {
            panic!("{violation}");
        }
        calls.made += 1;
        calls.judged += u64::from(monitor.judges());
        match step.publish {
            Some(Leadership::Leading { valid_until, .. }) => believes_until = Some(valid_until),
            Some(_) => believes_until = None,
            None => {}
        }
        assert!(believes_until.is_none_or(|until| instant < until));
        sent.extend(step.send.map(|attempt| (attempt.id, attempt.request)));
    }
    calls
}

impl Line<'_> {
    fn input(&self) -> Input {
        match self.bytes[4] % 16 {
            0 | 1 => Input::Acquire,
            2..=4 => self.answer(self.applied()),
            5 | 6 => self.answer(Outcome::Found(self.shown())),
            7 => self.answer(Outcome::Absent),
            8 => self.answer(Outcome::Conflict),
            9 => self.answer(match self.bytes[6] % 4 {
                0 => Outcome::Refused(Refusal::Forbidden),
                1 => Outcome::Refused(Refusal::Unauthorized),
                2 => Outcome::Refused(Refusal::NotALease),
                _ => Outcome::MethodNotAllowed,
            }),
            10 => self.answer(Outcome::Rejected { retry_after: self.seconds() }),
            11 => self.answer(Outcome::Unknown { retry_after: self.seconds() }),
            12 => Input::Observed(Observed::Found(self.shown())),
            13 if self.bytes[6] == 0 => Input::Observed(Observed::Deleted),
            13 => self.death(),
            14 => Input::StepDown,
            15 if self.bytes[6] == 0 => Input::Stop,
            _ => Input::Wake,
        }
    }

    /// The process of another holder has ended, or by the same name, or so somebody says of ours.
    fn death(&self) -> Input {
        let dead = Timestamp::from_unix_micros(DEAD);
        let ours = self.attempt().and_then(|(_, request)| written(request));
        let (holder, acquire_time) =
            match (self.bytes[7] % 4, ours.map(|record| record.acquire_time)) {
                (0, Some(LeaseTime::At(time))) => ("me", time),
                (0 | 1, _) => ("me", dead),
                (_, _) => ("other", dead),
            };
        Input::HolderDied { holder: holder.into(), acquire_time }
    }

    /// Answers an attempt; without one, nothing happens.
    fn answer(&self, outcome: Outcome) -> Input {
        match self.attempt() {
            Some((attempt, _)) => Input::Answered { attempt: *attempt, outcome },
            None => Input::Wake,
        }
    }

    /// The success of a write, with what it wrote.
    fn applied(&self) -> Outcome {
        let record = self.attempt().and_then(|(_, request)| written(request)).unwrap_or_default();
        let version = version(u64::try_from(self.sent.len()).unwrap_or(u64::MAX), false);
        Outcome::Written {
            lease: Lease::new(version, record),
            created: self.bytes[6].is_multiple_of(2),
        }
    }

    /// A Lease: of somebody else, or as an attempt of ours would have written it.
    fn shown(&self) -> Lease {
        let [kind, holder, duration, transitions, renewal] = self.bytes[7..12] else {
            unreachable!("five bytes")
        };
        let odd = |byte: u8| match byte {
            0 => None,
            255 => Some(i64::MAX),
            254 => Some(i64::MIN),
            byte => Some(i64::from(byte.cast_signed())),
        };
        let record = if kind.is_multiple_of(2) {
            self.attempt().and_then(|(_, request)| written(request)).unwrap_or_default()
        } else {
            LeaseRecord {
                holder: [None, Some("me".into()), Some("other".into())][usize::from(holder % 3)]
                    .clone(),
                duration_seconds: odd(duration),
                // What is told of deaths has to fit something.
                acquire_time: if kind % 4 == 1 {
                    LeaseTime::At(Timestamp::from_unix_micros(DEAD))
                } else {
                    LeaseTime::Absent
                },
                renew_time: if renewal == 255 {
                    LeaseTime::Text("soon".into())
                } else {
                    LeaseTime::At(Timestamp::from_unix_micros(renewal.into()))
                },
                transitions: odd(transitions),
                ..LeaseRecord::default()
            }
        };
        Lease::new(version(self.bytes[6].into(), kind % 8 == 7), record)
    }

    fn attempt(&self) -> Option<&(AttemptId, Request)> {
        self.sent.iter().rev().nth(usize::from(self.bytes[5] % 8))
    }

    /// How the clock moves, in nanoseconds: mostly by up to half a minute, seldom back.
    fn clock(&self) -> i64 {
        let number = i64::from(self.number(0));
        if self.bytes[0] == 255 { -number.abs() } else { number.abs() * 16 }
    }

    fn wall(&self) -> i64 {
        match self.bytes[15] {
            0 => i64::MIN,
            1 => i64::MAX,
            _ => 1_795_340_220_000_000 + i64::from(self.number(12)),
        }
    }

    fn seconds(&self) -> Option<Duration> {
        let seconds = u16::from_le_bytes([self.bytes[6], self.bytes[7]]);
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    fn number(&self, at: usize) -> i32 {
        let bytes = self.bytes[at..].first_chunk().expect("16 bytes");
        i32::from_le_bytes(*bytes)
    }
}

fn written(request: &Request) -> Option<LeaseRecord> {
    match request {
        Request::Read => None,
        Request::Create { record, .. } | Request::Update { record, .. } => Some(record.clone()),
    }
}

fn version(number: u64, other: bool) -> Version {
    Version {
        uid: Uid::new(if other { "other" } else { "uid" }).expect("not empty"),
        resource_version: NonZeroU64::MIN.saturating_add(number),
    }
}

const LENGTH: usize = 16;
const DEAD: i64 = 5;
