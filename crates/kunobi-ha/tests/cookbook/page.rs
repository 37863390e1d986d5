//! What docs/cookbook.md shows is what is tested here.

const PAGE: &str = include_str!("../../../../docs/cookbook.md");
const SOURCES: [&str; 9] = [
    include_str!("cron.rs"),
    include_str!("durations.rs"),
    include_str!("ipv6.rs"),
    include_str!("label.rs"),
    include_str!("once.rs"),
    include_str!("several.rs"),
    include_str!("single.rs"),
    include_str!("warm.rs"),
    include_str!("webhook.rs"),
];

#[test]
fn each_piece_of_rust_on_the_page_is_tested() {
    // A block may have several functions, which stand apart in the source.
    let pieces: Vec<_> = blocks("rust")
        .flat_map(|block| block.split_inclusive("\n}\n").map(str::trim_start))
        .collect();
    assert!(pieces.len() >= SOURCES.len(), "{}", pieces.len());
    for piece in &pieces {
        assert!(SOURCES.iter().any(|source| source.contains(piece)), "{piece}");
    }
    for source in SOURCES {
        assert!(pieces.iter().any(|piece| source.contains(piece)), "{source}");
    }
}

fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let fence = format!("```{language}\n");
    let after: Vec<_> = PAGE.split(&*fence).skip(1).collect();
    after.into_iter().filter_map(|rest| Some(rest.split_once("```\n")?.0))
}
