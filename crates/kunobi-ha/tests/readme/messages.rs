//! docs/messages.md lists what the library says when something is wrong, and nothing else.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// INFO, WARN, ERROR or the name of an error type; and the text, with `…` for what differs.
type Message = (String, String);

#[test]
fn each_warning_and_each_error_is_listed_and_nothing_else() {
    let said: BTreeSet<_> =
        sources().iter().flat_map(|path| messages(&fs::read_to_string(path).unwrap())).collect();
    assert!(said.len() > 90, "the sources have messages: {}", said.len());
    let listed = listed(&fs::read_to_string(root().join("docs/messages.md")).unwrap());
    let rows = |messages: BTreeSet<&Message>| -> Vec<String> {
        messages.iter().map(|(kind, text)| format!("| {kind} | `{text}` |")).collect()
    };
    let is_trouble = |message: &&Message| message.0 != "INFO";
    let missing = said.difference(&listed).filter(is_trouble).collect();
    assert_eq!(rows(missing), [""; 0], "the page does not list it");
    assert_eq!(rows(listed.difference(&said).collect()), [""; 0], "it is said nowhere");
}

/// They stand in quotes of their own.
#[test]
fn the_faq_quotes_what_is_said() {
    let listed = listed(&fs::read_to_string(root().join("docs/messages.md")).unwrap());
    let faq = fs::read_to_string(root().join("docs/faq.md")).unwrap();
    let quotes: Vec<_> =
        faq.lines().filter_map(|line| line.strip_prefix("> `")?.strip_suffix('`')).collect();
    assert!(quotes.len() > 10, "{quotes:?}");
    for quote in quotes {
        assert!(listed.iter().any(|(_, text)| text == quote), "{quote}");
    }
}

#[test]
fn messages_are_found_in_macros_and_in_attributes() {
    let source = r#"
/// error!("in a comment")
fn f() {
    warn!(%verb, "one {what:?} of \
         {}", x("no"));
    error!(
        "two: \"{name}\", {{braces}}"
    );
    info!("nothing to worry about");
}
#[derive(thiserror::Error)]
pub enum Wrong {
    #[error("three {0}\nmore")]
    Three(u8),
    #[error(transparent)]
    Four(Other),
}
#[cfg(test)]
mod tests { fn g() { warn!("in a test") } }
"#;
    let expected = [
        ("ERROR", "two: \"…\", {braces}"),
        ("INFO", "nothing to worry about"),
        ("WARN", "one … of …"),
        ("Wrong", "three …"),
    ]
    .map(|(kind, text)| (kind.to_owned(), text.to_owned()));
    let found: BTreeSet<_> = messages(source).into_iter().collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

/// Returns what a source says: in lines of the log, and in errors.
fn messages(source: &str) -> Vec<Message> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n");
    let mut found = Vec::new();
    for (start, kind) in [("info!(", "INFO"), ("warn!(", "WARN"), ("error!(", "ERROR")] {
        for (at, _) in code.match_indices(start) {
            let called = !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c));
            let text = literal(&code[at..]).filter(|_| called);
            found.extend(text.map(|text| (kind.to_owned(), text)));
        }
    }
    for (at, _) in code.match_indices("#[error(") {
        let rest = &code[at..];
        let transparent = rest.starts_with("#[error(transparent");
        let text = literal(rest).filter(|text| !transparent && text != "…");
        found.extend(text.map(|text| (type_around(&code, at), text)));
    }
    found
}

/// Returns the name of the enum before this place, or of the struct after it.
fn type_around(code: &str, at: usize) -> String {
    let name = |rest: &str| -> String {
        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let before = &code[..at];
    let open = before.rfind("enum ").filter(|start| !before[*start..].contains("\n}"));
    match open {
        Some(start) => name(&before[start + 5..]),
        None => code[at..].split_once("struct ").map_or_else(String::new, |(_, rest)| name(rest)),
    }
}

/// Returns the first string in a piece of code: its first line, with one `…` for the arguments at a place.
fn literal(code: &str) -> Option<String> {
    let mut rest = code.split_once('"')?.1.chars().peekable();
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => match rest.next()? {
                'n' => return Some(text),
                '\n' => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                other => text.push(other),
            },
            '{' if rest.next_if_eq(&'{').is_some() => text.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => text.push('}'),
            '{' => {
                rest.by_ref().find(|c| *c == '}')?;
                if !text.ends_with('…') {
                    text.push('…');
                }
            }
            '`' => text.push('\''), // It would end the code in the page.
            other => text.push(other),
        }
    }
}

/// Reads the rows `| WARN | `text` | …` of the page.
fn listed(page: &str) -> BTreeSet<Message> {
    let rows = page.lines().filter_map(|line| {
        let (kind, rest) = line.strip_prefix("| ")?.split_once(" | `")?;
        let (text, _) = rest.split_once("` |")?;
        Some((kind.trim_matches('`').to_owned(), text.to_owned()))
    });
    rows.collect()
}

fn sources() -> Vec<PathBuf> {
    let mut folders = ["kunobi-ha", "kunobi-ha-core"]
        .map(|name| root().join("crates").join(name).join("src"))
        .to_vec();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.file_stem().is_some_and(|name| name == "tests");
            match path.is_dir() {
                true if !is_test => folders.push(path),
                false if !is_test => files.push(path),
                true | false => {}
            }
        }
    }
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
