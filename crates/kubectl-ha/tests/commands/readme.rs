//! What the page shows of a terminal is what the tests of the commands have compared.

use std::{fs, path::Path};

/// A comment names the snapshot; the block below it begins with the command, and may be cut with a line `…`.
#[test]
fn the_page_shows_what_the_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("README.md")).unwrap();
    let mut shown = 0;
    for part in page.split("<!-- tests/snapshots/").skip(1) {
        let (name, rest) = part.split_once(" -->\n").unwrap();
        let block = rest
            .strip_prefix("```console\n$ kubectl ha ")
            .unwrap_or_else(|| panic!("no block after {name}"));
        let block = block.split_once("```\n").unwrap().0;
        let (_, output) = block.split_once('\n').unwrap();
        let snapshot = fs::read_to_string(root.join("tests/snapshots").join(name)).unwrap();
        let printed = snapshot.split("--- ").next().unwrap();
        let printed = match output.strip_suffix("…\n") {
            Some(beginning) => printed.get(..beginning.len()).unwrap_or(printed),
            None => printed,
        };
        assert_eq!(output.trim_end_matches("…\n"), printed, "{name}");
        shown += 1;
    }
    assert!(shown > 0);
}
