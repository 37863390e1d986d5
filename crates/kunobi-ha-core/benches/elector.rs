//! Steps per second and bytes per elector.
//!
//! `cargo bench -p kunobi-ha-core` prints what an elector takes in memory, and times a renewal
//! (its wake-up and its answer) and a poll of a follower (the same).

use std::{fs, hint::black_box, num::NonZeroU64, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kunobi_ha_core::{
    AttemptId, ClockReading, Elector, Input, Instant, Lease, LeaseRecord, Outcome, Request, Step,
    Timing, TimingConfig, Uid, Version,
};

/// An elector whose every request is answered one millisecond later.
struct Answered {
    elector: Elector,
    now: Instant,
    version: u64,
    step: Step,
}

impl Answered {
    fn new(identity: &str, timing: &Timing) -> Self {
        let mut elector = Elector::new(identity, timing.clone(), 1).expect("a name");
        let now = Instant::from_nanos(1_000_000_000);
        let step = elector.handle(reading(now), Input::Acquire);
        Self { elector, now, version: 1, step }
    }

    /// Creates the Lease and leads it.
    fn leading(identity: &str, timing: &Timing) -> Self {
        let mut leader = Self::new(identity, timing);
        leader.answer(|_| Outcome::Absent);
        leader.succeed();
        leader
    }

    /// Has read the holder.
    fn following(identity: &str, timing: &Timing) -> Self {
        let mut follower = Self::new(identity, timing);
        follower.see();
        follower
    }

    fn answer(&mut self, outcome: impl FnOnce(Request) -> Outcome) {
        let Some(attempt) = self.step.send.take() else {
            return;
        };
        self.now = self.now.after(Duration::from_millis(1));
        let outcome = outcome(attempt.request);
        let answered = Input::Answered { attempt: attempt.id, outcome };
        self.step = self.elector.handle(reading(self.now), answered);
    }

    fn succeed(&mut self) {
        self.version += 1;
        let version = version(self.version);
        self.answer(|request| match request {
            Request::Read => Outcome::Absent,
            Request::Create { record, .. } => {
                Outcome::Written { lease: Lease::new(version, record), created: true }
            }
            Request::Update { record, .. } => {
                Outcome::Written { lease: Lease::new(version, record), created: false }
            }
        });
    }

    /// Answers a read with a record that was renewed.
    fn see(&mut self) {
        self.version += 1;
        let version = version(self.version);
        let record = LeaseRecord {
            holder: Some("leader".into()),
            duration_seconds: Some(15),
            transitions: i64::try_from(self.version).ok(),
            ..LeaseRecord::default()
        };
        self.answer(|_| Outcome::Found(Lease::new(version, record)));
    }

    fn wake(&mut self) -> Option<AttemptId> {
        self.now = self.step.wake_at.expect("something is always due");
        self.step = self.elector.handle(reading(self.now), Input::Wake);
        self.step.send.as_ref().map(|attempt| attempt.id)
    }
}

fn reading(now: Instant) -> ClockReading {
    let wall = i64::try_from(now.as_nanos() / 1000).unwrap_or(i64::MAX);
    ClockReading::new(now, wall, 42)
}

fn version(number: u64) -> Version {
    Version {
        uid: Uid::new("0b5e2b0a-6f0e-4f5e-9d0c-3d2f6c1e8a77").expect("not empty"),
        resource_version: NonZeroU64::new(number).expect("not zero"),
    }
}

fn steps(c: &mut Criterion) {
    let timing = Timing::new(TimingConfig::default()).expect("the defaults");
    let mut group = c.benchmark_group("steps");
    group.throughput(Throughput::Elements(2));
    group.bench_function("renewal", |b| {
        let mut leader = Answered::leading("leader-0", &timing);
        b.iter(|| {
            black_box(leader.wake()).expect("a renewal");
            leader.succeed();
        });
    });
    group.bench_function("follower's poll", |b| {
        let mut follower = Answered::following("follower-0", &timing);
        b.iter(|| {
            black_box(follower.wake()).expect("a read");
            follower.see();
        });
    });
    group.finish();
}

fn bytes(_: &mut Criterion) {
    const ELECTORS: usize = 100_000;
    let timing = Timing::new(TimingConfig::default()).expect("the defaults");
    println!("size_of::<Elector>(): {} bytes", size_of::<Elector>());
    // All are kept, or the second kind would be measured in the memory of the first.
    let mut kept = Vec::new();
    for (name, make) in [
        ("leader", Answered::leading as fn(&str, &Timing) -> Answered),
        ("follower", Answered::following),
    ] {
        let before = resident_bytes();
        let electors: Vec<_> =
            (0..ELECTORS).map(|n| make(&format!("{name}-{n}"), &timing).elector).collect();
        if let Some((before, after)) = before.zip(resident_bytes()) {
            let each = after.saturating_sub(before) / black_box(&electors).len();
            println!("resident bytes per {name}, of {ELECTORS}: {each}");
        }
        kept.push(electors);
    }
}

/// Linux only; elsewhere nothing is printed.
fn resident_bytes() -> Option<usize> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

criterion_group!(benches, bytes, steps);
criterion_main!(benches);
