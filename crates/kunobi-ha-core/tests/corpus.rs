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
    let (mut made, mut judged) = (0, 0);
    for file in files {
        println!("{}", file.display());
        let calls = elector::run(&fs::read(file).unwrap());
        made += calls.made;
        judged += calls.judged;
    }
    println!("{judged} of {made} calls were judged, the others came after a breach of A1");
    assert!(judged * 10 >= made * 9, "{judged} of {made} calls were judged");
}
