//! Text from outside, as a terminal may be given it.
//!
//! Any field of an object can be written by somebody who wants the terminal to do something: escape codes, new lines
//! that look like rows, characters that turn the direction of the text. Nothing from outside reaches the terminal but
//! through this module; [`Line`](crate::console::Line) and the tables use it for all text.

/// Returns the text on one line, with all characters that a terminal obeys or hides written as Rust escapes them.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\'' | '\\' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    shown
}

/// Returns what [`shown`] does, of at most this many characters: `…` stands for the rest.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    // As much as can be shown, so that a text of megabytes costs nothing.
    let end = text.char_indices().nth(longest + 1).map_or(text.len(), |(at, _)| at);
    let shown = shown(&text[..end]);
    if end == text.len() && shown.chars().count() <= longest {
        return shown;
    }
    shown.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// Returns JSON text with the characters escaped that [`shown`] escapes. Outside of strings JSON has none of them but
/// line ends.
pub(crate) fn json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        let harmless =
            matches!(char, '"' | '\'' | '\\' | '\n' | '\t') || char.escape_debug().len() == 1;
        if harmless {
            safe.push(char);
        } else {
            let units: Vec<String> = char
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect();
            safe.extend(units);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_shown() {
        let hostile = "a\u{1b}[31m\nb\r\u{202e}c\u{9b}2J\u{200b}\u{7}";
        assert_eq!(shown(hostile), r"a\u{1b}[31m\nb\r\u{202e}c\u{9b}2J\u{200b}\u{7}");
        assert_eq!(shown(r#"C:\x "y" é 日"#), r#"C:\x "y" é 日"#);
    }

    #[test]
    fn a_long_text_is_cut_to_what_was_asked() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 5), "abcd…");
        assert_eq!(cut("\u{1b}\u{1b}", 7), r"\u{1b}…");
        assert_eq!(cut(&"x".repeat(10_000), 20).chars().count(), 20);
    }

    #[test]
    fn json_says_the_same_after_it_was_made_safe() {
        let hostile = serde_json::json!({ "a": "\u{202e}\u{9b}\u{7f}\u{e0001}\u{1b}\n\"" });
        let text = json(&hostile.to_string());
        assert!(text.is_ascii(), "{text}");
        let again: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(again, hostile);
    }
}
