//! What is wrong between the page and the code.

use super::{
    page::{Page, Word, links},
    source::Source,
    tree::{File, Place, Tree, root},
};

/// Returns a line for each fault.
pub(crate) fn find(page: &Page, tree: &Tree) -> Vec<String> {
    let rules = page.rules.iter().flat_map(|rule| missing_citations(rule, tree));
    let citations = tree.files.iter().flat_map(|file| wrong_citations(page, file));
    let words = page.words.iter().flat_map(|word| unused(word, tree));
    let files = page.files.iter().filter_map(|path| missing_file(path, tree));
    let mut faults: Vec<_> = rules.chain(citations).chain(words).chain(files).collect();
    faults.extend(wrong_links(page, tree));
    faults
}

fn missing_citations(rule: &str, tree: &Tree) -> Vec<String> {
    let is_cited = |places: &[Place]| {
        let mut files = tree.files.iter().filter(|file| places.contains(&file.place));
        files.any(|file| file.source.citations.iter().any(|(_, cited)| cited == rule))
    };
    // What the library carries out is not in a package of the core.
    let is_of_the_library = LIBRARYS.contains(&rule);
    let places: [&[Place]; 2] = match (is_of_the_library, tree.is_whole) {
        (false, _) => [&[Place::Code], &[Place::Test]],
        (true, true) => [&[Place::Library], &[Place::Library, Place::LibraryTest]],
        (true, false) => return Vec::new(),
    };
    let missing = places.into_iter().zip(["src", "tests"]).filter(|(places, _)| !is_cited(places));
    missing.map(|(_, folder)| format!("rule {rule} is not cited in {folder}")).collect()
}

/// The rules that the library carries out.
const LIBRARYS: [&str; 5] = ["C1", "C2", "C3", "C8", "P1"];

fn wrong_citations(page: &Page, file: &File) -> Vec<String> {
    let wrong = file.source.citations.iter().filter(|(_, rule)| !page.rules.contains(rule));
    let path = &file.path;
    wrong.map(|(line, rule)| format!("{path}:{line} cites rule {rule}, which is missing")).collect()
}

fn unused(Word { word, code }: &Word, tree: &Tree) -> Vec<String> {
    let is_used = |name: &String| {
        let mut files = tree.files.iter().filter(|file| file.place == Place::Code);
        files.any(|file| file.source.names.contains(name))
    };
    let unused = code.iter().filter(|name| !is_used(name));
    let unused = unused.map(|name| format!("{word}: no code is called {name}"));
    // The word and a name in the code must begin alike, or one thing would have two words. The
    // letters of the durations are not words.
    let start: String = word.chars().take(3).collect();
    let is_letter = start.len() == 1;
    let is_alike = is_letter || code.iter().any(|name| name.to_lowercase().contains(&start));
    unused.chain((!is_alike).then(|| format!("{word} is called otherwise in the code"))).collect()
}

fn missing_file(path: &str, tree: &Tree) -> Option<String> {
    let is_elsewhere = path.starts_with("../") && !tree.is_whole;
    let is_there = is_elsewhere || tree.files.iter().any(|file| file.path == path);
    (!is_there).then(|| format!("{path} does not exist"))
}

fn wrong_links(page: &Page, tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for link in &page.links {
        let is_right = match link.strip_prefix('#') {
            Some(anchor) => page.anchors.contains(anchor),
            None => link.contains("://") || root().join(link).is_file(),
        };
        if !is_right {
            wrong.push(format!("PROTOCOL.md links to {link}, which does not exist"));
        }
    }
    for (path, text) in &tree.pages {
        let anchors = links(text).into_iter().filter_map(|link| {
            link.split_once("PROTOCOL.md#").map(|(_, anchor)| String::from(anchor))
        });
        let missing = anchors.filter(|anchor| !page.anchors.contains(anchor));
        wrong.extend(missing.map(|anchor| format!("{path} links to #{anchor}, which is missing")));
    }
    wrong
}

