//! What the page says, in the form that can be checked.

use std::{collections::BTreeSet, fs};

use super::tree::root;

/// A page of Markdown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) text: String,
    /// The names of the rules (`7`, `C7`), in the order of the page.
    pub(crate) rules: Vec<String>,
    pub(crate) words: Vec<Word>,
    /// The files that its last table names.
    pub(crate) files: Vec<String>,
    /// What a link can point at.
    pub(crate) anchors: BTreeSet<String>,
    /// Where its links point to.
    pub(crate) links: Vec<String>,
}

/// A line of the glossary.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Word {
    pub(crate) word: String,
    /// What it is called in the code.
    pub(crate) code: Vec<String>,
}

impl Page {
    pub(crate) fn read() -> Self {
        Self::new(&fs::read_to_string(root().join("PROTOCOL.md")).expect("the page is there"))
    }

    pub(crate) fn new(text: &str) -> Self {
        let mut page = Self { text: text.into(), ..Self::default() };
        let (mut section, mut is_code) = ("", false);
        for line in text.lines() {
            if line.starts_with("```") {
                is_code = !is_code;
            }
            if is_code {
                continue;
            }
            page.links.extend(links(line));
            if let Some(heading) = line.strip_prefix('#') {
                let heading = heading.trim_start_matches('#').trim();
                page.anchors.insert(slug(heading));
                page.rules.extend(rule_of(heading));
                if line.starts_with("## ") {
                    section = heading;
                }
            } else if let Some(row) = cells(line) {
                match (section, row.as_slice()) {
                    ("Words", [word, code, _]) if code.contains('`') => {
                        page.words.push(Word { word: (*word).into(), code: quoted(code) });
                    }
                    ("Where to find it", [_, files]) => page.files.extend(quoted(files)),
                    _ => {}
                }
            }
        }
        page
    }
}

/// Reads `Rule 7: every write is a compare-and-swap`, or `Rule C7: …`.
fn rule_of(heading: &str) -> Option<String> {
    let name = heading.strip_prefix("Rule ")?.split_once(": ")?.0;
    name.trim_start_matches(['C', 'O', 'P']).parse::<u32>().ok().map(|_| name.into())
}

/// Splits a row of a table, unless it is the line below its head.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix('|')?.strip_suffix('|')?;
    let is_rule = row.chars().all(|c| matches!(c, '-' | '|' | ' ' | ':'));
    (!is_rule).then(|| row.split('|').map(str::trim).collect())
}

/// Returns what stands between back quotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(Into::into).collect()
}

/// Returns the targets of `[a](target)` and of `[a]: target`.
pub(crate) fn links(text: &str) -> Vec<String> {
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let inline = inline.map(|(target, _)| target.into());
    let named = text.lines().filter(|line| line.starts_with('['));
    let named = named.filter_map(|line| line.split_once("]: "));
    inline.chain(named.map(|(_, target)| target.trim().into())).collect()
}

/// Returns the anchor that GitHub gives to a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn a_page_is_read() {
    let page = Page::new(
        "# Title\n## Words\n| word | in the code |\n| --- | --- |\n| letter | setting | L |\n\
         | lease view | `LeaseView`, `view` | what [is known](#title) |\n## Rules\n\
         #### Rule 1: one clock's\n#### Rule C2: a Pod\n```text\n#### Rule 2: in code\n```\n#### Rule two\n\
         ## Where to find it\n| what | file |\n| --- | --- |\n| it | `src/a.rs`, `src/b.rs` |\n",
    );
    let word = Word { word: "lease view".into(), code: vec!["LeaseView".into(), "view".into()] };
    assert_eq!(page.words, [word]);
    assert_eq!(page.rules, ["1", "C2"]);
    assert_eq!(page.files, ["src/a.rs", "src/b.rs"]);
    assert_eq!(page.links, ["#title"]);
    assert_eq!(links("see [a] and [b](b.md), (c)\n\n[a]: a.md#it"), ["b.md", "a.md#it"]);
    assert!(page.anchors.contains("rule-1-one-clocks"), "{:?}", page.anchors);
}
