//! Paths such as `.status.conditions[?(@.type=="Ready")].status`, read and followed as kubectl's package
//! `jsonpath` does it.

mod evaluate;
mod parse;

use std::borrow::Cow;

use serde_json::Value;

/// One expression: what stands between braces in a template of kubectl.
#[derive(Debug)]
pub(super) struct JsonPath(Vec<Step>);

/// What is done with each of the values so far.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    /// `*`.
    Every,
    /// `..`: the value and all that is in it.
    Deep,
    Slice(Slice),
    Filter(Filter),
    /// The results of each.
    Union(Vec<Vec<Self>>),
    /// In place of the values.
    Text(String),
    /// In place of each value.
    Literal(Value),
    /// A word that means nothing here.
    Word,
}

/// `[from:to:step]`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Slice {
    from: Option<i64>,
    to: Option<i64>,
    /// `[from]`, one element.
    is_index: bool,
    step: Option<i64>,
}

/// `[?(left operator right)]`. Without an operator, `left` only has to be there.
#[derive(Clone, Debug, PartialEq)]
struct Filter {
    left: Vec<Step>,
    test: Option<(String, Vec<Step>)>,
}

impl JsonPath {
    /// None: kubectl can't read it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        parse::expression(text).map(Self)
    }

    /// The first value that the path leads to.
    pub(super) fn first<'a>(&'a self, value: &'a Value) -> Option<Cow<'a, Value>> {
        let results = evaluate::all(&self.0, vec![Cow::Borrowed(value)]).ok()?;
        results.into_iter().next()
    }
}
