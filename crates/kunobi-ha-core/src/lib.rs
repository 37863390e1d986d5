//! The leader election of kunobi-ha as a pure state machine, for authors of drivers.
//!
//! It contains no clock, no I/O and no runtime. Everything that it knows of time and of the API
//! server comes in through [`Elector::handle`]; everything that it wants done goes out in the
//! [`Step`] that is returned. Users want the crate `kunobi-ha`, which drives it over a
//! `kube::Client`.
//!
//! > Tell the machine what happened and what time it is; do what the returned step says, in the
//! > order of its fields; come back when a request ends or `wake_at` arrives.
//!
//! ```
//! use kunobi_ha_core::*;
//!
//! let mut elector = Elector::new("a", Timing::new(TimingConfig::default())?, 1)?;
//! let at = |seconds: u64| {
//!     ClockReading::new(Instant::from_nanos(seconds * 1_000_000_000), 1_700_000_000_000_000, 42)
//! };
//!
//! // The first step of a candidate is to look.
//! let step = elector.handle(at(1), Input::Acquire);
//! let look = step.send.expect("a look");
//! assert_eq!(look.request, Request::Read);
//!
//! // There is no Lease: it creates one …
//! let step =
//!     elector.handle(at(2), Input::Answered { attempt: look.id, outcome: Outcome::Absent });
//! let create = step.send.expect("a create");
//! let Request::Create { record, .. } = create.request else { panic!("a create") };
//!
//! // … and leads, counted from the instant at which that create was sent.
//! let uid = Uid::new("0b5e").expect("not empty");
//! let version = Version { uid, resource_version: 7.try_into()? };
//! let outcome = Outcome::Written { lease: Lease { version, record }, created: true };
//! let step = elector.handle(at(3), Input::Answered { attempt: create.id, outcome });
//! let Some(Leadership::Leading { term, valid_until }) = step.publish else { panic!("leads") };
//! assert_eq!(term.fence(), 7);
//! assert_eq!(valid_until, Instant::from_nanos(12_000_000_000));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! At any instant of real time at most one elector's last published leadership is
//! [`Leadership::Leading`] with a `valid_until` that lies ahead, provided that a successful write
//! is an atomic compare-and-swap, that monotonic clocks run at rates within
//! [`Bounds::clock_rate_ppm`] of real time, and that only electors write the record. Wall clocks
//! may be arbitrarily wrong, reads arbitrarily stale, messages arbitrarily late.
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | `elector` | the machine, a file for each phase |
//! | `input`, `step` | what goes in, and what comes out |
//! | `observation` | what is known of the Lease, and since when |
//! | `record` | a Lease without Kubernetes types |
//! | `timing` | the durations, valid by construction |
//! | `invalid_config` | why a configuration cannot work |
//! | `bounds` | what they promise |
//! | `time` | the two clocks, as two types |
#![no_std]

extern crate alloc;

mod bounds;
mod elector;
mod input;
mod invalid_config;
mod leadership;
mod lease;
mod lease_view;
mod notice;
mod pace;
mod record;
mod request;
mod step;
mod time;
mod timing;

pub use bounds::{Bound, Bounds};
pub use elector::Elector;
pub use input::{Input, Observed, Outcome, Refusal};
pub use invalid_config::InvalidConfig;
pub use leadership::{Failure, Leadership, Release, StepDownReason};
pub use lease::{Lease, Term, Uid, Version};
pub use notice::{Notice, Setback};
pub use record::{LeaseRecord, LeaseTime};
pub use request::{Attempt, AttemptId, Connection, CreateVia, Request, Verb};
pub use step::Step;
pub use time::{ClockReading, Instant, Timestamp};
pub use timing::{Timing, TimingConfig};
