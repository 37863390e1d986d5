//! `cargo +nightly fuzz run watch`; `scripts/fuzz.sh` runs all targets.

#![no_main]

#[path = "../targets/fields.rs"]
mod fields;
#[path = "../targets/watch.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
