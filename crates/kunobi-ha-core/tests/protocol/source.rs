//! What a source file says in its comments, and which names its code uses.

use std::{collections::BTreeSet, iter::Peekable, str::Chars};

/// A source file, taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// Which rules its comments cite, and in which lines.
    pub(crate) citations: Vec<(usize, String)>,
    /// The identifiers of its code.
    pub(crate) names: BTreeSet<String>,
}

/// A comment; comments in lines that follow each other are one.
#[derive(Debug, Eq, PartialEq)]
struct Comment {
    line: usize,
    text: String,
}

struct Scanner<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
    last_comment: usize,
    code: String,
    comments: Vec<Comment>,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let (code, comments) = take_apart(text);
        let names = code.split(|c: char| !is_name(c)).filter(|name| !name.is_empty());
        let citations = comments.iter().flat_map(|comment| {
            rules_in(&comment.text).into_iter().map(|rule| (comment.line, rule))
        });
        Self { citations: citations.collect(), names: names.map(Into::into).collect() }
    }
}

/// Returns the names in `rule 13`, `Rule C7 (a):` and `rules 7, 9 and O1`.
fn rules_in(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut rules = Vec::new();
    for (at, _) in lower.match_indices("rule") {
        if lower[..at].ends_with(is_name) {
            continue;
        }
        let rest = &lower[at + "rule".len()..];
        let (mut rest, is_list) = rest.strip_prefix('s').map_or((rest, false), |rest| (rest, true));
        while let Some((rule, after)) = name(rest) {
            rules.push(rule);
            let next = [", and ", " and ", ", ", " or "].into_iter().find_map(|and| {
                let rest = after.strip_prefix(and)?;
                is_rule(rest).then(|| &after[and.len() - 1..])
            });
            match next {
                Some(next) if is_list => rest = next,
                Some(_) | None => break,
            }
        }
    }
    rules
}

/// Splits a blank and the name of a rule off.
fn name(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix(' ').filter(|text| is_rule(text))?;
    let letters = text.len() - text.trim_start_matches(LETTERS).len();
    let digits = text[letters..].find(|c: char| !c.is_ascii_digit());
    let (name, rest) = text.split_at(digits.map_or(text.len(), |digits| letters + digits));
    (!rest.starts_with(is_name)).then(|| (name.to_uppercase(), rest))
}

fn is_rule(text: &str) -> bool {
    text.strip_prefix(LETTERS).unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
}

/// Some names of rules begin with one of these; the text is in lower case.
const LETTERS: [char; 3] = ['c', 'o', 'p'];

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Separates the code, without its strings, from the comments.
fn take_apart(text: &str) -> (String, Vec<Comment>) {
    let mut scanner = Scanner {
        rest: text.chars().peekable(),
        line: 1,
        last_comment: 0,
        code: String::new(),
        comments: Vec::new(),
    };
    while let Some(c) = scanner.next() {
        let next = scanner.rest.peek().copied();
        match (c, next) {
            ('/', Some('/')) => scanner.line_comment(),
            ('/', Some('*')) => scanner.block_comment(),
            ('"', _) => scanner.string(),
            ('r', Some('"' | '#')) if !scanner.code.ends_with(is_name) => scanner.raw_string(),
            ('\'', Some('\\')) => scanner.escaped_char(),
            ('\'', Some(_)) => scanner.char_or_lifetime(),
            _ => scanner.code.push(c),
        }
    }
    (scanner.code, scanner.comments)
}

impl Scanner<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while self.rest.peek().is_some_and(|c| *c != '\n') {
            text.extend(self.next());
        }
        self.comment(line, text.trim_start_matches(['/', '!']).trim());
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while !text.ends_with("*/")
            && let Some(c) = self.next()
        {
            text.push(c);
        }
        self.comment(line, &text);
    }

    /// A sentence may go on in the next line.
    fn comment(&mut self, line: usize, text: &str) {
        let goes_on = self.last_comment + 1 == line && self.is_only_comment();
        match self.comments.last_mut() {
            Some(last) if goes_on => {
                last.text.push(' ');
                last.text.push_str(text);
            }
            Some(_) | None => self.comments.push(Comment { line, text: text.into() }),
        }
        self.last_comment = self.line;
    }

    fn is_only_comment(&self) -> bool {
        self.code.rsplit('\n').next().is_some_and(|code| code.trim().is_empty())
    }

    fn string(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '"' => break,
                '\\' => drop(self.next()),
                _ => {}
            }
        }
        self.code.push(' ');
    }

    fn raw_string(&mut self) {
        let mut hashes = 0;
        while self.rest.next_if_eq(&'#').is_some() {
            hashes += 1;
        }
        if self.rest.next_if_eq(&'"').is_none() {
            // A raw identifier.
            return;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let mut text = String::new();
        while !text.ends_with(&end)
            && let Some(c) = self.next()
        {
            text.push(c);
        }
        self.code.push(' ');
    }

    fn escaped_char(&mut self) {
        self.next();
        self.next();
        while self.next().is_some_and(|c| c != '\'') {}
    }

    fn char_or_lifetime(&mut self) {
        let c = self.next();
        if self.rest.next_if_eq(&'\'').is_none() {
            self.code.push(' ');
            self.code.extend(c);
        }
    }
}

#[test]
fn citations_are_read_from_comments_only() {
    let source = Source::new(
        "//! As rules 7, 9 and 15 have it, rule 2 R later.\nfn f<'a>(c: char) { // Rule 10: why\n\
         let url = \"// rule 1 \\\" rule 2\"; let c = '\"'; /* the rule 3 */\n\
         let raw = r#\"rule 4 \" rule 5\"#; // see rule\n// 16, and a ruler 8, subrule 9, rule 13b\n}",
    );
    let found = source.citations.iter().map(|(line, rule)| (*line, rule.as_str()));
    let expected = [(1, "7"), (1, "9"), (1, "15"), (1, "2"), (2, "10"), (3, "3"), (4, "16")];
    assert!(found.eq(expected), "{:?}", source.citations);
    assert!(["f", "char", "url", "raw"].iter().all(|name| source.names.contains(*name)));
    assert!(!source.names.contains("rule"), "{:?}", source.names);
}

#[test]
fn a_rule_may_have_a_letter() {
    assert_eq!(
        rules_in("Rule C7 (a): why; rules P1, 5 and O2. Rule C1's"),
        ["C7", "P1", "5", "O2", "C1"]
    );
    assert_eq!(rules_in("rule p12x, rule c7_a, rule control"), [] as [&str; 0]);
}

#[test]
fn one_rule_does_not_cite_the_numbers_that_follow() {
    assert_eq!(rules_in("rule 10, 2 R later"), ["10"]);
    assert_eq!(rules_in("rules 10, 11, and 12 and more"), ["10", "11", "12"]);
    assert_eq!(rules_in("Rule, rules, rule x, rule c, rule cc1"), [] as [&str; 0]);
}
