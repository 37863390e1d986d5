//! Faults as somebody writes them: only what makes sense gets through.

use std::{error::Error, fmt, str::FromStr};

use super::Faults;

/// Why a text does not describe [`Faults`]: what is wrong with it, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FaultsError(String);

/// From JSON, as `PUT /_ha/faults/CLIENT` takes it. What can't happen is refused, too.
///
/// ```
/// use kunobi_ha_test::Faults;
///
/// let faults: Faults = r#"{ "latency_after_ms": 200 }"#.parse()?;
/// assert_eq!(faults.latency_after_ms, 200);
/// let error = r#"{ "share": { "ratio": 7, "code": 503 } }"#.parse::<Faults>().unwrap_err();
/// assert!(error.to_string().contains("write a share from 0 to 1"));
/// # Ok::<(), kunobi_ha_test::FaultsError>(())
/// ```
impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        // A list would be read as the fields in their order.
        if !text.trim_ascii_start().starts_with('{') {
            let why = r#"it is no JSON object, as {"script": ["hang"]} is"#;
            return Err(FaultsError(why.to_owned()));
        }
        let faults: Self = serde_json::from_str(text).map_err(|error| {
            FaultsError(format!("{error}{}", place(text, error.line(), error.column())))
        })?;
        match faults.impossible() {
            Some(why) => Err(FaultsError(why)),
            None => Ok(faults),
        }
    }
}

impl fmt::Display for FaultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for FaultsError {}

/// The end of what was read when an error was found.
fn place(text: &str, line: usize, column: usize) -> String {
    let line = line.checked_sub(1).and_then(|line| text.lines().nth(line)).unwrap_or_default();
    let read = line.get(..column).unwrap_or(line);
    let cut = read.char_indices().rev().nth(SHOWN - 1).map_or(0, |(index, _)| index);
    let shown = read.get(cut..).unwrap_or_default();
    if shown.is_empty() { String::new() } else { format!(", after `{shown}`") }
}

/// How many characters of a bad text are shown.
const SHOWN: usize = 40;
