//! The words and symbols of a label selector.

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Token {
    Close,
    Comma,
    DoubleEquals,
    End,
    Equals,
    Greater,
    Identifier,
    In,
    Less,
    Not,
    NotEquals,
    NotIn,
    Open,
}

impl Token {
    fn of(literal: &str) -> Self {
        match literal {
            ")" => Self::Close,
            "," => Self::Comma,
            "==" => Self::DoubleEquals,
            "=" => Self::Equals,
            ">" => Self::Greater,
            "in" => Self::In,
            "<" => Self::Less,
            "!" => Self::Not,
            "!=" => Self::NotEquals,
            "notin" => Self::NotIn,
            "(" => Self::Open,
            _ => Self::Identifier,
        }
    }
}

/// Splits a selector into tokens, without the end. As in Kubernetes, a null character ends a token,
/// and at the beginning of one it ends the selector.
pub(super) fn scan(text: &str) -> Vec<(Token, &str)> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(SPACE);
    while !rest.is_empty() && !rest.starts_with('\0') {
        let length = if rest.starts_with("==") || rest.starts_with("!=") {
            2
        } else if rest.starts_with(SYMBOLS) {
            1
        } else {
            let ends = |c: char| c == '\0' || SYMBOLS.contains(&c) || SPACE.contains(&c);
            rest.find(ends).unwrap_or(rest.len())
        };
        let (literal, tail) = rest.split_at(length);
        tokens.push((Token::of(literal), literal));
        rest = tail.strip_prefix('\0').unwrap_or(tail).trim_start_matches(SPACE);
    }
    tokens
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
const SYMBOLS: [char; 7] = ['=', '!', '(', ')', ',', '>', '<'];
