//! Reads variables of the environment.

use std::ffi::OsString;

/// Reads a variable, and returns its value as [`said`] does.
#[cfg(feature = "shutdown")]
pub(crate) fn variable(name: &str) -> Option<String> {
    said(std::env::var_os(name))
}

/// Returns a value that was read without the blanks around it; `None` if it is unset, empty or blank.
pub(crate) fn said(value: Option<OsString>) -> Option<String> {
    // Where it is not Unicode, the code that parses it shows the replacement in its error.
    let value = value?.to_string_lossy().trim().to_owned();
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_counts_as_unset_and_blanks_around_a_value_do_not_count() {
        let cases = [
            (None, None),
            (Some(""), None),
            (Some(" \t\n"), None),
            (Some("a"), Some("a")),
            (Some(" a b\n"), Some("a b")),
        ];
        for (value, expected) in cases {
            assert_eq!(said(value.map(Into::into)).as_deref(), expected, "{value:?}");
        }
    }
}
