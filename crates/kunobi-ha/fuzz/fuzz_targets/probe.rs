//! `cargo +nightly fuzz run probe`; `scripts/fuzz.sh` runs all targets.

#![no_main]

#[path = "../targets/probe.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
