//! Text from outside, as it may be shown.

use std::{error::Error, fmt};

/// What a server or a client said: short, on one line, without control characters.
///
/// All text of an answer that is shown is made this way, so that a server can't write lines or
/// endless text into a log or an error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Words(String);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut words = String::new();
        for word in text.split_whitespace() {
            if !words.is_empty() {
                words.push(' ');
            }
            for char in word.chars() {
                if words.len() >= LONGEST {
                    words.push('…');
                    return Self(words);
                }
                match char {
                    '"' | '\'' | '\\' => words.push(char),
                    _ => words.extend(char.escape_debug()),
                }
            }
        }
        Self(words)
    }

    /// Takes an error and its sources, because the client's own text says little.
    pub(super) fn of_error(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            let more = error.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            source = error.source();
        }
        Self::of(&text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// In bytes; what the API server itself says is shorter.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_on_one_line_and_nothing_else_is_changed() {
        let plain = r#"leases "l" is forbidden: User 'x' cannot get resource, C:\"#;
        assert_eq!(Words::of(plain).as_str(), plain);
        let forged = "no\r\n2026-01-01 ERROR all is lost\u{1b}[31m\u{202e}\0";
        let told = r"no 2026-01-01 ERROR all is lost\u{1b}[31m\u{202e}\0";
        assert_eq!(Words::of(forged).as_str(), told);
        let long = Words::of(&"é ".repeat(500_000));
        assert!(long.as_str().len() <= LONGEST + "é…".len() && long.as_str().ends_with('…'));
    }

    #[test]
    fn the_sources_of_an_error_are_told_once_each() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Layer(&'static str, #[source] Option<Box<Self>>);
        let refused = Layer("connection refused", None);
        let connect = Layer("client error: connection refused", Some(Box::new(refused)));
        let request = Layer("request failed", Some(Box::new(connect)));
        let told = "request failed: client error: connection refused";
        assert_eq!(Words::of_error(&request).as_str(), told);
    }
}
