//! What comes with a request, part by part: only what makes sense gets through.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{
    fault::{Faults, FaultsError},
    status::Rejection,
};

/// What comes with a request, each part known to its row.
pub(super) struct Sent<'a> {
    pub(super) client: String,
    pub(super) values: BTreeMap<Parameter, String>,
    pub(super) body: &'a Bytes,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in super::super) enum Parameter {
    Namespace,
    Refresh,
    Resource,
    Since,
}

impl Sent<'_> {
    fn number(&self, parameter: Parameter) -> Result<Option<u64>, Rejection> {
        let Some(text) = self.values.get(&parameter) else { return Ok(None) };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number);
        number.map(Some).ok_or_else(|| parameter.bad(text, "is no number from 0 on"))
    }

    pub(super) fn since(&self) -> Result<u64, Rejection> {
        Ok(self.number(Parameter::Since)?.unwrap_or(0))
    }

    pub(super) fn refresh(&self) -> Result<Option<u64>, Rejection> {
        match self.number(Parameter::Refresh)? {
            Some(0) => Err(Parameter::Refresh.bad("0", "is too often: 1 second is the least")),
            refresh => Ok(refresh),
        }
    }

    /// The name of a type or a namespace.
    pub(super) fn name(&self, parameter: Parameter) -> Result<Option<String>, Rejection> {
        let is_apart = |letter: char| letter == '/' || letter.is_whitespace();
        match self.values.get(&parameter) {
            Some(name) if name.is_empty() => Err(parameter.bad("", "is empty: leave it out")),
            Some(name) if name.contains(is_apart) => Err(parameter.bad(name, "is no name")),
            name => Ok(name.cloned()),
        }
    }

    pub(super) fn client(&self) -> String {
        self.client.clone()
    }

    pub(super) fn faults(&self) -> Result<Box<Faults>, Rejection> {
        let bad =
            |why: &str| Rejection::bad_request(format!("the body does not describe faults: {why}"));
        let text = std::str::from_utf8(self.body).map_err(|error| bad(&error.to_string()))?;
        text.parse().map(Box::new).map_err(|error: FaultsError| bad(&error.to_string()))
    }
}

impl Parameter {
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Refresh => "refresh",
            Self::Resource => "resource",
            Self::Since => "since",
        }
    }

    fn bad(self, value: &str, why: &str) -> Rejection {
        Rejection::bad_request(format!("the parameter {:?}: {value:?} {why}", self.name()))
    }
}
