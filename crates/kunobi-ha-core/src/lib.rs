//! The leader election of kunobi-ha as a pure state machine.
//!
//! **This crate is an implementation detail of `kunobi-ha`**, which drives it over a `kube::Client`.
//! Its public items change with any release: a crate that depends on it pins the exact version.
//!
//! It contains no clock, no I/O and no runtime. All that it knows of time and of the API server
//! comes in through [`Elector::handle`]; all that it wants done goes out in the [`Step`] that is
//! returned.
//!
//! > Tell the machine what happened and what time it is; do what the returned step says, in the
//! > order of its fields; come back when a request ends or `wake_at` arrives.
//!
//! # The whole machine at work
//!
//! A driver over a register in memory. Each request is answered a millisecond after it was sent;
//! the clock is a number.
//!
//! ```
//! use core::time::Duration;
//! use kunobi_ha_core::*;
//!
//! /// One Lease: a write counts only over the version that it names.
//! fn serve(register: &mut Option<Lease>, request: Request) -> Outcome {
//!     let next = register.as_ref().map_or(1, |lease| lease.version.resource_version.get() + 1);
//!     let record = match (request, &*register) {
//!         (Request::Read, Some(lease)) => return Outcome::Found(lease.clone()),
//!         (Request::Read, None) => return Outcome::Absent,
//!         (Request::Create { record, .. }, None) => record,
//!         (Request::Update { version, record }, Some(l)) if l.version == version => record,
//!         (Request::Create { .. } | Request::Update { .. }, _) => return Outcome::Conflict,
//!     };
//!     let uid = Uid::new("0b5e").expect("not empty");
//!     let version = Version { uid, resource_version: next.try_into().expect("from 1 on") };
//!     let lease = Lease { version, record, hints: Hints::default() };
//!     let created = register.replace(lease.clone()).is_none();
//!     Outcome::Written { lease, created }
//! }
//!
//! let mut elector = Elector::new("a", Timing::new(TimingConfig::default())?, 1)?;
//! let mut register = None;
//! let mut now = Instant::from_nanos(1_000_000_000);
//! let end = now.after(Duration::from_secs(60));
//! let mut input = Input::Acquire;
//! let (mut requests, mut leading_until) = (0, None);
//! while now < end {
//!     let reading = ClockReading::new(now, 1_700_000_000_000_000, 42);
//!     let step = elector.handle(reading, input);
//!     // 1. Publish, before anything else.
//!     if let Some(Leadership::Leading { valid_until, .. }) = step.publish {
//!         leading_until = Some(valid_until);
//!     }
//!     // 2. Tell the notices. 3. Drop what the step names: nothing here is ever dropped.
//!     // 4. Send the request, and come back with its answer; 5. or come back at `wake_at`.
//!     if let Some(attempt) = step.send {
//!         requests += 1;
//!         now = now.after(Duration::from_millis(1));
//!         let outcome = serve(&mut register, attempt.request);
//!         input = Input::Answered { attempt: attempt.id, outcome };
//!     } else {
//!         now = now.max(step.wake_at.expect("a leader has something to come back for"));
//!         input = Input::Wake;
//!     }
//! }
//! assert_eq!(requests, 2 + 29, "a read, a create, and a renewal every two seconds");
//! assert!(leading_until.is_some_and(|until| until > end));
//! # Ok::<(), InvalidConfig>(())
//! ```
//!
//! # What it promises
//!
//! At any instant of real time at most one elector's last published leadership is
//! [`Leadership::Leading`] with a `valid_until` that lies ahead, provided that a successful write
//! is an atomic compare-and-swap, that monotonic clocks run at rates within
//! [`Bounds::clock_rate_ppm`] of real time, and that only electors write the record. Wall clocks
//! may be arbitrarily wrong, reads arbitrarily stale, messages arbitrarily late. `PROTOCOL.md`, in
//! this crate's folder, is the contract: the theorem, its assumptions, and the rules that comments in
//! the code cite by number.
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | `input`, `step` | what goes in, and what comes out |
//! | `request`, `leadership`, `notice` | the parts of a step |
//! | `elector` | the transition table; a file for each phase, and what phases share |
//! | `lease_view` | what is known of the Lease, and since when |
//! | `lease`, `record`, `hints` | a Lease without Kubernetes types |
//! | `timing`, `invalid_config` | the durations, valid by construction |
//! | `pace` | how long an unanswered request is kept |
//! | `bounds` | what the durations promise |
//! | `time` | the two clocks, as two types |
#![no_std]

extern crate alloc;

mod bounds;
mod elector;
mod hints;
mod input;
mod invalid_config;
mod leadership;
mod lease;
mod lease_view;
#[cfg(feature = "model")]
#[doc(hidden)]
pub mod model;
mod notice;
mod pace;
mod record;
mod request;
mod step;
mod time;
mod timing;

pub use bounds::{Bound, Bounds};
pub use elector::Elector;
pub use hints::{Hints, Successor};
pub use input::{Input, Observed, Outcome, Refusal};
pub use invalid_config::InvalidConfig;
pub use leadership::{Failure, Leadership, Release, StepDownReason};
pub use lease::{Lease, Term, Uid, Version};
pub use notice::{Notice, Setback, Takeover};
pub use record::{LeaseRecord, LeaseTime};
pub use request::{Attempt, AttemptId, Connection, CreateVia, Request, Verb};
pub use step::Step;
pub use time::{ClockReading, Instant, Timestamp};
pub use timing::{Timing, TimingConfig};
