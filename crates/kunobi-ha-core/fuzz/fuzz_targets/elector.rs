//! `cargo +nightly fuzz run elector`; `scripts/fuzz.sh` runs all targets.

#![no_main]

#[path = "../targets/elector.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    target::run(bytes);
});
