//! `cargo +nightly fuzz run answer`; `scripts/fuzz.sh` runs all targets.

#![no_main]

#[path = "../targets/fields.rs"]
mod fields;
#[path = "../targets/lease.rs"]
mod lease;
#[path = "../targets/answer.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
