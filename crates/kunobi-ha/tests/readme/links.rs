//! Links from one page to another lead to a file, and to a heading in it.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn each_link_of_the_pages_leads_somewhere() {
    let mut pages = vec![root().join("README.md"), root().join("deploy/README.md")];
    let folders = ["docs", "docs/migrate"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let docs = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    pages.extend(docs.filter(|path| path.extension().is_some_and(|end| end == "md")));
    assert!(pages.len() > 10);
    let dead: Vec<_> = pages.iter().flat_map(|page| dead_links(page)).collect();
    assert_eq!(dead, [""; 0]);
}

#[test]
fn headings_are_found_as_github_names_them() {
    let page = "# A `b`, c?\n```\n# no\n```\n## 403: not allowed\n### The leader's pod\n## See [x](y.md)\n";
    assert_eq!(anchors(page), ["a-b-c", "403-not-allowed", "the-leaders-pod", "see-x"]);
}

fn dead_links(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    let dead = targets.filter(|target| {
        let local = target.strip_prefix(REPOSITORY).map(|path| (root(), path));
        let (folder, target) = match local {
            Some(found) => found,
            None if target.contains("://") => return false,
            None => (page.parent().unwrap().to_owned(), *target),
        };
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let file = if path.is_empty() { page.to_owned() } else { folder.join(path) };
        if !file.exists() {
            return true;
        }
        let is_page = file.extension().is_some_and(|end| end == "md");
        let known = |file| anchors(&fs::read_to_string(file).unwrap()).iter().any(|a| a == anchor);
        is_page && !anchor.is_empty() && !known(file)
    });
    dead.map(|target| format!("{}: {target}", page.display())).collect()
}

/// Returns how GitHub names the headings of a page.
fn anchors(page: &str) -> Vec<String> {
    let mut is_code = false;
    let headings = page.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    let slug = |heading: &str| -> String {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let words = words.split_once("](").map_or(words.clone(), |(text, _)| text.to_owned());
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const REPOSITORY: &str = "https://github.com/kunobi-ninja/kunobi-ha/blob/main/";
