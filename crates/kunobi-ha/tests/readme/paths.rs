//! A newcomer finds what the pages for contributors and for sceptics name.

use std::path::{Path, PathBuf};

#[test]
fn the_paths_in_contributing_exist() {
    assert_eq!(missing(include_str!("../../../../CONTRIBUTING.md"), &root()), [""; 0]);
}

#[test]
fn the_paths_in_design_exist() {
    assert_eq!(missing(include_str!("../../../../DESIGN.md"), &root()), [""; 0]);
}

#[test]
fn the_paths_of_the_proof_exist() {
    assert_eq!(missing(include_str!("../../../../PROOF.md"), &root()), [""; 0]);
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let text = "\
`src/leader.rs` [this](docs/nothing.md) `/readyz` `a::b` `pkg/registry` [that](https://a.b/c.md)
```
crates/nowhere/   nothing
```
### The library: `crates/kunobi-ha/`
`src/leader.rs` `src/leader/{run,walk}.rs` `docs/guide.md` `bash scripts/absent.sh` `src/leader/`
";
    let expected = [
        "src/leader.rs",
        "docs/nothing.md",
        "crates/nowhere/",
        "src/leader/walk.rs",
        "scripts/absent.sh",
    ];
    assert_eq!(missing(text, &root()), expected);
}

/// Returns the paths in a page that do not exist: neither in the repository, nor in the folder that the
/// heading before them names, or that begins their line of a listing.
fn missing(page: &str, root: &Path) -> Vec<String> {
    let (mut folder, mut listing) = (root.to_owned(), false);
    let mut missing = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            listing = !listing;
            continue;
        }
        let found = if listing { line.split_whitespace().collect() } else { words(line) };
        let paths: Vec<_> = found.into_iter().filter(|word| is_path(word)).flat_map(each).collect();
        if line.starts_with('#') || (listing && !line.starts_with(' ')) {
            folder = paths.first().map_or_else(|| root.to_owned(), |path| root.join(path));
        }
        let exists = |path: &String| folder.join(path).exists() || root.join(path).exists();
        missing.extend(paths.into_iter().filter(|path| !exists(path)));
    }
    missing
}

/// Returns the words of code and the targets of links in a line.
fn words(line: &str) -> Vec<&str> {
    let code = line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let definition = line.strip_prefix('[').and_then(|rest| rest.split("]: ").nth(1));
    code.chain(targets).chain(definition.and_then(|target| target.split('#').next())).collect()
}

/// Tells a path of the repository from other code: by its end, and by having none but these letters.
fn is_path(word: &str) -> bool {
    const ENDS: [&str; 6] = [".rs", ".md", ".sh", ".toml", ".txt", ".yml"];
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_./{},".contains(letter);
    let relative =
        !word.starts_with(['/', '.']) || word.starts_with(".ci/") || word.starts_with(".github/");
    let ends =
        word.ends_with('/') || ENDS.iter().any(|end| word.ends_with(end)) || word == ".ci/run";
    relative && ends && word.chars().all(letters)
}

/// Returns `a/b.rs` and `a/c.rs` for `a/{b,c}.rs`.
fn each(word: &str) -> Vec<String> {
    let Some((before, rest)) = word.split_once('{') else { return vec![word.to_owned()] };
    let (names, after) = rest.split_once('}').expect("a brace that is closed");
    names.split(',').map(|name| format!("{before}{name}{after}")).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
