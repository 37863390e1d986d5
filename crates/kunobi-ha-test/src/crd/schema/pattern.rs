//! Regular expressions as Go writes them.

mod translate;

use regex::Regex;

/// A pattern, compiled once.
#[derive(Clone, Debug)]
pub(in crate::crd) struct Pattern {
    text: String,
    compiled: Result<Regex, String>,
}

impl Pattern {
    pub(in crate::crd) fn new(text: &str) -> Self {
        let compiled = translate::translated(text)
            .and_then(|translated| Regex::new(&translated).map_err(|error| reason(text, &error)))
            .map_err(|why| format!("error parsing regexp: {why}"));
        Self { text: text.to_owned(), compiled }
    }

    /// As it stands in the schema.
    pub(in crate::crd) fn text(&self) -> &str {
        &self.text
    }

    pub(in crate::crd) fn is_match(&self, value: &str) -> bool {
        self.compiled.as_ref().is_ok_and(|regex| regex.is_match(value))
    }

    /// Why it is no regular expression.
    pub(in crate::crd) fn error(&self) -> Option<&str> {
        self.compiled.as_ref().err().map(String::as_str)
    }
}

/// What the translation let pass. The crate's own text has several lines; its last one is the reason.
fn reason(text: &str, error: &regex::Error) -> String {
    let error = error.to_string();
    let last = error.lines().last().unwrap_or_default();
    let last = last.strip_prefix("error: ").unwrap_or(last);
    let why = match last {
        "unclosed group" => "missing closing )",
        "unopened group" => "unexpected )",
        other => other,
    };
    format!("{why}: `{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, value, is_match) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^\w+$", "é", false),
            (r"^[\w.-]+$", "a-b.c_d", true),
            (r"^[^\d]$", "x", true),
            (r"^[^\d]$", "1", false),
            (r"^[[a]+$", "[a", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^[]a]+$", "]a", true),
            (r"^[a&&b]+$", "a&b", true),
            (r"^\S+\s\S+$", "a b", true),
            (r"\bfoo\b", "a foo b", true),
            (r"^a{,2}$", "a{,2}", true),
            (r"^a{1,2}$", "aa", true),
            (r"^a{1,2}?$", "aa", true),
            (r"^\<a\>$", "<a>", true),
            (r"a", "bab", true),
            (r"^\/x$", "/x", true),
            (r"^$|^a$", "", true),
            (r"^(?i)ab(?P<n>c)$", "ABC", true),
            (r"^[+-]?a*?$", "-a", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
        ] {
            let compiled = Pattern::new(pattern);
            assert_eq!(compiled.error(), None, "{pattern}");
            assert_eq!(compiled.is_match(value), is_match, "{pattern} {value}");
        }
    }
}
