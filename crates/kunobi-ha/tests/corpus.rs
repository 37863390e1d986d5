//! What fuzzing has found interesting, again, without a fuzzer: `fuzz/seeds` has a folder for each
//! target.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "../fuzz/targets/answer.rs"]
mod answer;
#[path = "../fuzz/targets/fields.rs"]
mod fields;
#[path = "../fuzz/targets/lease.rs"]
mod lease;
#[path = "../fuzz/targets/probe.rs"]
mod probe;
#[path = "../fuzz/targets/watch.rs"]
mod watch;
#[path = "../fuzz/targets/write.rs"]
mod write;

use std::fs;

#[test]
fn reading_an_answer_is_total_and_shows_what_was_served() {
    replay("answer", answer::run);
}

#[test]
fn a_connection_of_any_bytes_is_answered_and_closed() {
    replay("probe", probe::run);
}

#[test]
fn a_watch_of_any_bytes_shows_the_events_of_its_lines() {
    replay("watch", watch::run);
}

#[test]
fn a_write_keeps_what_the_election_does_not_own() {
    replay("write", write::run);
}

fn replay(target: &str, run: fn(&[u8])) {
    let folder = format!("{}/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{} files", files.len());
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}
