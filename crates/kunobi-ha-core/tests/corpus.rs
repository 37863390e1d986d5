//! What fuzzing has found interesting, again, without a fuzzer.

#[path = "../fuzz/targets/elector.rs"]
mod elector;

use std::fs;

#[test]
fn no_inputs_make_a_belief_outlive_its_deadline() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/elector");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{} files", files.len());
    for file in files {
        println!("{}", file.display());
        elector::run(&fs::read(file).unwrap());
    }
}
