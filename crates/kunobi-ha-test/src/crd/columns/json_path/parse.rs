//! From a text to steps.

use super::{Filter, Slice, Step};

/// The rest of a text. The end of an expression is the brace after it.
struct Parser<'a> {
    rest: &'a str,
    steps: Vec<Step>,
}

/// The steps of the first expression in `{text}`. What follows a brace in the text must be readable, too.
pub(super) fn expression(text: &str) -> Option<Vec<Step>> {
    let text = format!("{text}}}");
    let mut parser = Parser { rest: &text, steps: Vec::new() };
    parser.action()?;
    let steps = std::mem::take(&mut parser.steps);
    while let Some((_, rest)) = parser.rest.split_once('{') {
        parser.rest = rest;
        parser.action()?;
    }
    Some(steps)
}

impl Parser<'_> {
    /// Reads up to the brace that ends the expression.
    fn action(&mut self) -> Option<()> {
        loop {
            let first = self.rest.chars().next()?;
            if self.rest.starts_with("[?(") {
                self.filter()?;
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("..") {
                if self.steps.last() == Some(&Step::Deep) {
                    return None;
                }
                self.rest = rest;
                self.steps.push(Step::Deep);
                if rest.starts_with(is_word) {
                    self.field();
                }
                continue;
            }
            match first {
                '}' => {
                    self.skip(1);
                    return Some(());
                }
                ' ' | '@' | '$' => self.skip(1),
                '[' => self.brackets()?,
                '"' | '\'' => self.quote(first)?,
                '.' => {
                    self.skip(1);
                    self.field();
                }
                '+' | '-' => self.number()?,
                _ if first.is_numeric() => self.number()?,
                _ if is_word(first) => self.word(),
                _ => return None,
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// A name up to a character that can only stand in one after a backslash.
    fn field(&mut self) {
        let mut name = String::new();
        let mut letters = self.rest.char_indices();
        let end = loop {
            match letters.next() {
                None => break self.rest.len(),
                Some((_, '\\')) => {
                    name.extend(letters.next().map(|(_, c)| c).filter(|c| *c != '\\'));
                }
                Some((at, letter)) if is_terminator(letter) => break at,
                Some((_, letter)) => name.push(letter),
            }
        };
        let is_every = self.rest.get(..end) == Some("*");
        self.skip(end);
        self.steps.push(if is_every { Step::Every } else { Step::Field(name) });
    }

    fn word(&mut self) {
        let end = self.rest.find(is_terminator).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.steps.push(match word {
            "true" | "false" => Step::Literal((word == "true").into()),
            _ => Step::Word,
        });
        self.rest = rest;
    }

    fn number(&mut self) -> Option<()> {
        let digits = self.rest.strip_prefix(['+', '-']).unwrap_or(self.rest);
        let end = digits.find(|c: char| !(c == '.' || c.is_numeric())).unwrap_or(digits.len());
        let end = end + self.rest.len() - digits.len();
        let (number, rest) = self.rest.split_at(end);
        let literal = match number.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => number.parse::<f64>().ok()?.into(),
        };
        self.steps.push(Step::Literal(literal));
        self.rest = rest;
        Some(())
    }

    fn quote(&mut self, quote: char) -> Option<()> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        let end = loop {
            match letters.next()? {
                (_, '\n') => return None,
                (_, '\\') => text.push(match letters.next()?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => hexadecimal(letters.by_ref().map(|(_, c)| c).take(4))?,
                    'U' => hexadecimal(letters.by_ref().map(|(_, c)| c).take(8))?,
                    c if c == '\\' || c == quote => c,
                    _ => return None,
                }),
                (at, letter) if letter == quote => break at,
                (_, letter) => text.push(letter),
            }
        };
        self.skip(end + 1);
        self.steps.push(Step::Text(text));
        Some(())
    }

    /// `[…]`: an index, a slice, a name in quotes, or several of them.
    fn brackets(&mut self) -> Option<()> {
        let (inside, rest) = self.rest.strip_prefix('[')?.split_once(']')?;
        if inside.contains('\n') {
            return None;
        }
        self.rest = rest;
        if inside.contains(',') {
            let parts =
                inside.split(',').map(|part| expression(&format!("[{}]", part.trim_matches(' '))));
            self.steps.push(Step::Union(parts.collect::<Option<_>>()?));
            return Some(());
        }
        let quoted = inside.strip_prefix('\'').and_then(|inside| inside.strip_suffix('\''));
        if let Some(name) = quoted.filter(|name| !name.contains('\'')) {
            self.steps.extend(expression(&format!(".{name}"))?);
            return Some(());
        }
        self.steps.push(Step::Slice(Slice::parse(inside)?));
        Some(())
    }

    /// `[?(…)]`.
    fn filter(&mut self) -> Option<()> {
        let inside = self.rest.strip_prefix("[?(")?;
        let end = filter_end(inside)?;
        let (inside, rest) = inside.split_at(end);
        self.rest = rest.strip_prefix(")]")?;
        let (left, test) = match comparison(inside) {
            None => (inside, None),
            Some((left, operator, right)) => {
                (left, Some((operator.to_owned(), expression(right)?)))
            }
        };
        self.steps.push(Step::Filter(Filter { left: expression(left)?, test }));
        Some(())
    }
}

impl Slice {
    fn parse(text: &str) -> Option<Self> {
        let text = if text == "*" { ":" } else { text };
        let mut parts = text.split(':');
        let mut part = || match parts.next() {
            None | Some("") => Some(None::<i64>),
            Some(part) if part.starts_with('+') => None,
            Some(part) => part.parse().ok().map(Some),
        };
        let (from, to, step) = (part()?, part()?, part()?);
        if parts.next().is_some() {
            return None;
        }
        let is_index = !text.contains(':');
        let to = if is_index { Some(from.unwrap_or_default().checked_add(1)?) } else { to };
        Some(Self { from, to, is_index, step })
    }
}

fn hexadecimal(digits: impl Iterator<Item = char>) -> Option<char> {
    let code = digits.map(|digit| digit.to_digit(16));
    let code = code.reduce(|code, digit| code?.checked_mul(16)?.checked_add(digit?))??;
    char::from_u32(code)
}

/// Where the parenthesis is that ends a filter: not one in quotes.
fn filter_end(text: &str) -> Option<usize> {
    let (mut quote, mut is_closed, mut before) = (None, false, ' ');
    for (at, letter) in text.char_indices() {
        match (letter, quote) {
            ('\n', _) => return None,
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(quote)) if letter == quote && before != '\\' => is_closed = true,
            (')', quote) if quote.is_some() == is_closed => return Some(at),
            _ => {}
        }
        before = letter;
    }
    None
}

/// The sides of a comparison, and what is between them.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let is_operator = |letter: char| "!<>=".contains(letter);
    let start = text.find(is_operator).filter(|start| *start > 0)?;
    let (left, rest) = text.split_at(start);
    let end = rest.find(|letter| !is_operator(letter)).unwrap_or(rest.len());
    // Something must be left to compare with.
    let end = if end == rest.len() { end - 1 } else { end };
    let (operator, right) = rest.split_at(end);
    (!operator.is_empty()).then_some((left, operator, right))
}

fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn is_terminator(letter: char) -> bool {
    " \t\r\n.,[]$@{}".contains(letter)
}
