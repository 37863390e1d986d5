//! Classes of characters.

use super::{Operand, Translator};

impl<'a> Translator<'a> {
    /// `[...]`.
    pub(super) fn class(&mut self) -> Result<(), String> {
        let begin = self.rest;
        self.copy(1);
        if self.rest.starts_with('^') {
            self.copy(1);
        }
        let mut is_first = true;
        loop {
            let at = self.rest;
            let Some(character) = at.chars().next() else {
                return Err(format!("missing closing ]: `{begin}`"));
            };
            match character {
                ']' if !is_first => break,
                '\\' => self.escape(true)?,
                '[' if at.starts_with("[:") => self.named_class()?,
                '[' | ']' | '&' | '~' => {
                    self.result.push('\\');
                    self.copy(1);
                }
                '-' if at.starts_with("--") => {
                    self.result.push('\\');
                    self.copy(1);
                }
                low => {
                    let length = low.len_utf8();
                    check_range(low, at.get(length..).unwrap_or_default(), at)?;
                    self.copy(length);
                }
            }
            is_first = false;
        }
        self.copy(1);
        self.operand = Operand::Some;
        Ok(())
    }

    /// `[:alpha:]`.
    fn named_class(&mut self) -> Result<(), String> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print",
            "punct", "space", "upper", "word", "xdigit",
        ];
        let at = self.rest;
        let Some(end) = at.find(":]") else {
            self.result.push('\\');
            self.copy(1);
            return Ok(());
        };
        let until = end.saturating_add(2);
        let text = at.get(..until).unwrap_or_default();
        let name = text.trim_matches(['[', ']', ':', '^']);
        if !NAMES.contains(&name) {
            return Err(format!("invalid character class range: `{text}`"));
        }
        self.copy(until);
        Ok(())
    }

    /// What follows `\p`.
    pub(super) fn unicode_class(&mut self, at: &'a str) -> Result<(), String> {
        let length = match self.rest.find('}').filter(|_| self.rest.starts_with('{')) {
            Some(end) => end.saturating_add(1),
            None => self.rest.chars().next().map_or(0, char::len_utf8),
        };
        let text = at.get(..length.saturating_add(2)).unwrap_or_default();
        if regex::Regex::new(text).is_err() {
            return Err(format!("invalid character class range: `{text}`"));
        }
        self.copy(length);
        Ok(())
    }
}

/// Of `z-a`, the first is not after the last.
fn check_range(low: char, after: &str, at: &str) -> Result<(), String> {
    let high = after.strip_prefix('-').and_then(|after| after.chars().next());
    if let Some(high) = high.filter(|high| !"]\\[".contains(*high) && *high < low) {
        let length = low.len_utf8().saturating_add(1).saturating_add(high.len_utf8());
        let text = at.get(..length).unwrap_or_default();
        return Err(format!("invalid character class range: `{text}`"));
    }
    Ok(())
}
