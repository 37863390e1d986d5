//! Calls of the user's code whose panics end here.

use std::{
    any::Any,
    fmt::{Display, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Calls something of the user's; returns the message if it panics.
pub(crate) fn catch<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        discard_payload(panic);
        text.unwrap_or_else(|| "no message".into())
    })
}

/// Returns the text of an error whose `Display` may fail or panic. To be called where the user's code
/// may run.
pub(crate) fn text(error: &dyn Display) -> String {
    let mut text = String::new();
    match catch(|| write!(text, "{error}")) {
        Ok(Ok(())) => text,
        Ok(Err(_)) | Err(_) => NO_TEXT.into(),
    }
}

/// Drops the payload of a panic, which may panic again.
fn discard_payload(panic: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // A second payload may panic as well: leaking it ends the chain.
        std::mem::forget(another);
    }
}

/// What stands for the text of an error that fails to give one.
const NO_TEXT: &str = "an error whose Display fails";

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing;

    struct Panicking;

    impl Display for Failing {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half of it")?;
            Err(std::fmt::Error)
        }
    }

    impl Display for Panicking {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words")
        }
    }

    #[test]
    fn an_error_that_cannot_be_displayed_has_a_text_of_ours() {
        assert_eq!(text(&"away"), "away");
        assert_eq!(text(&Failing), NO_TEXT);
        assert_eq!(text(&Panicking), NO_TEXT);
    }
}
