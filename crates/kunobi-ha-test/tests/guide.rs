//! Checks that what docs/test-your-operator.md shows is what is compiled and tested.

const GUIDE: &str = include_str!("../../../docs/test-your-operator.md");

/// Files of which the guide shows a part.
const SHOWN: [&str; 8] = [
    include_str!("first.rs"),
    include_str!("../examples/website/tests/world.rs"),
    include_str!("../examples/website/tests/undisturbed.rs"),
    include_str!("../examples/website/tests/children.rs"),
    include_str!("../examples/website/tests/disturbed.rs"),
    include_str!("../examples/website/tests/upgrade.rs"),
    include_str!("../examples/website/definition.rs"),
    include_str!("../../kunobi-ha/tests/handover.rs"),
];

#[test]
fn what_the_guide_shows_is_compiled() {
    let blocks = blocks("rust");
    assert!(blocks.len() > 5, "the guide shows {} blocks", blocks.len());
    for block in blocks {
        assert!(SHOWN.iter().any(|file| file.contains(&block)), "this is in no file:\n{block}");
    }
}

#[test]
fn files_that_the_guide_links_to_exist() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    for link in GUIDE.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let (path, _) = link.split_once('#').unwrap_or((link, ""));
        let exists = path.is_empty() || std::path::Path::new(docs).join(path).exists();
        assert!(path.starts_with("https://") || exists, "{link}");
    }
}

/// The contents of the fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let ends = |rest: &str| rest.split_once("```").map(|(block, _)| block.to_owned());
    GUIDE.split(fence.as_str()).skip(1).filter_map(ends).collect()
}
