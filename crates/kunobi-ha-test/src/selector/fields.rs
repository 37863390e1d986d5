//! Field selectors: `a=b`, `a==b`, `a!=b`, and more of them between commas.

use serde_json::Value;

use super::Attribute;
use crate::{request::path::Key, types::Resource};

/// What is asked of one field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Term {
    pub(super) attribute: Attribute,
    pub(super) value: String,
    /// False: any other value.
    pub(super) is_equal: bool,
}

impl Term {
    pub(super) fn matches(&self, key: &Key, value: &Value) -> bool {
        (self.attribute.read(key, value) == self.value) == self.is_equal
    }
}

pub(super) fn parse(text: &str, resource: &Resource) -> Result<Vec<Term>, String> {
    let terms = read(text)?.into_iter().map(|(field, value, is_equal)| {
        Ok(Term { attribute: Attribute::of(resource, field)?, value, is_equal })
    });
    terms.collect()
}

/// The value that a field must have by a selector, whether or not a type has that field; none if the
/// selector can't be read.
pub(crate) fn required(text: &str, field: &str) -> Option<String> {
    let mut terms = read(text).ok()?.into_iter();
    terms.find(|(is, _, is_equal)| *is == field && *is_equal).map(|(_, value, _)| value)
}

/// Whether this is a selector of fields, of whatever type.
pub(crate) fn are_fields(text: &str) -> bool {
    read(text).is_ok()
}

/// Each field with its value, and whether it is to be equal.
fn read(text: &str) -> Result<Vec<(&str, String, bool)>, String> {
    let mut parts = split(text);
    // The order decides which of two faults is reported.
    parts.sort_unstable();
    let terms = parts.into_iter().filter(|part| !part.is_empty()).map(|part| {
        let (field, value, is_equal) = operands(part)
            .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{part}'"))?;
        Ok((field, unescape(value)?, is_equal))
    });
    terms.collect()
}

/// The parts between commas. A comma after a backslash belongs to a value.
fn split(text: &str) -> Vec<&str> {
    let mut is_escaped = false;
    text.split(|c| {
        let ends = c == ',' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })
    .collect()
}

fn operands(part: &str) -> Option<(&str, &str, bool)> {
    let (field, rest) = part.split_at(part.find('=')?);
    let value = rest.strip_prefix("==").or_else(|| rest.strip_prefix('='))?;
    // The first operator counts: `a=b!=c` has a strange value.
    Some(match field.strip_suffix('!') {
        Some(field) => (field, rest.strip_prefix('=')?, false),
        None => (field, value, true),
    })
}

fn unescape(value: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some(c @ ('\\' | ',' | '=')) => plain.push(c),
                other => {
                    let sequence: String = ['\\'].into_iter().chain(other).collect();
                    return Err(format!("{INVALID}: invalid escape sequence: {sequence}"));
                }
            },
            ',' | '=' => {
                return Err(format!("{INVALID}: unescaped character in value: {}", u32::from(c)));
            }
            c => plain.push(c),
        }
    }
    Ok(plain)
}

const INVALID: &str = "invalid field selector";
