//! What the environment says.

use std::{env, ffi::OsString};

/// Returns what a variable holds, without the blanks around it; `None` if it is unset or holds
/// nothing else.
pub(crate) fn variable(name: &str) -> Option<String> {
    said(env::var_os(name))
}

/// Returns what a variable that holds this says.
pub(crate) fn said(value: Option<OsString>) -> Option<String> {
    // What is not Unicode is told as such by what parses it.
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
