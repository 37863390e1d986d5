//! Label selectors: `a`, `!a`, `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a>1`, `a<1`.

mod parser;
mod token;

pub(super) use self::parser::parse;

/// What is asked of one label.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Requirement {
    pub(super) key: String,
    pub(super) test: Test,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Test {
    Exists,
    Absent,
    In(Vec<String>),
    /// It is none of these, or is not there.
    NotIn(Vec<String>),
    Greater(i64),
    Less(i64),
}

impl Requirement {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn matches(&self, label: Option<&str>) -> bool {
        let is_one_of = |values: &[String]| values.iter().any(|value| label == Some(value));
        let number = || label.and_then(|label| label.parse::<i64>().ok());
        match &self.test {
            Test::Exists => label.is_some(),
            Test::Absent => label.is_none(),
            Test::In(values) => is_one_of(values),
            Test::NotIn(values) => !is_one_of(values),
            Test::Greater(than) => number().is_some_and(|number| number > *than),
            Test::Less(than) => number().is_some_and(|number| number < *than),
        }
    }
}
