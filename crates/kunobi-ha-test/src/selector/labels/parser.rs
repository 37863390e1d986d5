//! From a text to requirements, with the words of kube-apiserver for what it does not understand.

use std::collections::BTreeSet;

use super::{
    Requirement, Test,
    token::{Token, scan},
};
use crate::{
    go::quoted,
    validation::{label_key, label_value},
};

/// The tokens of a selector, read from left to right.
struct Parser<'a> {
    tokens: Vec<(Token, &'a str)>,
    next: usize,
}

enum Operator {
    In,
    NotIn,
    Equal,
    NotEqual,
    Greater,
    Less,
}

pub(in crate::selector) fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parser = Parser { tokens: scan(text), next: 0 };
    let mut requirements = Vec::new();
    let (mut next, mut found) = parser.peek();
    let mut expected = "!, identifier, or 'end of string'";
    while next != Token::End || !requirements.is_empty() {
        if !matches!(next, Token::Identifier | Token::Not) {
            return Err(format!("found '{found}', expected: {expected}"));
        }
        let requirement = parser.requirement();
        requirements
            .push(requirement.map_err(|why| format!("unable to parse requirement: {why}"))?);
        match parser.take() {
            (Token::End, _) => break,
            (Token::Comma, _) => {}
            (_, found) => return Err(format!("found '{found}', expected: ',' or 'end of string'")),
        }
        (next, found) = parser.peek();
        expected = "identifier after ','";
    }
    Ok(requirements)
}

impl<'a> Parser<'a> {
    /// The next token, where `in` and `notin` are ordinary words.
    fn peek(&self) -> (Token, &'a str) {
        match self.tokens.get(self.next) {
            Some((Token::In | Token::NotIn, literal)) => (Token::Identifier, literal),
            Some((token, literal)) => (*token, literal),
            None => (Token::End, ""),
        }
    }

    fn take(&mut self) -> (Token, &'a str) {
        let token = self.peek();
        self.next = self.next.saturating_add(1);
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let (mut token, mut key) = self.take();
        let is_absent = token == Token::Not;
        if is_absent {
            (token, key) = self.take();
        }
        if token != Token::Identifier {
            return Err(format!("found '{key}', expected: identifier"));
        }
        let problems = label_key(key);
        if !problems.is_empty() {
            let problems = problems.join("; ");
            return Err(format!("<nil>: Invalid value: {}: {problems}", quoted(key)));
        }
        let test = if is_absent {
            Test::Absent
        } else if matches!(self.peek().0, Token::End | Token::Comma) {
            Test::Exists
        } else {
            self.comparison(key)?
        };
        Ok(Requirement { key: key.into(), test })
    }

    fn comparison(&mut self, key: &str) -> Result<Test, String> {
        let operator = self.operator()?;
        let values = match operator {
            Operator::In | Operator::NotIn => self.values()?,
            Operator::Equal | Operator::NotEqual | Operator::Greater | Operator::Less => {
                BTreeSet::from([self.value()?])
            }
        };
        let mut problems = Vec::new();
        let mut number = None;
        if matches!(operator, Operator::Greater | Operator::Less) {
            let value = values.first().copied().unwrap_or_default();
            number = value.parse::<i64>().ok();
            if number.is_none() {
                let why = "for 'Gt', 'Lt' operators, the value must be an integer";
                problems.push(format!("values[0]: Invalid value: {}: {why}", quoted(value)));
            }
        }
        for (index, value) in values.iter().enumerate() {
            let wrong = label_value(value);
            if !wrong.is_empty() {
                let (value, why) = (quoted(value), wrong.join("; "));
                problems.push(format!("values[{index}][{key}]: Invalid value: {value}: {why}"));
            }
        }
        match problems.as_slice() {
            [] => {}
            [only] => return Err(only.clone()),
            all => return Err(format!("[{}]", all.join(", "))),
        }
        let values = values.into_iter().map(ToOwned::to_owned).collect();
        Ok(match operator {
            Operator::In | Operator::Equal => Test::In(values),
            Operator::NotIn | Operator::NotEqual => Test::NotIn(values),
            Operator::Greater => Test::Greater(number.unwrap_or(i64::MAX)),
            Operator::Less => Test::Less(number.unwrap_or(i64::MIN)),
        })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let token = self.tokens.get(self.next).map_or(Token::End, |(token, _)| *token);
        let (_, found) = self.take();
        match token {
            Token::In => Ok(Operator::In),
            Token::NotIn => Ok(Operator::NotIn),
            Token::Equals | Token::DoubleEquals => Ok(Operator::Equal),
            Token::NotEquals => Ok(Operator::NotEqual),
            Token::Greater => Ok(Operator::Greater),
            Token::Less => Ok(Operator::Less),
            Token::Close
            | Token::Comma
            | Token::End
            | Token::Identifier
            | Token::Not
            | Token::Open => {
                Err(format!("found '{found}', expected: in, notin, =, ==, !=, gt, lt"))
            }
        }
    }

    /// `(a,b)`, in which any of them may be empty.
    fn values(&mut self) -> Result<BTreeSet<&'a str>, String> {
        match self.take() {
            (Token::Open, _) => {}
            (_, found) => return Err(format!("found '{found}' expected: '('")),
        }
        let mut values = BTreeSet::new();
        match self.peek() {
            (Token::Identifier | Token::Comma, _) => {}
            (Token::Close, _) => {
                values.insert("");
            }
            (_, found) => return Err(format!("found '{found}', expected: ',', ')' or identifier")),
        }
        while values.is_empty() || self.peek().0 != Token::Close {
            match self.take() {
                (Token::Identifier, value) => {
                    values.insert(value);
                    let (next, found) = self.peek();
                    if !matches!(next, Token::Comma | Token::Close) {
                        return Err(format!("found '{found}', expected: ',' or ')'"));
                    }
                }
                (Token::Comma, _) => {
                    if values.is_empty() || matches!(self.peek().0, Token::Comma | Token::Close) {
                        values.insert("");
                    }
                }
                (_, found) => return Err(format!("found '{found}', expected: ',', or identifier")),
            }
        }
        self.take();
        Ok(values)
    }

    fn value(&mut self) -> Result<&'a str, String> {
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Ok("");
        }
        match self.take() {
            (Token::Identifier, value) => Ok(value),
            (_, found) => Err(format!("found '{found}', expected: identifier")),
        }
    }
}