#[test]
fn a_page_and_code_that_agree_have_no_faults() {
    assert_eq!(find(&page(), &tree()), [] as [&str; 0]);
}

#[test]
fn a_rule_without_code_or_test_is_found() {
    let untested = Tree { files: tree().files.into_iter().take(1).collect(), ..tree() };
    assert_eq!(find(&page(), &untested), ["rule 1 is not cited in tests"]);
    let mut undone = tree();
    undone.files[0].source.citations.clear();
    assert_eq!(find(&page(), &undone), ["rule 1 is not cited in src"]);
}

#[test]
fn a_citation_of_no_rule_is_found_wherever_it_is() {
    for (place, path) in [(Place::Code, "src/b.rs"), (Place::Elsewhere, "../kunobi-ha/src/b.rs")] {
        let mut tree = tree();
        tree.files.push(file(path, place, "\n// Rule 17: why"));
        assert_eq!(
            find(&page(), &tree),
            [format!("{path}:2 cites rule 17, which is missing")],
            "{place:?}"
        );
    }
}

#[test]
fn a_citation_elsewhere_does_not_count() {
    let mut tree = tree();
    tree.files[1].place = Place::Elsewhere;
    assert_eq!(find(&page(), &tree), ["rule 1 is not cited in tests"]);
}

#[test]
fn a_word_that_the_code_does_not_have_is_found() {
    let mut page = page();
    page.words[0].code.push("pledge".into());
    assert_eq!(find(&page, &tree()), ["hedge: no code is called pledge"]);
    page.words[0] = Word { word: "proof".into(), code: vec!["hedge_after".into()] };
    assert_eq!(find(&page, &tree()), ["proof is called otherwise in the code"]);
    page.words[0] = Word { word: "T".into(), code: vec!["hedge_after".into()] };
    assert_eq!(find(&page, &tree()), [] as [&str; 0]);
}

#[test]
fn a_file_that_is_not_there_is_found() {
    let mut page = page();
    page.files.push("src/gone.rs".into());
    assert_eq!(find(&page, &tree()), ["src/gone.rs does not exist"]);
}

#[test]
fn a_file_of_another_crate_is_looked_for_in_the_repository_only() {
    let mut page = page();
    page.files.push("../kunobi-ha/src/gone.rs".into());
    assert_eq!(find(&page, &tree()), [] as [&str; 0]);
    let whole = Tree { is_whole: true, ..tree() };
    assert_eq!(find(&page, &whole), ["../kunobi-ha/src/gone.rs does not exist"]);
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let mut page = page();
    page.links.extend(["#rule-9".into(), "docs/gone.svg".into()]);
    let mut tree = tree();
    let link = |anchor| format!("[a](crates/kunobi-ha-core/PROTOCOL.md#{anchor})");
    tree.pages.push(("DESIGN.md".into(), link("rule-1-slow") + &link("rule-8")));
    assert_eq!(
        find(&page, &tree),
        [
            "PROTOCOL.md links to #rule-9, which does not exist",
            "PROTOCOL.md links to docs/gone.svg, which does not exist",
            "DESIGN.md links to #rule-8, which is missing",
        ]
    );
}

fn page() -> Page {
    Page::new(
        "## Words\n| hedge | `hedge_after` | [it](#rule-1-slow) |\n#### Rule 1: slow\n\
         ## Where to find it\n| it | `src/a.rs` |\n",
    )
}

fn tree() -> Tree {
    let code = file("src/a.rs", Place::Code, "// Rule 1: why\nfn hedge_after() {}");
    let test = file("tests/a.rs", Place::Test, "/// Rule 1.\nfn it_waits() {}");
    Tree { files: vec![code, test], ..Tree::default() }
}

fn file(path: &str, place: Place, text: &str) -> File {
    File { path: path.into(), place, source: Source::new(text) }
}
