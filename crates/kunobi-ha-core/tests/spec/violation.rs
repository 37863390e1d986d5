//! What is wrong with a call: which row and rule it breaks, in which state.

use std::fmt;

use super::state::State;

/// A call that fits no row.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) row: &'static str,
    pub(crate) what: String,
    pub(crate) call: String,
    pub(crate) state: State,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, row, what, call, state } = self;
        write!(f, "spec: rule {rule} is broken, row \"{row}\": {what}\n  {call}\n  {state:?}")
    }
}
